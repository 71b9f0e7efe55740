/** Replaying: a new run from the state before a step of another one, which stays as it is. */
import { newRunId } from '../compose.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { birthsOf, type ReplayPoint, replayPoint } from '../engine/replay.ts';
import type { Event, Fact, RunSettings } from '../events/event.ts';
import { keepCommits, missingCommits } from '../git/keep.ts';
import { excludeOurs, type Repository } from '../git/repository.ts';
import { createRunFolder, listRuns, runFolder } from '../ledger/run-folder.ts';
import { seedRunFolder } from '../ledger/seed.ts';
import type { Plan } from '../plan/plan.ts';
import type { Isolation } from '../process/isolation.ts';
import { emptyScope, evolveScope } from '../report/scope.ts';
import { shownPath } from '../report/shown.ts';
import { findStep, type NamedStep } from '../report/step-name.ts';
import { startedFact } from './facts.ts';
import { withIsolation } from './isolation.ts';
import { agentsHere, execute, type LocalHost, type LocalResult, refused, usage } from './local-run.ts';
import { checkAgents, isStepPath } from './prepare.ts';
import { openHere, readScript } from './read-files.ts';
import { planRecorded, type Recorded, readRecorded } from './recorded.ts';
import { gumpVersion } from './version.ts';

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
  return isReadable(found.started.gump) ? found : { problem: otherVersion(run, found.started.gump) };
}

/** What events mean may change with every minor version before 1.0. */
function isReadable(gump: string): boolean {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.');
  return minor(gump) === minor(gumpVersion);
}

function otherVersion(run: string, gump: string): Diagnostic {
  return usage(
    `nothing was replayed: the run ${run} was made by gump ${gump}, this is ${gumpVersion}`,
    `start a new run, or replay it with gump ${gump}`,
  );
}

interface Found {
  /** State path. */
  readonly path: string;
  readonly point: ReplayPoint;
}

function findPoint(of: Recorded, plan: Plan, typed: string): Found | { problem: Diagnostic } {
  const [, name = typed, number] = /^(.*)@(\d+)$/.exec(typed) ?? [];
  const attempt = number === undefined ? null : Number(number);
  const steps = startedSteps(plan, of.events);
  const step = findStep(name, steps);
  if (step.kind === 'several') {
    const message = `nothing was replayed: several steps of the run ${of.run} are called ${name}`;
    return { problem: usage(message, `name one of them: ${step.paths.join(', ')}`) };
  }
  if (step.kind === 'unknown') return { problem: unknownStep({ of, plan, name, steps, near: step.near }) };
  const { path } = step;
  const point = replayPoint({ plan, events: of.events, path, attempt });
  if (point) return { path, point };
  const message = `nothing was replayed: ${step.shown} had no attempt ${attempt} in the run ${of.run}`;
  return { problem: usage(message, `\`gump report ${of.run} --detail ${step.shown}\` lists its attempts`) };
}

/** Every step that has started, in the order of their last beginning. */
function startedSteps(plan: Plan, events: readonly Event[]): readonly NamedStep[] {
  const { tasks } = events.reduce(evolveScope, emptyScope);
  return [...birthsOf(plan, events).keys()].map((path) => {
    return { path, shown: shownPath(plan.build, tasks, path) };
  });
}

interface Unknown {
  readonly of: Recorded;
  readonly plan: Plan;
  readonly name: string;
  readonly steps: readonly NamedStep[];
  readonly near: string | null;
}

function unknownStep({ of, plan, name, steps, near }: Unknown): Diagnostic {
  const started = steps.map(({ shown }) => shown).join(', ');
  if (isStepPath(plan.nodes, plan.build, name.split('/'))) {
    const message = `nothing was replayed: the step ${name} never started in the run ${of.run}`;
    return usage(message, `these did: ${started}; \`gump run --resume\` goes on where the run ended`);
  }
  const hint = near ? `did you mean ${near}?` : `its steps are: ${started}`;
  return usage(`nothing was replayed: there is no step ${name} in the run ${of.run}`, hint);
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

interface Beginning extends Found {
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
  const replayed: Fact = { type: 'run_replayed', run, of: of.run, from_step: path };
  const started = withIsolation([startedFact(plan)], isolation).map((fact) => ({ ts, ...fact }));
  const lines = [...started, ...point.events, { ts, ...replayed }];
  const events = lines.map((line, index): Event => ({ ...line, v: 1, seq: index + 1 }));
  await seedRunFolder({ folder, events, from: of.folder });
  return { past: events.slice(0, -1), unseen: events.slice(-1) };
}
