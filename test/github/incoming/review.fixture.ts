/** Pull requests of ours, and what people say of them. */
import { repository, type Town } from './town.ts';

export const requestChanges = { event: 'REQUEST_CHANGES' } as const;
export const onTheGreeting = { path: 'greeting.txt', line: 1, side: 'RIGHT' } as const;

export async function ourPull(town: Town): Promise<{ readonly issue: number; readonly pull: number }> {
  const issue = await town.openIssue('Greet', 'Say hello.');
  return { issue, pull: await openPull(town, `gump/issue-${issue}`) };
}

/** By our App, as every pull request of a run: whose own it is may not review it. */
export async function openPull(town: Town, branch: string): Promise<number> {
  const { client } = town.app;
  const base = (await town.head('heads/main')) ?? '';
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...{ ...repository, base_tree: base },
    tree: [{ path: 'greeting.txt', mode: '100644', type: 'blob', content: 'Hello\n' }],
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...{ ...repository, message: 'greet', tree: tree.data.sha, parents: [base] },
  });
  const ref = { ref: `refs/heads/${branch}`, sha: commit.data.sha };
  await client.request('POST /repos/{owner}/{repo}/git/refs', { ...repository, ...ref });
  const made = await client.request('POST /repos/{owner}/{repo}/pulls', {
    ...{ ...repository, title: 'Greet', head: branch, base: 'main' },
  });
  return made.data.number;
}

interface ReviewWish {
  readonly login?: Parameters<Town['as']>[0];
  readonly pull: number;
  readonly event: 'COMMENT' | 'REQUEST_CHANGES';
  readonly body?: string;
  readonly comments?: {
    readonly path: string;
    readonly line: number;
    readonly side: string;
    readonly body: string;
  }[];
}

export async function review(town: Town, { login = 'wilma', pull, ...said }: ReviewWish): Promise<number> {
  const path = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
  const made = await town.as(login).request(path, { ...repository, pull_number: pull, ...said });
  return Number(made.data.id);
}

export async function commentIn(town: Town, pull: number): Promise<number> {
  const path = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments';
  const { data } = await town.as('wilma').request(path, { ...repository, pull_number: pull });
  return Number(data[0]?.id);
}

/** The frozen text that a dispatch names. */
export async function specOf(
  town: Town,
  { issue, pull }: { readonly issue: number; readonly pull: number },
): Promise<string> {
  const commit = JSON.parse(town.dispatches[0]?.inputs.order ?? '{}')['spec-commit'];
  return (await town.fileAt(commit, `specs/${issue}-review-${pull}/spec.md`)) ?? '';
}
