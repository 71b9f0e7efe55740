/** Whether a run's commands are isolated, and the sandbox that does it. Looked into once per process. */
import { createSandbox, type Sandbox } from './enclosure.ts';
import { homeOf, type Machine, readMachine } from './machine.ts';
import { hidden, objectStores, programFiles } from './mounts.ts';
import { type Probe, probeSandbox } from './probe.ts';

export interface IsolationOrder {
  /** `auto`: a sandbox where it can be had. */
  readonly mode: 'auto' | 'required' | 'off';
  /** Further paths, absolute, that all commands may read, and write. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** HOME of the run's commands, see `createSandbox`. */
  readonly home: string;
  /** The object store that trees borrow from. */
  readonly objects: string;
  /** The command that starts us again; its package is shown. */
  readonly self: readonly string[];
  /** What must not be seen, even where it lies in something that is shown: the repository, the run's folder. */
  readonly hidden: readonly string[];
}

export interface Isolation {
  /** Null: agents, gates and context commands see what our user sees. */
  readonly sandbox: Sandbox | null;
  /** What it is, `bubblewrap 0.8.0`; null where there is none. */
  readonly name: string | null;
  /** Why there is none, and what to do; null where there is one. */
  readonly why: { readonly reason: string; readonly hint: string } | null;
}

export async function isolate(order: IsolationOrder): Promise<Isolation> {
  if (order.mode === 'off') return none('the sandbox was switched off', 'leave out `--sandbox off`');
  known ??= look();
  const { machine, probe } = await known;
  if (!probe.usable) return none(probe.reason, probe.hint);
  const mounts = [
    ...order.hidden.flatMap(hidden),
    ...programFiles(order.self, homeOf()),
    ...objectStores(order.objects),
  ];
  const paths = { home: order.home, read: order.read, write: order.write };
  return {
    sandbox: createSandbox({ ...probe, machine, mounts, ...paths }),
    name: probe.name,
    why: null,
  };
}

let known: Promise<{ readonly machine: Machine; readonly probe: Probe }> | null = null;

async function look() {
  const machine = readMachine();
  return { machine, probe: await probeSandbox({ mounts: machine.mounts }) };
}

function none(reason: string, hint: string): Isolation {
  return { sandbox: null, name: null, why: { reason, hint } };
}
