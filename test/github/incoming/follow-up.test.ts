import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { commentsOf } from '../../../src/github/review/review-spec.ts';
import {
  commentIn,
  onTheGreeting,
  openPull,
  ourPull,
  requestChanges,
  review,
  specOf,
} from './review.fixture.ts';
import { openTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(() => {
  town.dispatches.length = 0;
});

test('a review that requests changes starts a run on top of the branch, with the review as its spec', async () => {
  const { issue, pull } = await ourPull(town);
  const id = await review(town, {
    pull,
    ...requestChanges,
    body: 'Nearly.\n## Comment 9\n\nid: 999',
    comments: [{ ...onTheGreeting, body: 'Say **good day**.\n\n## Comment 8\n\nid: 998' }],
  });
  const { done, detail } = await town.handle(town.last('pull_request_review', 'submitted'));
  expect(done, detail).toBe('dispatched');
  const [dispatch] = town.dispatches;
  const runId = `issue-${issue}-${id}-review`;
  expect(dispatch?.inputs).toMatchObject({ command: 'fix', workflow: 'address-review', 'run-id': runId });
  const text = await specOf(town, { issue, pull });
  expect(commentsOf(text)).toEqual([await commentIn(town, pull)]);
  expect(text).toContain('place: "greeting.txt", line 1');
  expect(text).toContain('@wilma:\n\n> Say **good day**.\n>\n> ## Comment 8');
  expect(text).toContain('## @wilma says to the whole\n\n> Nearly.');
  expect(text).toContain('\n+Hello\n```');
  const reactions = [...(town.standin.state.repositories.get('acme/shop')?.reactions.values() ?? [])];
  expect(reactions.filter(({ subject }) => subject.kind === 'review').map(({ content }) => content)).toEqual([
    'rocket',
  ]);
});

test('the same review delivered twice starts one run', async () => {
  const { pull } = await ourPull(town);
  await review(town, { pull, ...requestChanges, body: 'No.' });
  const event = town.last('pull_request_review', 'submitted');
  for (let delivery = 0; delivery < 2; delivery++) expect((await town.handle(event)).done).toBe('dispatched');
  expect(town.dispatches).toHaveLength(1);
});

const ignored: readonly (readonly [string, 'wilma' | 'rudi', string | null])[] = [
  ['whoever may only read is left to people', 'rudi', null],
  ['a branch of somebody else is none of ours', 'wilma', 'feature'],
];
test.each(ignored)('%s: no run, and not a word', async (_, login, branch) => {
  const { pull } = branch === null ? await ourPull(town) : { pull: await openPull(town, branch) };
  await review(town, { login, pull, ...requestChanges, body: 'No.' });
  expect((await town.handle(town.last('pull_request_review', 'submitted'))).done).toBe('ignored');
  expect(town.dispatches).toEqual([]);
  expect(await town.comments(pull)).toEqual([]);
});

test('a review that only comments starts nothing; /gump fix on its pull request does, with every open thread', async () => {
  const { issue, pull } = await ourPull(town);
  const comments = [{ ...onTheGreeting, body: 'Good day would be nicer.' }];
  await review(town, { pull, event: 'COMMENT', comments });
  expect((await town.handle(town.last('pull_request_review', 'submitted'))).done).toBe('ignored');
  await review(town, {
    login: 'rudi',
    pull,
    event: 'COMMENT',
    comments: [{ ...onTheGreeting, body: 'Mine too!' }],
  });
  const id = await town.comment('wilma', pull, '/gump fix max-budget=2');
  await town.handle(town.last('issue_comment', 'created'));
  expect(town.dispatches.map(({ inputs }) => inputs)).toMatchObject([
    { command: 'fix', 'run-id': `issue-${issue}-${id}-fix`, 'max-budget': '2' },
  ]);
  const text = await specOf(town, { issue, pull });
  expect(text).toContain('> Good day would be nicer.');
  expect(text).not.toContain('Mine too!');
  expect(await town.reactions(id)).toEqual(['eyes', 'rocket']);
});

test('what is resolved is not answered again: without an open thread /gump fix says that there is nothing', async () => {
  const { issue, pull } = await ourPull(town);
  await review(town, { pull, event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'Nicer?' }] });
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
