/** What new and resumed runs in somebody's repository have in common: host, adapters, execution, result. */
import { type composeAgents, composeRun, composeSystem, disposeRun, endLostChildren } from '../compose.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { RunState } from '../engine/state.ts';
import type { Event, Fact } from '../events/event.ts';
import { forgetKept, resultBranch } from '../git/keep.ts';
import type { Repository } from '../git/repository.ts';
import { openWorkspace } from '../git/workspace.ts';
import { openFileLedger } from '../ledger/file.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sink } from '../ports/sink.ts';
import type { System } from '../ports/system.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { executeRun } from '../runtime/run.ts';

/** What both a new and a continued run are given. */
export interface LocalHost {
  readonly repository: string;
  /** `[node, entry]`, which answers to `scripted-agent`. */
  readonly self: readonly string[];
  readonly sinks: readonly Sink[];
  readonly signal: AbortSignal;
  readonly ask: System['ask'] | null;
  /** Told before the first event: the run's id and branch, and warnings. */
  readonly onStart: (start: {
    readonly run: string;
    readonly branch: string;
    readonly diagnostics: readonly Diagnostic[];
  }) => void;
}

export type LocalResult =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'ended'; readonly run: string; readonly branch: string; readonly state: RunState };

export interface Execution {
  readonly host: LocalHost;
  readonly repository: Repository;
  readonly folder: string;
  readonly plan: Plan;
  readonly agents: ReturnType<typeof composeAgents>;
  readonly past: readonly Event[];
  /** As in `RunOrder`. */
  readonly unseen?: readonly Event[];
  readonly opening: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Opens ledger and trees, runs to the end, leaves the folder so that the run can be resumed. */
export async function execute({
  host,
  repository,
  folder,
  plan,
  agents,
  past,
  unseen = [],
  opening,
  diagnostics,
}: Execution): Promise<LocalResult> {
  const branch = resultBranch(plan.run);
  const begun = [...past, ...unseen];
  const ledger = await openFileLedger(folder);
  let dependencies: Dependencies | null = null;
  try {
    if (begun.length > 0) await endLostChildren(folder);
    const resultRef = { gitDir: repository.commonDir, ref: `refs/heads/${branch}` };
    const workspace = await openWorkspace({
      objects: repository.commonDir,
      dir: folder,
      resultRef,
      base: plan.base,
    });
    const system = composeSystem(host.ask ? { ask: host.ask } : {});
    const { validation, agents: prices } = plan.settings;
    dependencies = await composeRun({
      ...{ ledger, workspace, agents, sinks: host.sinks, system, folder },
      ...(validation ? { validation } : {}),
      ...(prices ? { prices } : {}),
    });
    host.onStart({ run: plan.run, branch, diagnostics });
    const state = await executeRun(dependencies, { plan, past, unseen, opening, signal: host.signal });
    if (state.status === 'pass') {
      await workspace.dispose();
      if (begun.some(({ type }) => type === 'run_replayed')) await forgetKept(repository.commonDir, plan.run);
    }
    return { kind: 'ended', run: plan.run, branch, state };
  } finally {
    await ledger.close();
    if (dependencies) await disposeRun(dependencies);
  }
}

/** A person's mistake on the command line. */
export function usage(message: string, hint: string): Diagnostic {
  return { severity: 'error', code: 'usage', message, hint };
}

export function refused(...diagnostics: readonly Diagnostic[]): LocalResult {
  return { kind: 'refused', diagnostics };
}
