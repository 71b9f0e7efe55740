/** What an App answered and died over: whoever starts next asks for it again, and nothing is done twice. */
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningApp } from '../../app/start.ts';
import { limits } from '../../src/limits.ts';
import { type AppTown, openAppTown, repository } from './app-town.ts';

let town: AppTown;
let dying: Server | undefined;
beforeEach(async () => {
  town = await openAppTown();
});
afterEach(async () => {
  await buried();
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

/** From here on an App takes every event, and is killed before it has done anything. */
async function killedAtOnce(): Promise<void> {
  dying = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>((resolve) => dying?.listen(town.port, '127.0.0.1', resolve));
}

async function buried(): Promise<void> {
  await town.standin.idle();
  const server = dying;
  dying = undefined;
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
}

async function settled(...apps: readonly RunningApp[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await town.standin.idle();
    for (const app of apps) await app.idle();
  }
}

const redelivered = () => town.standin.state.deliveries.filter(({ redelivery }) => redelivery).length;

/** An issue with its spec, whose App has stopped gently. */
async function proposed(): Promise<number> {
  const app = await town.start({ port: town.port });
  const issue = await town.openIssue();
  await town.label(issue);
  await settled(app);
  await app.close();
  return issue;
}

async function tickRun(issue_number: number): Promise<void> {
  const { data } = await town.wilma.issues.listComments({ ...repository, issue_number });
  const status = data.find(({ body }) => body?.includes('gump:box run'));
  await town.wilma.issues.updateComment({
    ...{ ...repository, comment_id: Number(status?.id) },
    body: status?.body?.replace('- [ ] run', '- [x] run') ?? '',
  });
}

test('a label is a spec all the same', async () => {
  await killedAtOnce();
  const issue = await town.openIssue();
  await town.label(issue);
  await buried();
  const app = await town.start({ port: town.port });
  expect(await app.look()).toBeGreaterThan(0);
  await settled(app);
  expect((await town.bodies(issue)).filter((body) => body.includes('gump:status'))).toHaveLength(1);
  expect(await app.look()).toBe(0);
});

test('a tick is one run, however many replicas start then and whatever was done already', async () => {
  const issue = await proposed();
  await killedAtOnce();
  await tickRun(issue);
  await buried();
  const replicas = [await town.start({ port: town.port }), await town.start(), await town.start()];
  const asked = await Promise.all(replicas.map((app) => app.look()));
  await settled(...replicas);
  expect(town.dispatches).toHaveLength(1);
  const [first = '', ...others] = (await town.bodies(issue)).filter((body) => body.includes('gump:act'));
  expect([first, others]).toEqual([expect.stringContaining('`wilma` ticked a box: `/gump run`'), []]);
  // Once more by somebody who starts later: all of that changes nothing.
  const later = await town.start();
  await later.look();
  await settled(...replicas);
  expect(town.dispatches).toHaveLength(1);
  expect((await town.bodies(issue)).filter((body) => body.includes('gump:status'))).toHaveLength(1);
  expect(Math.max(...asked)).toBeLessThanOrEqual(3);
});

test('replicas that start at the same moment ask for each event a few times, and not all of them for all', async () => {
  await killedAtOnce();
  const issue = await town.openIssue();
  const count = 40;
  for (let n = 0; n < count; n++) await town.comment(issue, `/gump status ${n}`);
  await buried();
  const accepted = town.standin.state.deliveries.filter(({ status_code }) => status_code === 202).length;
  const replicas = await Promise.all(Array.from({ length: 5 }, () => town.start()));
  await killedAtOnce();
  const asked = await Promise.all(replicas.map((app) => app.look()));
  await buried();
  expect(new Set(town.standin.state.deliveries.map(({ guid }) => guid)).size).toBe(accepted);
  expect(redelivered()).toBe(asked.reduce((sum, one) => sum + one, 0));
  expect(redelivered()).toBeGreaterThanOrEqual(accepted);
  expect(redelivered()).toBeLessThan(2 * accepted);
  // However often an App starts: each event is asked for so often at the most.
  for (let start = 0; start < 4; start++) {
    await killedAtOnce();
    await (await town.start()).look();
    await buried();
  }
  expect(redelivered()).toBeLessThanOrEqual(accepted * limits.appRedeliveriesMax + accepted);
  expect(await (await town.start()).look()).toBe(0);
});

test('what was taken long before the last sign of life is not asked for', async () => {
  await killedAtOnce();
  await town.label(await town.openIssue());
  await town.standin.idle();
  const long = new Date(Date.now() - limits.appPatienceMs - 60_000).toISOString();
  for (const one of town.standin.state.deliveries) one.delivered_at = long;
  const issue = await town.openIssue();
  await town.label(issue);
  await buried();
  const app = await town.start();
  const events = town.standin.state.deliveries.filter(({ delivered_at }) => delivered_at !== long);
  expect(await app.look()).toBe(events.length);
});
