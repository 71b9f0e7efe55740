/** GitHub is away for ten minutes, takes a token back, or the App itself is taken away: nothing is lost that can be saved. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningApp } from '../../app/start.ts';
import { type AppTown, openAppTown } from './app-town.ts';

let town: AppTown;
beforeEach(async () => {
  town = await openAppTown();
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

/** A second of GitHub's takes so long here. */
const secondMs = 2;

/** Everything that happened so far, told to this process. */
async function tell(app: RunningApp): Promise<void> {
  const events = town.standin.state.deliveries.map(({ event, payload }) => ({ name: event, payload }));
  for (const event of events) expect(await town.send(app, event)).toBeLessThan(300);
}

const comments = () => [...(town.standin.state.repositories.get('acme/shop')?.comments.values() ?? [])];
const said = (level: string) => town.log.map((line) => JSON.parse(line)).filter((one) => one.level === level);

test('ten minutes of 5xx lose neither a label nor a command', async () => {
  const issue = await town.openIssue();
  await town.label(issue);
  const comment = await town.comment(issue, '/gump run');
  await town.standin.idle();
  const app = await town.start({ backoffMs: secondMs });
  Object.assign(town.standin.faults, { rate: 1, kinds: ['500'] });
  await tell(app);
  await new Promise((resolve) => setTimeout(resolve, 600 * secondMs));
  expect(comments()).toHaveLength(1);
  Object.assign(town.standin.faults, { rate: 0 });
  await expect.poll(() => town.dispatches.length, { timeout: 30_000 }).toBe(1);
  const isProposed = () => comments().some(({ body }) => body.includes('gump:status'));
  await expect.poll(isProposed, { timeout: 30_000 }).toBe(true);
  await app.idle();
  expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
  expect(comments().filter(({ body }) => body.includes('gump:status'))).toHaveLength(1);
  expect(said('error')).toEqual([]);
  // What waits for a GitHub that is away leaves it alone: some tries, then a pause.
  expect(said('info').filter(({ done }) => done === 'put off').length).toBeLessThan(40);
}, 60_000);

test('an outage without an end is given up in the end, and said so', async () => {
  await town.label(await town.openIssue());
  await town.standin.idle();
  const app = await town.start({ backoffMs: 1 });
  Object.assign(town.standin.faults, { rate: 1, kinds: ['500'] });
  await tell(app);
  const isGivenUp = () => said('error').some(({ message }) => message.includes('an event was given up'));
  await expect.poll(isGivenUp, { timeout: 30_000 }).toBe(true);
  Object.assign(town.standin.faults, { rate: 0 });
}, 60_000);

test('an App that is uninstalled between an event and its handling gives it up, and goes on with the others', async () => {
  const issue = await town.openIssue();
  await town.label(issue);
  await town.standin.idle();
  const app = await town.start({ backoffMs: 1 });
  const registered = town.standin.state.apps.get(Number(town.env.APP_ID));
  const { installation_id } = registered ?? { installation_id: 0 };
  Object.assign(registered ?? {}, { installation_id: installation_id + 1 });
  await tell(app);
  await app.idle();
  const [given] = said('warn').filter(({ message }) => message.includes('nobody could be told'));
  expect(given?.cause).toMatch(/Not Found/);
  expect(comments()).toEqual([]);
  Object.assign(registered ?? {}, { installation_id });
  await tell(app);
  await app.idle();
  expect(comments()).toHaveLength(1);
});

test('a token that is taken back in the middle of an event is replaced, and the event finished', async () => {
  const issue = await town.openIssue();
  await town.label(issue);
  await town.standin.idle();
  const app = await town.start({ backoffMs: 1 });
  const { tokens } = town.standin.state;
  let taken = 0;
  const take = (_: string, path: string): boolean => {
    if (!path.endsWith('/git/trees') || taken > 0) return false;
    for (const [value, { kind }] of tokens) if (kind === 'installation' && tokens.delete(value)) taken += 1;
    return false;
  };
  Object.assign(town.standin.faults, { rate: 1, kinds: ['500'], only: take });
  await tell(app);
  await app.idle();
  expect(taken).toBe(1);
  expect(comments().filter(({ body }) => body.includes('gump:status'))).toHaveLength(1);
});
