/** What people do in the town, for tests of what follows from it. */
import { readFrozenSpec } from '../../../src/github/issue-spec/freeze.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { repository, type Town } from './town.ts';

type Person = Parameters<Town['as']>[0];

/** The event of the last of the labels. */
export async function label(
  town: Town,
  issue: number,
  ...labels: readonly string[]
): Promise<RepositoryEvent> {
  await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
    ...repository,
    issue_number: issue,
    labels: [...labels],
  });
  await town.standin.idle();
  return town.last('issues', 'labeled');
}

export async function command(
  town: Town,
  issue: number,
  body = '/gump run',
  login: Person = 'wilma',
): Promise<RepositoryEvent> {
  await town.comment(login, issue, body);
  return town.last('issue_comment', 'created');
}

export async function edit(
  town: Town,
  issue: number,
  text: { readonly title?: string; readonly body?: string },
): Promise<RepositoryEvent> {
  await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    ...repository,
    issue_number: issue,
    ...text,
  });
  return town.last('issues', 'edited');
}

/** The spec of the last run that was started. */
export async function frozen(town: Town, issue: number): Promise<string> {
  const inputs = town.dispatches.at(-1)?.inputs;
  const { 'spec-commit': commit, 'spec-hash': hash } = JSON.parse(inputs?.order ?? '{}');
  return (await readFrozenSpec(town.app.client, { ...repository, issue, commit, hash })).text;
}

export interface Pushed {
  readonly issue: number;
  readonly path: string;
  readonly text: string;
  /** What the commit says of its maker; whoever pushes can write anything there. */
  readonly committer?: { readonly name: string; readonly email: string; readonly date?: string };
}

/** Somebody's commit on the spec branch, with one file. */
export async function commitAs(
  town: Town,
  login: Person,
  { issue, path, text, committer }: Pushed,
): Promise<void> {
  const client = town.as(login);
  const parent = await town.head(`heads/gump/spec-${issue}`);
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...repository,
    tree: [{ path, mode: '100644', type: 'blob', content: text }],
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...repository,
    message: 'edit',
    ...(committer && { committer, author: committer }),
    tree: tree.data.sha,
    parents: [parent ?? ''],
  });
  await client.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
    ...repository,
    ref: `heads/gump/spec-${issue}`,
    sha: commit.data.sha,
  });
}

/** Our one comment with the spec. */
export async function specComment(town: Town, issue: number): Promise<string> {
  const all = await town.comments(issue);
  return (
    all.find(({ login, body }) => login === town.app.login && body.includes('<!-- gump:spec -->'))?.body ?? ''
  );
}
