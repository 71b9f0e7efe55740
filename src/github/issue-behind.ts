/** The issue that a pull request of ours was made for: a command there is a command of the issue. */

import { orNull, type RestClient } from './api/rest.ts';
import { type IssueFacts, ourLabels } from './payload.ts';
import { issueOfBranch } from './runs/branch.ts';

/**
 * The issue itself; of a pull request the one that its branch `gump/issue-<n>` names, read anew; null where it is none of
 * ours. Only people with write permission make such branches in this repository, a fork's do not count.
 */
export async function issueBehind(client: RestClient, asked: IssueFacts): Promise<IssueFacts | null> {
  if (!asked.isPullRequest) return asked;
  const { owner, repo } = asked;
  const pull = await client.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    owner,
    repo,
    pull_number: asked.number,
  });
  const { head, base } = pull.data;
  const number = head.repo?.id === base.repo.id ? issueOfBranch(head.ref) : null;
  if (number === null) return null;
  return await readIssue(client, { ...asked, number });
}

/** An issue as it stands; null where there is none, or a pull request. */
export async function readIssue(
  client: RestClient,
  { owner, repo, number, defaultBranch }: Pick<IssueFacts, 'owner' | 'repo' | 'number' | 'defaultBranch'>,
): Promise<IssueFacts | null> {
  const found = await orNull(
    client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { owner, repo, issue_number: number }),
  );
  if (!found || found.data.pull_request) return null;
  const { title, body, user, html_url: url, labels, created_at: createdAt } = found.data;
  return {
    ...{ owner, repo, number, defaultBranch, title, url, createdAt, body: body ?? '' },
    ...{ author: user?.login ?? '', isPullRequest: false, labels: ourLabels(labels) },
  };
}

/** The number of the open pull request of an issue's branch; null where there is none. */
export async function pullOf(
  client: RestClient,
  { owner, repo, number }: IssueFacts,
): Promise<number | null> {
  const head = `${owner}:gump/issue-${number}`;
  const path = 'GET /repos/{owner}/{repo}/pulls';
  const { data } = await client.request(path, { owner, repo, head, state: 'open', per_page: 1 });
  return data[0]?.number ?? null;
}
