/** `gump report`: what a run did, what it cost, and what nothing checked; a function of its folder. */
import type { Diagnostic } from '../diagnostic.ts';
import { listRuns, lookThroughRuns, type RunListing, readRunFolder } from '../ledger/run-folder.ts';
import { type Aggregate, aggregate } from '../report/aggregate.ts';
import type { Detail } from '../report/detail.ts';
import { findStep } from '../report/step-name.ts';
import { summarize } from '../report/summarize.ts';
import type { Summary } from '../report/summary.ts';
import { usage } from './local-run.ts';
import { openHere } from './read-files.ts';
import { planRecorded, readRecorded } from './recorded.ts';

export type Report =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'told'; readonly summary: Summary };

/** Without an id the latest run that began. @throws GumpError `ledger` when its ledger cannot be read. */
export async function reportOf(dir: string, wanted: string | null): Promise<Report> {
  const repository = await openHere(dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  const runs = await listRuns(repository.root);
  const listed = runs.find(({ run, begun }) => (wanted === null ? begun : run === wanted));
  if (!listed) {
    const what = wanted === null ? 'no run here has begun' : `there is no run ${wanted} here`;
    return nothing(what, '`gump status` lists the runs');
  }
  return { kind: 'told', summary: orLost(await summaryOf(repository.root, listed.run), listed.engine) };
}

export type StepReport =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | ({ readonly kind: 'told' } & Detail);

export interface StepOrder {
  readonly dir: string;
  /** Null: the latest that began. */
  readonly run: string | null;
  /** As typed: a path in either spelling, or the end of one. */
  readonly step: string;
}

/** One step of a run. @throws GumpError as `reportOf` */
export async function reportOfStep({ dir, run: wanted, step: typed }: StepOrder): Promise<StepReport> {
  const report = await reportOf(dir, wanted);
  if (report.kind === 'refused') return report;
  const { summary } = report;
  const { run, steps } = summary;
  const found = findStep(typed, steps);
  if (found.kind === 'several')
    return nothing(
      `several steps of the run ${run} are called ${typed}`,
      `name one of them: ${found.paths.join(', ')}`,
    );
  const step = found.kind === 'found' ? steps.find(({ path }) => path === found.path) : undefined;
  if (step) return { kind: 'told', summary, step, artifacts: `.gump/runs/${run}/artifacts` };
  const near = found.kind === 'unknown' ? found.near : null;
  const known = steps.map(({ shown }) => shown).join(', ');
  return nothing(
    `no step ${typed} has started in the run ${run}`,
    near ? `did you mean ${near}?` : `its steps are: ${known || 'none yet'}`,
  );
}

export type RunsReport =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'told'; readonly aggregate: Aggregate; readonly unreadable: readonly string[] };

/** The last runs that began, together. @throws GumpError `ledger` where a folder cannot be listed */
export async function reportOfRuns(dir: string, count: number): Promise<RunsReport> {
  const repository = await openHere(dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  const runs = await lookThroughRuns(repository.root, (events) => summarize(null, events));
  const last = runs.filter(({ begun }) => begun).slice(0, count);
  if (last.length === 0) return nothing('no run here has begun', 'start one with `gump run`');
  const unreadable = runs.flatMap(({ run, problem }) => (problem === null ? [] : [`${run}: ${problem}`]));
  return { kind: 'told', aggregate: aggregate(last.flatMap(({ seen }) => seen ?? [])), unreadable };
}

function nothing(what: string, hint: string): { kind: 'refused'; diagnostics: readonly Diagnostic[] } {
  return { kind: 'refused', diagnostics: [usage(`nothing to report: ${what}`, hint)] };
}

/** Events cannot tell that nobody will write the next one. */
function orLost(summary: Summary, engine: RunListing['engine']): Summary {
  if (summary.status !== 'running' || engine !== null) return summary;
  const reason = `no process works on it any more; go on with: gump run --resume --run ${summary.run}`;
  return { ...summary, status: 'lost', reason };
}

async function summaryOf(root: string, run: string): Promise<Summary> {
  const recorded = await readRecorded(root, run);
  if (recorded === null) return summarize(null, (await readRunFolder(root, run)).events);
  const planned = planRecorded(recorded);
  return summarize('value' in planned ? planned.value : null, recorded.events);
}
