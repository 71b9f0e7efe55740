/** What never arrived, what a crash left unfinished, and two replicas at the same event. */
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AppTown, openAppTown, repository } from './app-town.ts';

let town: AppTown;
let other: Server | undefined;
beforeEach(async () => {
  town = await openAppTown();
});
afterEach(async () => {
  other?.closeAllConnections();
  await new Promise((resolve) => (other ? other.close(resolve) : resolve(null)));
  other = undefined;
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

/** Whoever listens where GitHub sends its events, and takes them without doing anything: a replica that dies. */
async function dyingReplica(status: number): Promise<void> {
  other = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => other?.listen(town.port, '127.0.0.1', resolve));
}

/** As if everything so far had happened two minutes ago. */
function letTimePass(): void {
  const earlier = (time: string) => `${new Date(Date.parse(time) - 120_000).toISOString().slice(0, 19)}Z`;
  const shop = town.standin.state.repositories.get('acme/shop');
  for (const one of [...(shop?.comments.values() ?? []), ...(shop?.reactions.values() ?? [])]) {
    const created_at = earlier(one.created_at);
    Object.assign(one, { created_at, ...('updated_at' in one ? { updated_at: created_at } : {}) });
  }
  for (const one of town.standin.state.deliveries) one.delivered_at = earlier(one.delivered_at);
}

async function settled(app: { idle(): Promise<void> }): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await town.standin.idle();
    await app.idle();
  }
}

test.each(['a connection that failed', 'an answer of 503'])(
  'an event that was not delivered (%s) is asked for when the App starts, and once only',
  async (what) => {
    if (what.includes('503')) await dyingReplica(503);
    const issue = await town.openIssue();
    await town.label(issue);
    await town.standin.idle();
    other?.closeAllConnections();
    await new Promise((resolve) => (other ? other.close(resolve) : resolve(null)));
    other = undefined;
    const app = await town.start({ port: town.port, lookMs: 60_000 });
    await expect.poll(() => town.bodies(issue), { timeout: 20_000 }).toHaveLength(1);
    await settled(app);
    expect(await app.look()).toBe(0);
    expect(town.standin.state.deliveries.filter(({ redelivery }) => redelivery)).toHaveLength(2);
  },
);

test('a command whose 👀 stands without 🚀 is carried out by whoever looks, once', async () => {
  await dyingReplica(200);
  const issue = await town.openIssue();
  const comment = await town.comment(issue, '/gump run');
  await town.comment(issue, 'And a remark.');
  await town.standin.idle();
  const gump = town.standin.state.apps.get(Number(town.env.APP_ID))?.bot;
  const shop = town.standin.state.repositories.get('acme/shop');
  // What the replica did before it died.
  const at = shop?.comments.get(comment)?.created_at ?? '';
  if (gump)
    shop?.reactions.set(1, {
      ...{ id: 1, node_id: 'R_1', user: gump, content: 'eyes', created_at: at },
      subject: { kind: 'comment', id: comment },
    });
  letTimePass();
  other?.closeAllConnections();
  await new Promise((resolve) => other?.close(resolve));
  other = undefined;
  const app = await town.start({ port: town.port });
  expect(await app.look()).toBeGreaterThan(0);
  await settled(app);
  expect(town.dispatches.map(({ inputs }) => inputs['run-id'])).toEqual([`issue-${issue}-${comment}`]);
  expect(await town.reactions(comment)).toContain('rocket');
  letTimePass();
  expect(await app.look()).toBe(0);
});

test('a repository whose comments cannot be read keeps nobody else waiting', async () => {
  await dyingReplica(500);
  await town.label(await town.openIssue());
  await town.standin.idle();
  const app = await town.start();
  const only = (_: string, path: string) => path.endsWith('/issues/comments');
  Object.assign(town.standin.faults, { rate: 1, kinds: ['429'], retryAfterSeconds: 3_600, only });
  expect(await app.look()).toBeGreaterThan(0);
  Object.assign(town.standin.faults, { rate: 0 });
});

test('an event that fails again and again is given up', async () => {
  await dyingReplica(500);
  await town.label(await town.openIssue());
  await town.standin.idle();
  const app = await town.start();
  const events = new Set(town.standin.state.deliveries.map(({ guid }) => guid)).size;
  const asked: number[] = [];
  for (let look = 0; look < 5; look++) {
    asked.push(await app.look());
    await town.standin.idle();
  }
  expect(asked).toEqual([events, events, events, 0, 0]);
});

test('two replicas that get the same events do everything once', async () => {
  const [one, two] = [await town.start({ port: town.port }), await town.start()];
  const issue = await town.openIssue();
  await town.label(issue);
  const comment = await town.comment(issue, '/gump run');
  const repeated = town.standin.state.deliveries.map(({ event, payload }) => ({ name: event, payload }));
  await Promise.all(repeated.map((event) => town.send(two, event)));
  await town.standin.idle();
  await Promise.all([one.idle(), two.idle()]);
  const runs = town.dispatches.map(({ inputs }) => inputs['run-id']);
  expect(runs).toEqual([`issue-${issue}-${comment}`]);
  expect((await town.bodies(issue)).filter((body) => body.includes('gump:status'))).toHaveLength(1);
  expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
  const { data } = await town.wilma.repos.listBranches({ ...repository });
  expect(data.map(({ name }) => name).toSorted()).toEqual([`gump/spec-${issue}`, 'main']);
});
