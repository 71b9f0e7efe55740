/** Replaying: a new run from the state before a step of another one, which stays as it is. */
import { newRunId } from '../compose.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import type { ReplayPoint } from '../engine/replay.ts';
import type { RunSettings } from '../events/event.ts';
import { keepCommits, missingCommits } from '../git/keep.ts';
import { excludeOurs, type Repository } from '../git/repository.ts';
import { createRunFolder, listRuns, runFolder } from '../ledger/run-folder.ts';
import { seedRunFolder } from '../ledger/seed.ts';
import type { Plan } from '../plan/plan.ts';
import type { Isolation } from '../process/isolation.ts';
import { agentsHere, execute, type LocalHost, type LocalResult, refused, usage } from './local-run.ts';
import { checkAgents } from './prepare.ts';
import { openHere, readScript } from './read-files.ts';
import { planRecorded, type Recorded, readRecorded } from './recorded.ts';
import { type FoundPoint, findPoint, otherVersion, replayedEvents } from './replay-point.ts';

export interface ReplayedLocalRun extends LocalHost {
  /** Null: the latest run. */
  readonly run: string | null;
  /** As typed: a path in either spelling, the end of one, `@attempt` behind it where it is not the whole step. */
  readonly fromStep: string;
  /** Null: the one that the run was started with. */
  readonly agentScript: string | null;
  /** What is set anew; the rest is as it was. */
  readonly settings: Partial<RunSettings>;
  readonly resolvePath: (path: string) => string;
}

/** @throws GumpError as `startLocalRun`. */
export async function replayLocalRun(order: ReplayedLocalRun): Promise<LocalResult> {
  const repository = await openHere(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const of = await findRun(repository.root, order.run);
  if ('problem' in of) return refused(of.problem);
  const run = newRunId(new Date().toISOString());
  const settings = { ...of.started.settings, ...order.settings };
  const planned = planRecorded(of, { run, settings });
  const script = readScript(order.agentScript ?? settings.agent_script ?? null, order.resolvePath);
  if (!('value' in planned && 'value' in script))
    return refused(...planned.diagnostics, ...script.diagnostics);
  const plan = planned.value;
  const found = findPoint(of, plan, order.fromStep);
  if ('problem' in found) return refused(found.problem);
  const folder = runFolder(repository.root, run);
  const { agents, isolation, upstreams, ...wrong } = await agentsHere({
    ...{ repository, folder, settings, script: script.value, self: order.self },
  });
  const lost = await refuseLost(repository, of, found.point);
  const diagnostics = [...planned.diagnostics, ...wrong.diagnostics, ...checkAgents(plan, agents), ...lost];
  if (hasErrors(diagnostics)) return refused(...diagnostics);
  const { past, unseen } = await begin({ repository, of, plan, folder, isolation, ...found });
  return execute({
    ...{ host: order, repository, folder, plan, agents, isolation, upstreams, past, unseen, diagnostics },
    opening: [],
  });
}

/** The run that is named, else the latest. @throws GumpError `ledger` */
async function findRun(root: string, wanted: string | null): Promise<Recorded | { problem: Diagnostic }> {
  const runs = await listRuns(root);
  const chosen = runs.find(({ run, begun }) => (wanted === null ? begun : run === wanted));
  if (!chosen) {
    const what = wanted === null ? 'no run here has begun' : `there is no run ${wanted} here`;
    return { problem: usage(`nothing was replayed: ${what}`, '`gump status` lists the runs') };
  }
  const { run, engine } = chosen;
  if (engine) {
    const message = `nothing was replayed: the run ${run} is at work (process ${engine.pid})`;
    return { problem: usage(message, 'wait for its end or stop it, or name another run by --run ID') };
  }
  const found = await readRecorded(root, run);
  if (found === null) {
    const message = `nothing was replayed: the run ${run} was lost before it had begun`;
    return { problem: usage(message, 'start it again with `gump run`') };
  }
  const other = otherVersion(run, found.started.gump);
  return other ? { problem: other } : found;
}

/** Commits of a run live as long as its branch; without it git throws them away one day. */
async function refuseLost(
  { commonDir }: Repository,
  { run }: Recorded,
  { head, tips }: ReplayPoint,
): Promise<readonly Diagnostic[]> {
  const [lost] = await missingCommits(commonDir, [head, ...tips]);
  if (lost === undefined) return [];
  const message = `nothing was replayed: the commit ${lost} of the run ${run} is not in the repository any more`;
  return [usage(message, 'replay from an earlier step, or start a new run')];
}

interface Beginning extends FoundPoint {
  readonly repository: Repository;
  readonly of: Recorded;
  readonly plan: Plan;
  readonly folder: string;
  readonly isolation: Isolation;
}

/** The new run has begun when its ledger is there, which is last; it holds these events then. */
async function begin({ repository, of, plan, folder, isolation, path, point }: Beginning) {
  const { root, commonDir: gitDir } = repository;
  const { run, workflow, spec } = plan;
  const ts = new Date().toISOString();
  await excludeOurs(repository);
  await createRunFolder({ root, run, workflow, ts, spec: spec.text, snapshot: of.snapshot });
  const head = point.head === plan.base ? null : point.head;
  await keepCommits({ gitDir, run, head, beside: point.tips });
  const events = replayedEvents({ of: of.run, plan, isolation, path, point, ts });
  await seedRunFolder({ folder, events, from: of.folder });
  return { past: events.slice(0, -1), unseen: events.slice(-1) };
}
