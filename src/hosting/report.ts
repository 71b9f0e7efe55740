/** `gump report`: what a run did, what it cost, and what nothing checked; a function of its folder. */
import type { Diagnostic } from '../diagnostic.ts';
import { listRuns, readRunFolder } from '../ledger/run-folder.ts';
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
  const run = wanted ?? runs.find(({ startedAt, problem }) => startedAt !== null && problem === null)?.run;
  if (run === undefined || !runs.some((one) => one.run === run)) {
    const what = wanted === null ? 'no run here has begun' : `there is no run ${wanted} here`;
    return {
      kind: 'refused',
      diagnostics: [usage(`nothing to report: ${what}`, '`gump status` lists the runs')],
    };
  }
  const recorded = await readRecorded(repository.root, run);
  if (recorded === null)
    return { kind: 'told', summary: summarize(null, (await readRunFolder(repository.root, run)).events) };
  const planned = planRecorded(recorded);
  return { kind: 'told', summary: summarize('value' in planned ? planned.value : null, recorded.events) };
}
