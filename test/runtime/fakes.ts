/** Fakes behind the ports: commits in memory with trees on disk, agents and gates as functions, a clock that ticks. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { GateEffect } from '../../src/engine/effect.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { noUsage } from '../../src/engine/state.ts';
import type { Event, Fact, Usage } from '../../src/events/event.ts';
import { removeTree } from '../../src/git/remove.ts';
import { type MemoryLedger, openMemoryLedger } from '../../src/ledger/memory.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder, AgentRegistry } from '../../src/ports/agent.ts';
import type { GateOrder, GateResult, GateRunner } from '../../src/ports/gate.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Sink } from '../../src/ports/sink.ts';
import type { System } from '../../src/ports/system.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import type { Dependencies, Shell } from '../../src/runtime/dependencies.ts';
import { openLaunches } from '../../src/runtime/open.ts';
import { executeRun, type RunOrder } from '../../src/runtime/run.ts';
import { startOf } from '../engine/given.ts';

export type Files = Readonly<Record<string, string>>;

export interface FakeWorkspace extends Workspace {
  /** What a commit holds. */
  files(commit: string | null): Files;
  /** Where the result branch stands; null before the first advance. */
  branch(): string | null;
}

interface Commit {
  readonly files: Files;
  readonly parents: readonly string[];
}

/** `b0` holds `files`; the branch moves forward only, as git's does. */
function fakeWorkspace(dir: string, files: Files): FakeWorkspace {
  const commits = new Map<string, Commit>([['b0', { files, parents: [] }]]);
  let branch: string | null = null;
  const get = (id: string): Commit => {
    const found = commits.get(id);
    if (!found) throw new Error(`there is no commit ${id}`);
    return found;
  };
  const commit = (made: Commit, message: string): string => {
    const id = createHash('sha256')
      .update(JSON.stringify([made, message]))
      .digest('hex')
      .slice(0, 12);
    commits.set(id, made);
    return id;
  };
  const follows = (id: string, from: string): boolean =>
    id === from || get(id).parents.some((parent) => follows(parent, from));
  const put = async (name: string, id: string) => {
    const place = join(dir, name.replaceAll('/', '+') || 'run');
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    for (const [path, text] of Object.entries(get(id).files)) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), text);
    }
    return { dir: place, commit: id };
  };
  const changed = (from: Files, to: Files) =>
    [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((path) => from[path] !== to[path]).sort();
  return {
    files: (id) => (id === null ? {} : get(id).files),
    branch: () => branch,
    tree: (scope, id) => put(scope, id),
    view: (key, id) => put(`view+${key}`, id),
    async snapshot(scope, { parent, message }) {
      const now = readTree(join(dir, scope.replaceAll('/', '+') || 'run'));
      const paths = changed(get(parent).files, now);
      return {
        commit: paths.length === 0 ? parent : commit({ files: now, parents: [parent] }, message),
        files: paths,
      };
    },
    changes: async (tree) => changed(get(tree.commit).files, readTree(tree.dir)),
    async restore({ parent, to, message }) {
      const same = changed(get(parent).files, get(to).files).length === 0;
      return same ? parent : commit({ files: get(to).files, parents: [parent] }, message);
    },
    diff: async (from, to) =>
      changed(get(from).files, get(to).files)
        .map((path) => `~ ${path}\n`)
        .join(''),
    changedFiles: async (from, to) => changed(get(from).files, get(to).files),
    takeAway: async () => [],
    asFirst: async (commit) => ({ commit, paths: [] }),
    sinceBase: async (id) => changed(files, get(id).files),
    readFile: async (id, path) => get(id).files[path] ?? null,
    async merge({ ours, theirs, base, message }) {
      const paths = changed(get(base).files, get(theirs).files);
      const conflicts = paths
        .filter((path) => get(ours).files[path] !== get(base).files[path])
        .map((path) => ({ path, kind: null }));
      if (conflicts.length > 0) return { commit: null, conflicts };
      const merged = { ...get(ours).files };
      for (const path of paths) merged[path] = get(theirs).files[path] ?? '';
      return { commit: commit({ files: merged, parents: [ours, theirs] }, message), conflicts };
    },
    async advance(id) {
      if (branch !== null && !follows(id, branch)) throw new Error(`${id} does not follow from ${branch}`);
      branch = id;
    },
    dispose: async () => undefined,
  };
}

function readTree(dir: string): Files {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((path) => join(dir, path));
  const plain = paths.filter((path) => statSync(path).isFile());
  return Object.fromEntries(plain.map((path) => [relative(dir, path), readFileSync(path, 'utf8')]));
}

/** What an agent does; what it leaves out of its end is a plain success. */
export type Acting = (
  order: AgentOrder,
  tell: (event: AgentEvent) => Promise<void>,
) => Promise<Partial<AgentEnd> | undefined> | Partial<AgentEnd> | undefined;

