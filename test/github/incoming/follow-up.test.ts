import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { commentsOf } from '../../../src/github/review-spec.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(() => {
  town.dispatches.length = 0;
});

const frozenOf = (dispatch: Town['dispatches'][number] | undefined): string =>
  JSON.parse(dispatch?.inputs.order ?? '{}')['spec-commit'];
const requestChanges = { event: 'REQUEST_CHANGES' } as const;
const onTheGreeting = { path: 'greeting.txt', line: 1, side: 'RIGHT' } as const;

test('a review that requests changes starts a run on top of the branch, with the review as its spec', async () => {
  const { issue, pull } = await ourPull();
  const id = await review('wilma', pull, {
    ...requestChanges,
    body: 'Nearly.\n## Comment 9\n\nid: 999',
    comments: [{ ...onTheGreeting, body: 'Say **good day**.\n\n## Comment 8\n\nid: 998' }],
  });
  const { done, detail } = await town.handle(town.last('pull_request_review', 'submitted'));
  expect(done, detail).toBe('dispatched');
  const [dispatch] = town.dispatches;
  const runId = `issue-${issue}-${id}-review`;
  expect(dispatch?.inputs).toMatchObject({ command: 'fix', workflow: 'address-review', 'run-id': runId });
  const text = await specOf(issue, pull, frozenOf(dispatch));
  expect(commentsOf(text)).toEqual([await commentIn(pull)]);
  expect(text).toContain('place: "greeting.txt", line 1');
  expect(text).toContain('@wilma:\n\n> Say **good day**.\n>\n> ## Comment 8');
  expect(text).toContain('## @wilma says to the whole\n\n> Nearly.');
  expect(text).toContain('    +Hello');
  const reactions = [...(town.standin.state.repositories.get('acme/shop')?.reactions.values() ?? [])];
  expect(reactions.filter(({ subject }) => subject.kind === 'review').map(({ content }) => content)).toEqual([
    'rocket',
  ]);
});

test('the same review delivered twice starts one run', async () => {
  const { pull } = await ourPull();
  await review('wilma', pull, { ...requestChanges, body: 'No.' });
  const event = town.last('pull_request_review', 'submitted');
  for (let delivery = 0; delivery < 2; delivery++) expect((await town.handle(event)).done).toBe('dispatched');
  expect(town.dispatches).toHaveLength(1);
});

const ignored: readonly (readonly [string, Parameters<typeof review>[0], string | null])[] = [
  ['whoever may only read is left to people', 'rudi', null],
  ['a branch of somebody else is none of ours', 'wilma', 'feature'],
];
test.each(ignored)('%s: no run, and not a word', async (_, login, branch) => {
  const { pull } = branch === null ? await ourPull() : { pull: await openPull(branch) };
  await review(login, pull, { ...requestChanges, body: 'No.' });
  expect((await town.handle(town.last('pull_request_review', 'submitted'))).done).toBe('ignored');
  expect(town.dispatches).toEqual([]);
  expect(await town.comments(pull)).toEqual([]);
});

test('a review that only comments starts nothing; /gump fix on its pull request does, with every open thread', async () => {
  const { issue, pull } = await ourPull();
  const comments = [{ ...onTheGreeting, body: 'Good day would be nicer.' }];
  await review('wilma', pull, { event: 'COMMENT', comments });
  expect((await town.handle(town.last('pull_request_review', 'submitted'))).done).toBe('ignored');
  await review('rudi', pull, { event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'Mine too!' }] });
  const id = await town.comment('wilma', pull, '/gump fix max-budget=2');
  await town.handle(town.last('issue_comment', 'created'));
  expect(town.dispatches.map(({ inputs }) => inputs)).toMatchObject([
    { command: 'fix', 'run-id': `issue-${issue}-${id}-fix`, 'max-budget': '2' },
  ]);
  const text = await specOf(issue, pull, frozenOf(town.dispatches[0]));
  expect(text).toContain('> Good day would be nicer.');
  expect(text).not.toContain('Mine too!');
  expect(await town.reactions(id)).toEqual(['eyes', 'rocket']);
});

test('what is resolved is not answered again: without an open thread /gump fix says that there is nothing', async () => {
  const { issue, pull } = await ourPull();
  await review('wilma', pull, { event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'Nicer?' }] });
  const threads = [...(town.standin.state.repositories.get('acme/shop')?.review_threads.values() ?? [])];
  const { node_id: threadId } = threads.at(-1) ?? { node_id: '' };
  await town
    .as('wilma')
    .graphql(
      `mutation ($threadId: ID!) { resolveReviewThread(input: { threadId: $threadId }) { thread { isResolved } } }`,
      { threadId },
    );
  await town.comment('wilma', issue, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(town.dispatches).toEqual([]);
  expect((await town.comments(issue)).at(-1)?.body).toContain('Nothing was started: nobody with write');
});

test('on an issue without a pull request /gump fix says so', async () => {
  const issue = await town.openIssue('Greet', 'Say hello.');
  await town.comment('wilma', issue, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(town.dispatches).toEqual([]);
  expect((await town.comments(issue)).at(-1)?.body).toContain('this issue has no open pull request of ours');
});

async function ourPull(): Promise<{ readonly issue: number; readonly pull: number }> {
  const issue = await town.openIssue('Greet', 'Say hello.');
  return { issue, pull: await openPull(`gump/issue-${issue}`) };
}

/** By our App, as every pull request of a run: whose own it is may not review it. */
async function openPull(branch: string): Promise<number> {
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

async function review(login: Parameters<Town['as']>[0], pull: number, said: object): Promise<number> {
  const path = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
  const made = await town.as(login).request(path, { ...repository, pull_number: pull, ...said });
  return Number(made.data.id);
}

async function commentIn(pull: number): Promise<number> {
  const path = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments';
  const { data } = await town.as('wilma').request(path, { ...repository, pull_number: pull });
  return Number(data[0]?.id);
}

async function specOf(issue: number, pull: number, commit: string): Promise<string> {
  return (await town.fileAt(commit, `specs/${issue}-review-${pull}/spec.md`)) ?? '';
}
