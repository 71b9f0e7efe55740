/** Where the latest run of an issue stands: from its ledger's ref, its job and its pull request. */
import type { StatusFacts } from './replies.ts';
import { orNull, type RestClient } from './rest.ts';
import type { IssueFacts } from './trigger.ts';

/** The id of the newest run whose ledger was pushed; null where there is none. Comment ids only grow. */
export async function latestRun(client: RestClient, issue: IssueFacts): Promise<string | null> {
  const prefix = `gump/runs/issue-${issue.number}-`;
  const answer = await client.request('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
    owner: issue.owner,
    repo: issue.repo,
    ref: prefix,
  });
  const commentIds = answer.data
    .map(({ ref }) => ref.slice(`refs/${prefix}`.length))
    .filter((rest) => /^\d{1,15}$/.test(rest))
    .map(Number);
  return commentIds.length === 0 ? null : `issue-${issue.number}-${Math.max(...commentIds)}`;
}

export async function statusFacts(client: RestClient, issue: IssueFacts): Promise<StatusFacts> {
  const { owner, repo, number } = issue;
  const run = await latestRun(client, issue);
  const pulls = await client.request('GET /repos/{owner}/{repo}/pulls', {
    owner,
    repo,
    head: `${owner}:gump/issue-${number}`,
    state: 'all',
    per_page: 1,
  });
  const jobs = await orNull(
    client.request('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
      owner,
      repo,
      workflow_id: 'gump.yml',
      event: 'workflow_dispatch',
      per_page: 50,
    }),
  );
  const job = jobs?.data.workflow_runs.find((entry) => entry.display_title.startsWith(`issue-${number}-`));
  const pull = pulls.data[0];
  return {
    run,
    job: job ? { status: job.status ?? 'queued', conclusion: job.conclusion, url: job.html_url } : null,
    pull: pull ? { number: pull.number, state: pull.state, draft: pull.draft === true } : null,
  };
}
