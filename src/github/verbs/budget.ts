/** `/gump budget <usd>`: sets the limit of the run under way, else of the latest one. */
import { endingOf } from '../../events/ending.ts';
import type { Event } from '../../events/event.ts';
import { summarize } from '../../report/summarize.ts';
import { dollarsOf } from '../commands/names.ts';
import { noOptions } from '../commands/options.ts';
import { jobsOf } from '../runs/jobs.ts';
import { latestRun } from '../runs/latest-run.ts';
import { readRunOrWhy } from '../runs/ledger.ts';
import { putOrder } from '../runs/orders.ts';
import { type Obey, reply, start } from './work.ts';

export const budget: Obey = async (work) => {
  const { client, issue, intent } = work;
  const { owner, repo, number } = issue;
  const usd = dollarsOf(intent.command.argument);
  const jobs = await jobsOf(client, { owner, repo, issue: number });
  const active = jobs.find((job) => !job.isOver && !job.isWaiting);
  const latest = await latestRun(client, issue);
  const run = active?.runId ?? latest?.run;
  if (usd === null || run === undefined)
    return await reply(
      work,
      'Nothing was set: no run of this issue has a ledger yet. `/gump run` starts one.',
    );
  const known = latest?.run === run ? await readRunOrWhy(client, issue, latest) : null;
  const events = known === null || typeof known === 'string' ? [] : known.events;
  if (endingOf(events) === 'pass' && !active)
    return await reply(work, `Nothing was set: the run \`${run}\` has passed.`);
  const by = intent.actor.login;
  await putOrder(client, issue, { run, commentId: intent.commentId, order: { maxBudgetUsd: usd, by } });
  const limit = `The limit of \`${run}\` is $${usd.toFixed(2)} now`;
  if (active)
    return await reply(
      work,
      `${limit}; its job takes that up within half a minute. Should it have stopped at the old limit meanwhile, \`/gump resume\` goes on with the new one.`,
    );
  if (stoppedForBudget(events) && summarize(null, events).costUsd < usd) {
    await reply(work, `${limit}; it had stopped at the old one and goes on.`, 'set');
    const told = { by };
    return await start(work, {
      command: 'resume',
      runId: run,
      workflow: null,
      spec: null,
      options: noOptions,
      told,
    });
  }
  return await reply(work, `${limit}. It does not run; what goes on with it takes that up.`);
};

/** Its last end was for want of money: the run's own limit, not that of something it called. */
function stoppedForBudget(events: readonly Event[]): boolean {
  const begun = events.findLastIndex(({ type }) => type === 'run_resumed' || type === 'run_replayed');
  const isLimit = (event: Event) =>
    event.type === 'budget_exceeded' && event.kind === 'budget' && event.step === undefined;
  return endingOf(events) === 'fail' && events.slice(begun + 1).some(isLimit);
}
