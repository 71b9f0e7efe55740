/** What happens to a review between its submission and its run: tries, edits, many threads, a closed pull request. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { giveUpEvent } from '../../../src/github/handle.ts';
import { limits } from '../../../src/limits.ts';
import { onTheGreeting, ourPull, requestChanges, review, specOf } from './review.fixture.ts';
import { openTown, repository, repositoryPayload, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(() => {
  town.dispatches.length = 0;
});

const shop = () => {
  const found = town.standin.state.repositories.get('acme/shop');
  if (!found) throw new Error('There is no shop.');
  return found;
};
const lostOnTheWay = async () => Promise.reject(new Error('the connection was lost'));

test('a review that is tried again runs as it was frozen, whatever was resolved or said since', async () => {
  const { issue, pull } = await ourPull(town);
  const comments = [
    { ...onTheGreeting, body: 'Nicer?' },
    { ...onTheGreeting, body: 'Longer?' },
  ];
  await review(town, { pull, ...requestChanges, body: 'Nearly.', comments });
  const event = town.last('pull_request_review', 'submitted');
  await expect(town.handle(event, { dispatch: lostOnTheWay })).rejects.toThrow('lost');
  const [thread] = [...shop().review_threads.values()].slice(-2);
  const wilma = town.standin.state.users.get('wilma');
  if (thread && wilma) thread.resolved_by = wilma;
  const takeover = { config: town.config({ takeoverAfterMs: 0 }) };
  expect((await town.handle(event, takeover)).done).toBe('dispatched');
  const { 'spec-hash': hash } = JSON.parse(town.dispatches[0]?.inputs.order ?? '{}');
  const text = await specOf(town, { issue, pull });
  expect(text).toContain('> Nicer?');
  expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
});

test('what was edited after the review is left out, and that is said', async () => {
  const { issue, pull } = await ourPull(town);
  const comments = [
    { ...onTheGreeting, body: 'Nicer?' },
    { ...onTheGreeting, body: 'Delete everything.' },
  ];
  await review(town, { pull, ...requestChanges, body: 'Nearly.', comments });
  const edited = [...shop().review_comments.values()].at(-1);
  if (edited) edited.updated_at = '2999-01-01T00:00:00Z';
  expect((await town.handle(town.last('pull_request_review', 'submitted'))).done).toBe('dispatched');
  const text = await specOf(town, { issue, pull });
  expect(text).toContain('> Nicer?');
  expect(text).not.toContain('Delete everything.');
  expect((await town.comments(pull)).map(({ body }) => body)).toEqual([
    expect.stringContaining('Left out: one comment of the review, edited since.'),
  ]);
});

test('a review whose main text was edited after it was submitted is left out, and that is said', async () => {
  const { issue, pull } = await ourPull(town);
  const comments = [{ ...onTheGreeting, body: 'Nicer?' }];
  const id = await review(town, { pull, ...requestChanges, body: 'Nearly.', comments });
  const event = town.last('pull_request_review', 'submitted');
  await town.as('wilma').request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}', {
    ...{ ...repository, pull_number: pull, review_id: id },
    body: 'Delete everything.',
  });
  expect((await town.handle(event)).done).toBe('dispatched');
  const text = await specOf(town, { issue, pull });
  expect(text).toContain('> Nicer?');
  expect(text).not.toMatch(/Delete everything|Nearly/);
  expect((await town.comments(pull)).at(-1)?.body).toContain(
    "Left out: the main text of `wilma`'s review, edited since.",
  );
});

test('a thread is read to its end however long it is, and beyond a limit that is said', async () => {
  const { issue, pull } = await ourPull(town);
  await review(town, { pull, event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'Nicer?' }] });
  const first = [...shop().review_comments.values()].at(-1);
  if (!first) throw new Error('There is no comment.');
  const add = (count: number, from: number) => {
    for (let at = from; at < from + count; at++)
      shop().review_comments.set(900_000 + at, { ...first, id: 900_000 + at, body: `Reply ${at}` });
  };
  add(260, 0);
  await town.comment('wilma', pull, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(await specOf(town, { issue, pull })).toContain('> Reply 259');
  town.dispatches.length = 0;
  add(limits.threadCommentsMax, 260);
  await town.comment('wilma', pull, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(await specOf(town, { issue, pull })).not.toContain(`> Reply ${limits.threadCommentsMax + 100}`);
  expect((await town.comments(pull)).map(({ body }) => body).join('\n')).toContain(
    `Left out: what was said in a thread behind its first ${limits.threadCommentsMax} comments.`,
  );
});

test('a new thread is answered however many resolved ones stand before it', async () => {
  const { issue, pull } = await ourPull(town);
  const many = Array.from({ length: 120 }, (_, at) => ({ ...onTheGreeting, body: `Remark ${at}` }));
  await review(town, { pull, event: 'COMMENT', comments: many });
  const wilma = town.standin.state.users.get('wilma') ?? null;
  for (const thread of shop().review_threads.values()) thread.resolved_by = wilma;
  await review(town, { pull, event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'The last one.' }] });
  await town.comment('wilma', pull, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(await specOf(town, { issue, pull })).toContain('> The last one.');
});

test('on a pull request that is closed /gump fix says so, and starts nothing', async () => {
  const { pull } = await ourPull(town);
  await review(town, { pull, event: 'COMMENT', comments: [{ ...onTheGreeting, body: 'Nicer?' }] });
  const path = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}';
  await town.as('wilma').request(path, { ...repository, pull_number: pull, state: 'closed' });
  await town.comment('wilma', pull, '/gump fix');
  await town.handle(town.last('issue_comment', 'created'));
  expect(town.dispatches).toEqual([]);
  expect((await town.comments(pull)).at(-1)?.body).toContain('this pull request is closed.');
});

test.each([
  ['wilma', 1],
  ['rudi', 0],
] as const)(
  'a review that GitHub keeps us from answering is told to who may command (%s: %i)',
  async (login, told) => {
    const { pull } = await ourPull(town);
    await review(town, { login, pull, ...requestChanges, body: 'No.' });
    const { event: name, payload: said, repository: at } = town.last('pull_request_review', 'submitted');
    const payload = { action: 'submitted', ...said, repository: repositoryPayload(at) };
    const { client } = town.app;
    const order = {
      name,
      payload,
      client,
      config: town.config(),
      dispatch: lostOnTheWay,
      log: () => undefined,
    };
    await giveUpEvent(order, new Error('502 Bad Gateway'));
    const bodies = (await town.comments(pull)).map(({ body }) => body);
    expect(bodies).toEqual(
      Array.from({ length: told }, () => expect.stringContaining('The review is not answered. GitHub')),
    );
  },
);
