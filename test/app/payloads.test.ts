/** Everything that GitHub is known to send, through the App's webhook and through the Action's handlers. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningApp } from '../../app/start.ts';
import { handleEvent } from '../../src/github/handle.ts';
import type { RestClient } from '../../src/github/rest.ts';
import { openHost, useHost } from '../github/incoming/host.ts';
import { type AppTown, openAppTown } from './app-town.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const all = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];
const payloads = all.flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));

let town: AppTown;
let app: RunningApp;
let issue: number;
beforeAll(async () => {
  town = await openAppTown();
  app = await town.start();
  issue = await town.openIssue();
});
afterAll(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

/** The fields of ours that a payload of somebody else's repository lacks. */
const ours = () => ({
  installation: { id: 7001, node_id: 'I_1' },
  repository: { name: 'shop', full_name: 'acme/shop', owner: { login: 'acme' }, default_branch: 'main' },
  sender: user(),
});
const user = () => ({ login: 'wilma', id: town.standin.state.users.get('wilma')?.id, type: 'User' });

test('none of them is refused, starts anything or fails', async () => {
  expect(payloads.length).toBeGreaterThan(300);
  const before = town.standin.state.requests.length;
  const statuses = new Set<number>();
  for (const { name, payload } of payloads) {
    const installed = { installation: { id: 7001 }, ...payload };
    statuses.add(await town.send(app, { name, payload: installed }));
  }
  await app.idle();
  expect(statuses).toEqual(new Set([200]));
  expect(town.standin.state.requests.slice(before)).toEqual([]);
  expect(town.log.filter((line) => !line.includes('the App listens'))).toEqual([]);
});

test('none of them makes the handlers ask GitHub anything or throw', async () => {
  const client = {
    request: () => Promise.reject(new Error('GitHub was asked')),
  } as unknown as RestClient;
  const outcomes = new Map<string, number>();
  for (const { name, payload } of payloads) {
    const { done } = await handleEvent({
      ...{ name, payload, client, log: () => undefined },
      dispatch: () => Promise.reject(new Error('something was dispatched')),
      config: {
        ...{ allowedAppIds: [], self: { appIds: [1], userId: null }, takeoverAfterMs: 0 },
        ...{ defaultWorkflow: 'implement-spec', serverUrl: 'https://github.com' },
        planOf: () => null,
        replayProblem: () => null,
        describeRun: async () => ({ problem: 'it is not looked at here' }),
        describeWorkflow: () => Promise.reject(new Error('a workflow was asked for')),
      },
    });
    outcomes.set(done, (outcomes.get(done) ?? 0) + 1);
  }
  expect([...outcomes.keys()]).toEqual(['ignored']);
});

describe('the same payloads with what asks for something in them', () => {
  const example = (name: string, action: string) => {
    const found = payloads.find((one) => one.name === name && one.payload.action === action);
    if (!found) throw new Error(`There is no example of ${name}.${action}.`);
    return structuredClone(found.payload) as Record<string, Record<string, unknown>>;
  };
  const labeled = () => {
    const payload = example('issues', 'labeled');
    return {
      ...payload,
      ...ours(),
      label: { ...payload.label, name: 'gump' },
      issue: { ...payload.issue, number: issue, state: 'open', user: user() },
    };
  };
  const commented = async (body: string) => {
    const payload = example('issue_comment', 'created');
    const id = await town.comment(issue, body);
    return {
      ...payload,
      ...ours(),
      comment: { ...payload.comment, id, body, user: user() },
      issue: { ...payload.issue, number: issue, state: 'open' },
    };
  };

  test('get the right answer of the App', async () => {
    await town.send(app, { name: 'issues', payload: labeled() });
    await app.idle();
    expect((await town.bodies(issue)).at(-1)).toContain('gump:status');
    await town.send(app, { name: 'issue_comment', payload: await commented('/gump help') });
    await app.idle();
    expect((await town.bodies(issue)).at(-1)).toContain('Commands are the first line');
  });

  test('and of the Action', async () => {
    useHost('action');
    const host = await openHost(town.standin);
    expect(await host.deliver({ name: 'issues', payload: labeled() })).toMatchObject({ done: 'proposed' });
    const event = { name: 'issue_comment', payload: await commented('/gump help') };
    expect(await host.deliver(event)).toMatchObject({ done: 'replied' });
    const review = { name: 'pull_request_review', payload: example('pull_request_review', 'submitted') };
    expect(await host.deliver(review)).toMatchObject({ done: 'ignored' });
    await host.close();
  });
});