/** `traits` are what an adapter says of its program. */
export function fakeAgents(act: Acting, traits: Omit<AgentAdapter, 'launch'> = {}): AgentRegistry {
  return {
    family: (agent) => agent.split('-')[0] ?? agent,
    find: (agent) =>
      agent === 'absent'
        ? { problem: 'there is no absent', hint: 'install it' }
        : {
            ...traits,
            async launch(order, onEvent) {
              const end = await act(order, async (event) => onEvent(event));
              return {
                outcome: 'ok',
                exitCode: 0,
                sessionId: `s-${order.step}-${order.attempt}`,
                output: 'done',
                error: null,
                usage: noUsage,
                durationMs: 5,
                ...end,
              };
            },
          },
  };
}

/** Settles as killed once the signal says so. */
export async function hang(order: AgentOrder, usage: Usage = noUsage): Promise<Partial<AgentEnd>> {
  if (!order.signal.aborted)
    await new Promise((resolve) => order.signal.addEventListener('abort', resolve, { once: true }));
  return { outcome: 'killed', exitCode: null, error: 'killed', usage };
}

export function write(order: AgentOrder, path: string, text: string): void {
  mkdirSync(dirname(join(order.cwd, path)), { recursive: true });
  writeFileSync(join(order.cwd, path), text);
}

export interface Fakes {
  readonly agent?: Acting;
  readonly traits?: Omit<AgentAdapter, 'launch'>;
  readonly gateway?: Gateway;
  readonly gate?: (order: GateOrder) => Promise<Partial<GateResult>> | Partial<GateResult>;
  /** Like `gate`, for whoever needs to know which attempt is judged. */
  readonly judge?: (effect: GateEffect) => {
    readonly status: GateResult['status'];
    readonly reason?: string;
  };
  readonly files?: Files;
  readonly sinks?: readonly Sink[];
  readonly ledger?: (inner: MemoryLedger) => Ledger;
  readonly redact?: (text: string) => string;
  readonly ask?: System['ask'];
  readonly shell?: Shell;
  readonly clear?: Dependencies['clear'];
}

export interface Bench {
  readonly ledger: MemoryLedger;
  readonly workspace: FakeWorkspace;
  readonly scratch: string;
  /** Starts the run, or goes on with it where the ledger holds events. */
  run(options?: {
    readonly signal?: AbortSignal;
    readonly more?: readonly Fact[];
    readonly listen?: NonNullable<RunOrder['listen']>;
    readonly handOver?: NonNullable<RunOrder['handOver']>;
    readonly course?: NonNullable<RunOrder['course']>;
  }): Promise<RunState>;
  events(): Promise<readonly Event[]>;
  close(): void;
}

export function bench(plan: Plan, fakes: Fakes = {}): Bench {
  const dir = mkdtempSync(join(tmpdir(), 'gump-runtime-'));
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch);
  const ledger = openMemoryLedger();
  const workspace = fakeWorkspace(join(dir, 'trees'), fakes.files ?? { 'a.js': 'a\n' });
  let clock = Date.UTC(2026, 10, 1);
  const gates: GateRunner = {
    run: async (order) => {
      const judged = fakes.judge?.(await judgedBy(ledger, order));
      return { status: 'pass', reason: '', log: '', ...judged, ...(await fakes.gate?.(order)) };
    },
  };
  const dependencies: Dependencies = {
    ledger: fakes.ledger?.(ledger) ?? ledger,
    workspace,
    agents: fakeAgents(fakes.agent ?? (() => undefined), fakes.traits),
    ...(fakes.gateway === undefined ? {} : { gateway: fakes.gateway }),
    gates,
    sinks: fakes.sinks ?? [],
    system: {
      now: () => new Date(clock++).toISOString(),
      redact: fakes.redact ?? ((text) => text),
      ask: fakes.ask ?? (async () => null),
    },
    shell: fakes.shell ?? (async () => ({ ok: false, stdout: '', reason: 'there is no shell' })),
    scratch,
    clear: fakes.clear ?? removeTree,
  };
  return {
    ledger,
    workspace,
    scratch,
    async run({ signal = new AbortController().signal, more = [], ...rest } = {}) {
      const past = await ledger.read();
      const opening: Fact[] =
        past.length === 0
          ? [startOf(plan)]
          : [{ type: 'run_resumed', run: plan.run, reason: 'was lost' }, ...more];
      return executeRun(dependencies, { plan, past, opening, signal, ...rest });
    },
    events: () => ledger.read(),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The effect behind an order: the newest gate of that kind that has begun on that commit, in that tree. */
async function judgedBy(ledger: Ledger, { gate, commit, cwd }: GateOrder): Promise<GateEffect> {
  const tree = basename(cwd)
    .replaceAll('+', '/')
    .replace(/^(run$|view\/)/, '');
  const begun = (await ledger.read()).findLast(
    (event) =>
      event.type === 'gate_started' &&
      event.gate === gate.kind &&
      event.commit === commit &&
      event.step.startsWith(tree),
  );
  if (begun?.type !== 'gate_started') throw new Error(`no gate ${gate.kind} has begun on ${commit}`);
  const { step: path, attempt } = begun;
  return { id: `${path}#${attempt}/${gate.kind}`, path, attempt, label: gate.kind } as GateEffect;
}

/** Launches without an end in what the ledger holds. */
export async function stillOpen(of: Bench): Promise<readonly string[]> {
  return openLaunches(fold(await of.events())).map(({ step, attempt }) => `${step}#${attempt}`);
}
