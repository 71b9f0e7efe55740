/** The run that a command without a name means: the newest of the issue whose ledger is on GitHub. */
import type { Outcome } from '../incoming.ts';
import { latestRun } from '../runs/latest-run.ts';
import { type RunRecord, readRunOrWhy } from '../runs/ledger.ts';
import { reply, type Work } from './work.ts';

const none = 'no run of this issue has a ledger yet. `/gump run` starts one.';

/** Hands over the id, or answers that there is none; `not` is what then did not happen, as a sentence's beginning. */
export async function withLatest(
  work: Work,
  not: string,
  go: (run: string) => Promise<Outcome>,
): Promise<Outcome> {
  const known = await latestRun(work.client, work.issue);
  return known ? await go(known.run) : await reply(work, `${not}: ${none}`);
}

/** The same with everything that its ledger says. */
export async function withRecord(
  work: Work,
  not: string,
  go: (record: RunRecord) => Promise<Outcome>,
): Promise<Outcome> {
  const known = await latestRun(work.client, work.issue);
  if (!known) return await reply(work, `${not}: ${none}`);
  const record = await readRunOrWhy(work.client, work.issue, known);
  return typeof record === 'string' ? await reply(work, `${not}: ${record}`) : await go(record);
}
