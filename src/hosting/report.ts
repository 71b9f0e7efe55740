/** `gump report`: what a run did, what it cost, and what nothing checked; a function of its folder. */
import type { Diagnostic } from '../diagnostic.ts';
import { listRuns, readRunFolder } from '../ledger/run-folder.ts';
import { decodeSnapshot } from '../playbook/collect.ts';
import { summarize } from '../report/summarize.ts';
import type { Summary } from '../report/summary.ts';
import { usage } from './local-run.ts';
import { preparePlan } from './prepare.ts';
import { openHere } from './read-files.ts';

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
  const { events, spec, snapshot } = await readRunFolder(repository.root, run);
  const started = events.find((event) => event.type === 'run_started');
  if (!started || spec === null || snapshot === null)
    return { kind: 'told', summary: summarize(null, events) };
  const { spec_hash, spec_origin, base, settings } = started;
  const kept = { text: spec, hash: spec_hash, origin: spec_origin, removed: [] };
  const planned = preparePlan({ run, files: decodeSnapshot(snapshot), spec: kept, base, settings });
  return { kind: 'told', summary: summarize('value' in planned ? planned.value : null, events) };
}
