/** The issue that a pull request of ours was made for: a command there is a command of the issue. */

import { orGone, type RepoName, type RestClient } from './api/rest.ts';
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

/** An issue and whether it is open. */
export type IssueNow = IssueFacts & { readonly isOpen: boolean };

/**
 * An issue as it stands; null where it is a pull request, or gone: deleted, made a discussion, or moved to another repository.
 * @source GitHub REST, "Get an issue": 301 to where it was moved, 404 where that may not be seen, 410 for one that was deleted
 * (2026-11)
 */
export async function readIssue(
  client: RestClient,
  where: Pick<IssueFacts, 'owner' | 'repo' | 'number' | 'defaultBranch'>,
): Promise<IssueNow | null> {
  const { owner, repo, number, defaultBranch } = where;
  const found = await orGone(
    client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { owner, repo, issue_number: number }),
  );
  if (!found || found.data.pull_request) return null;
  const { title, body, user, html_url: url, labels, state, repository_url: home } = found.data;
  if (found.data.number !== number || !(await isHere(client, { owner, repo, home }))) return null;
  return {
    ...{ owner, repo, number, defaultBranch, title, url, body: body ?? '', isOpen: state === 'open' },
    ...{ createdAt: found.data.created_at, updatedAt: found.data.updated_at },
    ...{ author: user?.login ?? '', isPullRequest: false, labels: ourLabels(labels) },
  };
}

/** GitHub leads us on to where an issue was moved, and to where its whole repository was: the latter is the same place. */
async function isHere(
  client: RestClient,
  { owner, repo, home }: RepoName & { readonly home: string },
): Promise<boolean> {
  const path = `/repos/${owner}/${repo}`.toLowerCase();
  if (home.toLowerCase().endsWith(path)) return true;
  const { data } = await client.request('GET /repos/{owner}/{repo}', { owner, repo });
  return data.url === home;
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
