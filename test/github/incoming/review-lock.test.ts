/** One review, whoever is told of it, however often, and whoever dies over it: one job. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mortal } from './mortal.ts';
import { onTheGreeting, ourPull, requestChanges, review } from './review.fixture.ts';
import { openTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
  Object.assign(town.standin.limits, { contentWritesPerMinute: 10_000, contentWritesPerHour: 10_000 });
});
afterAll(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});
beforeEach(() => {
  town.dispatches.length = 0;
});

async function submitted() {
  const { issue, pull } = await ourPull(town);
  const comments = [{ ...onTheGreeting, body: 'Nicer?' }];
  const id = await review(town, { pull, ...requestChanges, body: 'Nearly.', comments });
  return { runId: `issue-${issue}-${id}-review`, event: town.last('pull_request_review', 'submitted') };
}

test('two replicas at once start one job, and the slower one looks again later', async () => {
  const { event, runId } = await submitted();
  const replica = () => town.handle(event, { claims: new Set() });
  const outcomes = await Promise.all([replica(), replica(), replica()]);
  expect(town.dispatches.map(({ inputs }) => inputs['run-id'])).toEqual([runId]);
  expect(outcomes.filter(({ done }) => done === 'dispatched').length).toBeGreaterThan(0);
  for (const { done, lookAgainAfterMs } of outcomes)
    if (done !== 'dispatched') expect(lookAgainAfterMs).toBeGreaterThan(0);
  expect((await replica()).done).toBe('dispatched');
  expect(town.dispatches).toHaveLength(1);
});

test('a replica that dies between any two requests leaves a review that is answered by one job', async () => {
  let total = Number.POSITIVE_INFINITY;
  for (let survived = 0; survived < total; survived++) {
    const { event, runId } = await submitted();
    const before = town.dispatches.length;
    const dying = mortal(town.app.client, survived);
    await town.handle(event, { client: dying.client, claims: new Set() }).catch(() => undefined);
    if (!dying.died()) total = survived;
    await town.handle(event, { claims: new Set(), config: town.config({ takeoverAfterMs: 0 }) });
    const runs = town.dispatches.slice(before).map(({ inputs }) => inputs['run-id']);
    expect(runs, `behind ${survived} requests`).toEqual([runId]);
  }
  expect(total).toBeGreaterThan(8);
}, 240_000);

test('a try that failed is not taken for another replica’s', async () => {
  const { event } = await submitted();
  const claims = new Set<string>();
  const dispatch = async () => Promise.reject(new Error('the connection was lost'));
  await expect(town.handle(event, { dispatch, claims })).rejects.toThrow('lost');
  expect((await town.handle(event, { claims })).done).toBe('dispatched');
});
