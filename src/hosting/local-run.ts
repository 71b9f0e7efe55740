/** What new and resumed runs in somebody's repository have in common: host, adapters, execution, result. */
import type { AgentScript } from '../agents/script.ts';
import { composeAgents, composeRun, composeSystem, disposeRun, endLostChildren } from '../compose.ts';
import type { Config } from '../config/config.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { RunState } from '../engine/state.ts';
import type { Event, Fact, RunSettings } from '../events/event.ts';
import { forgetKept, holdCommits, resultBranch } from '../git/keep.ts';
import { removeTree } from '../git/remove.ts';
import type { Repository } from '../git/repository.ts';
import { openWorkspace } from '../git/workspace.ts';
import { openFileLedger } from '../ledger/file.ts';
import { holdingLedger } from '../ledger/holding.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sink } from '../ports/sink.ts';
import type { System } from '../ports/system.ts';
import type { Isolation } from '../process/isolation.ts';
import { temporaryFolderHint, temporaryFolderProblem } from '../process/temporary.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { executeRun } from '../runtime/run.ts';
import { ownGateway } from './config-layers.ts';
import { hasChanged } from './facts.ts';
import {
  homeIn,
  isolateLocalRun,
  type LocalPlace,
  noticeOfIsolation,
  refuseIsolation,
  warnOfIsolation,
  withIsolation,
} from './isolation.ts';
import { gumpVersion } from './version.ts';

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
  | {
      readonly kind: 'ended';
      readonly run: string;
      readonly branch: string;
      readonly state: RunState;
      /** False where its tree is the one that it began with. */
      readonly changed: boolean;
    };

export interface Execution {
  readonly host: LocalHost;
  readonly repository: Repository;
  readonly folder: string;
  readonly plan: Plan;
  readonly agents: ReturnType<typeof composeAgents>;
  readonly isolation: Isolation;
  /** Of the user's own file, as it is now. */
  readonly upstreams: Config['gateway'];
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
  isolation,
  upstreams,
  past,
  unseen = [],
  opening,
  diagnostics,
}: Execution): Promise<LocalResult> {
  const branch = resultBranch(plan.run);
  const begun = [...past, ...unseen];
  const ledger = await openFileLedger(folder);
  const heldLedger = holdingLedger(ledger, holdCommits(repository.commonDir, plan.run));
  let dependencies: Dependencies | null = null;
  try {
    if (begun.length > 0) await endLostChildren(folder);
    // The branch comes with the first commit, and the person's own may be rewritten before.
    heldLedger.hold(plan.base);
    await removeTree(homeIn(folder));
    const resultRef = { gitDir: repository.commonDir, ref: `refs/heads/${branch}` };
    const workspace = await openWorkspace({
      objects: repository.commonDir,
      dir: folder,
      resultRef,
      base: plan.base,
    });
    const system = composeSystem({ upstreams, ...(host.ask ? { ask: host.ask } : {}) });
    const { validation, agents: prices } = plan.settings;
    dependencies = await composeRun({
      ...{
        ledger: heldLedger,
        workspace,
        agents,
        sinks: host.sinks,
        system,
        folder,
        sandbox: isolation.sandbox,
        upstreams,
      },
      ...(validation ? { validation } : {}),
      ...(prices ? { prices } : {}),
    });
    const warnings = [...diagnostics, ...warnOfIsolation(isolation)];
    host.onStart({ run: plan.run, branch, diagnostics: warnings });
    const state = await executeRun(dependencies, {
      ...{ plan, past, unseen, signal: host.signal },
      opening: [...withIsolation(opening, isolation), ...noticeOfIsolation(isolation)],
    });
    if (state.status === 'pass') {
      await workspace.dispose();
      await forgetKept(repository.commonDir, plan.run);
    }
    return { kind: 'ended', run: plan.run, branch, state, changed: hasChanged(state, plan.base) };
  } finally {
    await ledger.close();
    // What cannot be removed now is removed by the next engine of this run.
    await removeTree(homeIn(folder)).catch(() => undefined);
    if (dependencies) await disposeRun(dependencies);
  }
}

export interface AgentsHere extends LocalPlace {
  readonly script: AgentScript | null;
  readonly settings: RunSettings;
}

/** The agents of a run here, and what isolates them; a diagnostic where the settings want what cannot be had. */
export async function agentsHere({ script, settings, ...place }: AgentsHere) {
  const wanted = settings.sandbox ?? {};
  const isolation = await isolateLocalRun(wanted, place);
  const { sandbox } = isolation;
  const { self, folder } = place;
  const { gateway: upstreams, diagnostics: broken } = ownGateway();
  const choice = { script, self, folder, agents: settings.agents, upstreams, sandbox, version: gumpVersion };
  const diagnostics = [...broken, ...refuseTemporaryFolder(), ...refuseIsolation(wanted, isolation)];
  return { agents: composeAgents(choice), isolation, upstreams, diagnostics };
}

function refuseTemporaryFolder(): readonly Diagnostic[] {
  const problem = temporaryFolderProblem();
  return problem === null ? [] : [usage(problem, temporaryFolderHint)];
}

/** A person's mistake on the command line. */
export function usage(message: string, hint: string): Diagnostic {
  return { severity: 'error', code: 'usage', message, hint };
}

export function refused(...diagnostics: readonly Diagnostic[]): LocalResult {
  return { kind: 'refused', diagnostics };
}
