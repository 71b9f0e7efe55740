/** `/gump stop`: cancels the jobs of the issue, those that wait first, so that none begins in between. */

import { explain } from '../../errors.ts';
import { addReaction } from '../api/reactions.ts';
import { statusOf } from '../api/rest.ts';
import { type Job, jobsOf } from '../runs/jobs.ts';
import { leaveStop } from '../runs/stops.ts';
import { type Obey, reply, type Work } from './work.ts';

export const stop: Obey = async (work) => {
  const { issue, intent } = work;
  const { owner, repo, number } = issue;
  await leaveWord(work);
  const jobs = await jobsOf(work.client, { owner, repo, issue: number });
  const meant = jobs.filter((job) => !job.isOver && isMeant(job, jobs, intent));
  if (meant.length === 0) return await reply(work, nothingToStop(jobs));
  const stopped: Job[] = [];
  for (const job of meant.toSorted((a, b) => Number(b.isWaiting) - Number(a.isWaiting))) {
    if (await cancel(work, job)) stopped.push(job);
  }
  if (stopped.length === 0) return await reply(work, nothingToStop(jobs));
  await addReaction(work.client, intent, 'rocket');
  return await reply(work, stopped.map(stopLine).join('\n'));
};

/** Before the jobs are looked at: the job behind a lost one looks for it once it has started another one. */
async function leaveWord({ client, issue, intent, log }: Work): Promise<void> {
  const { number, defaultBranch: branch } = issue;
  const { commentId, commentedAt: at } = intent;
  try {
    await leaveStop(client, issue, { issue: number, at, commentId, branch });
  } catch (error) {
    // What can be cancelled is cancelled all the same.
    log(`the job behind a lost one is not told of the stop: ${explain(error)}`);
  }
}

/**
 * What was commanded before: carried out late or twice, a stop stops nothing newer. A job may be younger than the stop
 * although its command is older; ids of comments only grow.
 */
function isMeant(job: Job, jobs: readonly Job[], intent: Work['intent']): boolean {
  const { commentId, commentedAt } = intent;
  if (job.createdAt <= commentedAt) return true;
  const before = jobs.find((other) => isBehind(job, other));
  if (before) return isMeant(before, jobs, intent);
  const isFirst = jobs.every((other) => other.runId !== job.runId || other.id >= job.id);
  // Reviews are numbered apart from comments.
  const id = /^issue-\d+-(\d+)(?:-fix|-replay)?$/.exec(job.runId)?.[1];
  return isFirst && id !== undefined && Number(id) < commentId;
}

/** The run went on by itself: no command starts a job of a run of which another one is not over. */
function isBehind(job: Job, other: Job): boolean {
  const isFirst = other.runId === job.runId && other.id < job.id;
  return isFirst && (!other.isOver || other.updatedAt > job.createdAt);
}

function nothingToStop(jobs: readonly Job[]): string {
  const [last] = jobs;
  const rest = last ? ` The last one, \`${last.runId}\`, has ended ([log](${last.url})).` : '';
  return `Nothing was stopped: no run of this issue was under way.${last?.isOver ? rest : ''}`;
}

function stopLine({ runId, isWaiting, url }: Job): string {
  return isWaiting
    ? `- \`${runId}\` was taken out of the queue; nothing of it has run.`
    : `- \`${runId}\` is being stopped ([log](${url})); what it has done stays, and \`/gump resume\` goes on with it.`;
}

/**
 * False where it has ended meanwhile.
 * @source GitHub REST, "Cancel a workflow run": 202, or 409 for one that cannot be cancelled (2026-11)
 */
async function cancel({ client, issue }: Work, job: Job): Promise<boolean> {
  const { owner, repo } = issue;
  try {
    await client.request('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', {
      ...{ owner, repo, run_id: job.id },
    });
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    throw error;
  }
}
