/** Going on with a run in somebody's repository, in the same ledger. */
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { fold } from '../engine/evolve.ts';
import type { SandboxMode } from '../events/event.ts';
import { resultBranch } from '../git/keep.ts';
import { listRuns } from '../ledger/run-folder.ts';
import { resumedFacts } from './facts.ts';
import { agentsHere, execute, type LocalHost, type LocalResult, refused, usage } from './local-run.ts';
import { checkAgents } from './prepare.ts';
import { openHere, readScript } from './read-files.ts';
import { planRecorded, type Recorded, readRecorded } from './recorded.ts';

export interface ResumedLocalRun extends LocalHost {
  /** Null: the latest run that did not pass. */
  readonly run: string | null;
  /** Null: the one that the run was started with. */
  readonly agentScript: string | null;
  /** Undefined: as before. */
  readonly maxBudgetUsd: number | undefined;
  /** Undefined: as before. */
  readonly sandbox?: SandboxMode | undefined;
  readonly resolvePath: (path: string) => string;
}

/** Goes on with a run that did not finish, in the same ledger. @throws GumpError as `startLocalRun`. */
export async function resumeLocalRun(order: ResumedLocalRun): Promise<LocalResult> {
  const repository = await openHere(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const found = await findRun(repository.root, order.run);
  if ('problem' in found) return refused(found.problem);
  const { run, folder, events, started } = found;
  if (repository.branch === resultBranch(run)) return refused(checkedOut(run));
  if (fold(events).status === 'pass')
    return refused(
      usage(`the run ${run} has passed; there is nothing to resume`, `merge it with \`gump apply ${run}\``),
    );
  const planned = planRecorded(found);
  const script = readScript(order.agentScript ?? started.settings.agent_script ?? null, order.resolvePath);
  if (!('value' in planned && 'value' in script))
    return refused(...planned.diagnostics, ...script.diagnostics);
  const sandbox = { ...started.settings.sandbox, ...(order.sandbox && { mode: order.sandbox }) };
  const settings = { ...started.settings, sandbox };
  const { agents, isolation, upstreams, diagnostics } = await agentsHere({
    ...{ repository, folder, settings, script: script.value, self: order.self },
  });
  const missing = [...diagnostics, ...checkAgents(planned.value, agents)];
  if (hasErrors(missing)) return refused(...missing);
  const opening = resumedFacts(run, events, { maxBudgetUsd: order.maxBudgetUsd });
  return execute({
    host: order,
    repository,
    folder,
    plan: planned.value,
    agents,
    isolation,
    upstreams,
    past: events,
    opening,
    diagnostics: [],
  });
}

/** The run would move the branch under the person who stands on it. */
function checkedOut(run: string): Diagnostic {
  return usage(
    `the run ${run} was not resumed: its branch ${resultBranch(run)} is checked out here, and the run would move it`,
    'go to another branch first: git switch -',
  );
}

/** The run that is named, else the latest one that has begun and not passed. @throws GumpError `ledger` */
async function findRun(root: string, wanted: string | null): Promise<Recorded | { problem: Diagnostic }> {
  const runs = await listRuns(root);
  if (wanted !== null && !runs.some(({ run }) => run === wanted))
    return { problem: usage(`there is no run ${wanted} here to resume`, '`gump status` lists the runs') };
  const candidates = runs.filter(({ run, status, problem }) =>
    wanted === null ? status !== 'pass' && problem === null : run === wanted,
  );
  for (const { run } of candidates) {
    const found = await readRecorded(root, run);
    if (found) return found;
  }
  const [lost] = candidates;
  const message = lost
    ? `the run ${lost.run} was lost before it had begun; there is nothing to resume`
    : 'there is no unfinished run here to resume';
  return {
    problem: usage(message, lost ? 'start it again with `gump run`' : '`gump status` lists the runs'),
  };
}
