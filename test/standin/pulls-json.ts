import type { FileDiff } from './diff.ts';
import { association, issueHtmlUrl } from './issues.ts';
import { labelJson } from './labels.ts';
import type { Issue, Pull, Repository } from './records.ts';
import { repositoryApiUrl, repositoryHtmlUrl, repositoryJson } from './repos.ts';
import { userJson } from './users.ts';
import type { World } from './world.ts';

/** The issue that a pull request also is. @throws Error when the state is broken. */
export function issueOfPull(repository: Repository, pull: Pull): Issue {
  const issue = repository.issues.get(pull.number);
  if (!issue) throw new Error(`Pull request ${pull.number} has no issue: the state is broken.`);
  return issue;
}

/** GitHub's `pull-request-simple`, as in lists. */
export function pullSimpleJson(world: World, repository: Repository, pull: Pull): Record<string, unknown> {
  const issue = issueOfPull(repository, pull);
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/pulls/${pull.number}`;
  const html = issueHtmlUrl(world, repository, issue);
  const urls = {
    html: html,
    issue: `${api}/issues/${pull.number}`,
    comments: `${api}/issues/${pull.number}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${pull.head.sha}`,
  };
  return {
    url,
    id: pull.id,
    node_id: pull.node_id,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    ...Object.fromEntries(Object.entries(urls).map(([key, value]) => [`${key}_url`, value])),
    number: pull.number,
    state: issue.state,
    locked: issue.locked,
    active_lock_reason: null,
    title: issue.title,
    user: userJson(world, issue.user),
    body: issue.body,
    labels: issue.labels.map((label) => labelJson(world, repository, label)),
    milestone: null,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: issue.closed_at,
    merged_at: pull.merged_at,
    merge_commit_sha: pull.merge_commit_sha,
    assignee: issue.assignees[0] ? userJson(world, issue.assignees[0]) : null,
    assignees: issue.assignees.map((user) => userJson(world, user)),
    requested_reviewers: [],
    requested_teams: [],
    head: endJson(world, repository, pull.head),
    base: endJson(world, repository, pull.base),
    _links: {
      self: { href: url },
      ...Object.fromEntries(Object.entries(urls).map(([key, href]) => [key, { href }])),
    },
    author_association: association(repository, issue.user),
    auto_merge: null,
    draft: pull.draft,
  };
}

function endJson(
  world: World,
  repository: Repository,
  end: { ref: string; sha: string },
): Record<string, unknown> {
  return {
    label: `${repository.owner.login}:${end.ref}`,
    ref: end.ref,
    sha: end.sha,
    user: userJson(world, repository.owner),
    repo: repositoryJson(world, repository),
  };
}

/** GitHub's `pull-request`. */
export function pullJson(world: World, repository: Repository, pull: Pull): Record<string, unknown> {
  const ofPull = <T extends { pull_number: number }>(items: Iterable<T>): number =>
    [...items].filter((item) => item.pull_number === pull.number).length;
  const comments = [...repository.comments.values()].filter(
    (comment) => comment.issue_number === pull.number,
  );
  return {
    ...pullSimpleJson(world, repository, pull),
    merged: pull.merged,
    mergeable: pull.merged ? null : pull.mergeable,
    rebaseable: pull.merged ? null : pull.mergeable,
    mergeable_state: mergeableState(pull),
    merged_by: pull.merged_by ? userJson(world, pull.merged_by) : null,
    comments: comments.length,
    review_comments: ofPull(repository.review_comments.values()),
    maintainer_can_modify: false,
    commits: pull.commits,
    additions: pull.additions,
    deletions: pull.deletions,
    changed_files: pull.changed_files,
  };
}

function mergeableState(pull: Pull): string {
  if (pull.draft) return 'draft';
  if (pull.mergeable === null) return 'unknown';
  return pull.mergeable ? 'clean' : 'dirty';
}

/** GitHub's `diff-entry`. */
export function fileDiffJson(
  world: World,
  repository: Repository,
  file: FileDiff,
  sha: string,
): Record<string, unknown> {
  const html = repositoryHtmlUrl(world, repository);
  const path = encodeURI(file.path);
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${sha}/${path}`,
    raw_url: `${html}/raw/${sha}/${path}`,
    contents_url: `${repositoryApiUrl(world, repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

/** GitHub's `pull-request-minimal` of the open pull requests whose head is this commit. */
export function pullsMinimalJson(
  world: World,
  repository: Repository,
  sha: string,
): Record<string, unknown>[] {
  const api = repositoryApiUrl(world, repository);
  const repo = { id: repository.id, url: api, name: repository.name };
  return [...repository.pulls.values()]
    .filter((pull) => pull.head.sha === sha && issueOfPull(repository, pull).state === 'open')
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${api}/pulls/${pull.number}`,
      head: { ...pull.head, repo },
      base: { ...pull.base, repo },
    }));
}
