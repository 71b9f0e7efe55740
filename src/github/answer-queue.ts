/**
 * A merge queue waits for every required check on a commit of its own: there `gump` says again what it said of the pull
 * request. Without it a branch that requires the check could never be merged through a queue.
 */

import type { Self } from './api/own-comment.ts';
import type { RepoName, RestClient } from './api/rest.ts';
import type { Outcome } from './incoming.ts';
import type { QueueFacts } from './intent.ts';
import { rollUpName } from './outgoing/name.ts';
import { issueOfBranch } from './runs/branch.ts';

/** Once for each commit, however often the event comes. @throws what a request threw */
export async function answerQueue(client: RestClient, queue: QueueFacts, self: Self): Promise<Outcome> {
  const conclusionOn = (ref: string) => conclusionOf(client, { ...queue, ref, self });
  const { owner, repo, commit, pull } = queue;
  if ((await conclusionOn(commit)) !== null)
    return { done: 'ignored', detail: 'The queue was answered before.' };
  const { data } = await client.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    ...{ owner, repo, pull_number: pull },
  });
  const isOurs = data.head.repo?.id === data.base.repo.id && issueOfBranch(data.head.ref) !== null;
  const told = isOurs ? await conclusionOn(data.head.sha) : 'success';
  const conclusion = told === 'success' ? 'success' : 'failure';
  const title = !isOurs
    ? `#${pull} is no pull request of Gump's`
    : `#${pull}: ${told === null ? 'no run has judged it' : conclusion}`;
  await client.request('POST /repos/{owner}/{repo}/check-runs', {
    ...{ owner, repo, name: rollUpName, head_sha: commit, external_id: `queue/${pull}` },
    ...{ status: 'completed', conclusion },
    output: { title, summary: `What \`${rollUpName}\` says of pull request #${pull}, for the merge queue.` },
  });
  return { done: 'replied', detail: `the merge queue was told ${conclusion} for #${pull}` };
}

/**
 * What the newest check `gump` of ours says of a commit; null where there is none, or it is not over. Anybody may call a job
 * of a workflow `gump`: GitHub gives the checks of jobs ids of its own.
 */
async function conclusionOf(
  client: RestClient,
  { owner, repo, ref, self }: RepoName & { readonly ref: string; readonly self: Self },
): Promise<string | null> {
  const { data } = await client.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
    ...{ owner, repo, ref, check_name: rollUpName, filter: 'latest', per_page: 10 },
  });
  const ours = data.check_runs.find(
    ({ app, external_id: id }) =>
      self.appIds.includes(Number(app?.id)) && /^(?:queue\/\d+|[\w-]+\/gump)$/.test(id ?? ''),
  );
  return ours?.conclusion ?? null;
}
