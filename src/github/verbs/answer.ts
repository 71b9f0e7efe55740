/** `/gump approve` and `/gump reject [reason]`: what a person says to a run that asks. */
import { endingOf, questionOf, type RunEnding } from '../../events/ending.ts';
import { limits } from '../../limits.ts';
import { noOptions } from '../commands/options.ts';
import { jobsOf } from '../runs/jobs.ts';
import type { RunRecord } from '../runs/ledger.ts';
import { withRecord } from './latest.ts';
import { type Obey, reply, start, type Work } from './work.ts';

export const approve: Obey = (work) => answer(work, 'approve');

export const reject: Obey = (work) => answer(work, 'reject');

async function answer(work: Work, command: 'approve' | 'reject') {
  return await withRecord(work, 'Nothing was decided', async (record) => {
    const { run, events } = record;
    const seq = questionOf(events);
    if (seq === null) return await reply(work, await notAsked(work, record));
    const { actor, command: said, commentedAt } = work.intent;
    const askedAt = events.find((event) => event.seq === seq)?.ts ?? '';
    if (isTooLate(commentedAt, askedAt)) return await reply(work, askedSince(run));
    const reason = command === 'reject' && said.argument !== '' ? { reason: said.argument } : {};
    return await start(work, {
      ...{ command, runId: run, workflow: null, spec: null, options: noOptions },
      told: { by: actor.login, seq: String(seq), ...reason },
      askedAt,
    });
  });
}

/** An answer that is told late is one to what was asked before it. The clock of a runner may be wrong by a while. */
function isTooLate(commentedAt: string, askedAt: string): boolean {
  const saidMs = Date.parse(commentedAt);
  return Date.now() - saidMs > limits.lateActMs && Date.parse(askedAt) > saidMs + limits.takeoverAfterMs;
}

function askedSince(run: string): string {
  return `Nothing was decided: this was not looked at in time, and the run \`${run}\` has asked something else since. Answer that, where it is meant.`;
}

const endings: Readonly<Record<RunEnding, string>> = {
  pass: 'it has passed',
  fail: 'it has failed; `/gump resume` goes on with it',
  cancelled: 'it was stopped; `/gump resume` goes on with it',
  unfinished: 'it was lost; `/gump resume` goes on with it',
  paused: 'it asks something else by now',
};

async function notAsked(work: Work, { run, events }: RunRecord): Promise<string> {
  const { owner, repo, number: issue } = work.issue;
  const jobs = await jobsOf(work.client, { owner, repo, issue });
  const isUnderWay = jobs.some((job) => job.runId === run && !job.isOver);
  const why = isUnderWay ? 'it is under way' : endings[endingOf(events)];
  return `Nothing was decided: the run \`${run}\` does not ask a person: ${why}.`;
}
