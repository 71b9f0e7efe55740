/** `/gump status`: where the latest run stands, by its ledger, its jobs and its pull request. */
import { summarize } from '../../report/summarize.ts';
import { type StatusFacts, statusReply } from '../commands/replies.ts';
import { statusLine } from '../outgoing/status.ts';
import { jobsOf } from '../runs/jobs.ts';
import { latestRun } from '../runs/latest-run.ts';
import { readRunOrWhy } from '../runs/ledger.ts';
import { type Obey, reply, type Work } from './work.ts';

export const status: Obey = async (work) => await reply(work, statusReply(await factsOf(work)));

async function factsOf({ client, issue }: Work): Promise<StatusFacts> {
  const { owner, repo, number } = issue;
  const known = await latestRun(client, issue);
  const record = known ? await readRunOrWhy(client, issue, known) : null;
  const pulls = await client.request('GET /repos/{owner}/{repo}/pulls', {
    ...{ owner, repo, head: `${owner}:gump/issue-${number}`, state: 'all', per_page: 1 },
  });
  const [pull] = pulls.data;
  const jobs = await jobsOf(client, { owner, repo, issue: number });
  return {
    run: known?.run ?? null,
    said: record === null || typeof record === 'string' ? record : statusLine(summarize(null, record.events)),
    jobs: jobs.filter((job, index) => index === 0 || !job.isOver),
    pull: pull ? { number: pull.number, state: pull.state, draft: pull.draft === true } : null,
  };
}
