/** Everything that GitHub is known to send, through the App's webhook and through the Action's handlers. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningApp } from '../../app/start.ts';
import type { RestClient } from '../../src/github/api/rest.ts';
import { handleEvent } from '../../src/github/handle.ts';
import { decideTrigger } from '../../src/github/trigger.ts';
import { openHost, useHost } from '../github/incoming/host.ts';
import { type AppTown, openAppTown } from './app-town.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const all = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];
const payloads = all.flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));
const asksFor = ({ name, payload }: (typeof payloads)[number]) =>
  decideTrigger(name, payload, { allowedAppIds: [], self: { appIds: [1], userId: null } }).kind;
const quiet = payloads.filter((one) => asksFor(one) === 'ignore');

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

test('all but a queued pull request ask for nothing', () => {
  expect(payloads.length).toBeGreaterThan(300);
  const asking = payloads.filter((one) => asksFor(one) !== 'ignore');
  const asked = asking.map((one) => `${one.name} ${one.payload.action} ${asksFor(one)}`);
  expect(new Set(asked)).toEqual(new Set(['merge_group checks_requested queue']));
});

test('none of those is refused, starts anything or fails', async () => {
  const before = town.standin.state.requests.length;
  const statuses = new Set<number>();
  for (const { name, payload } of quiet) {
    const installed = { installation: { id: 7001 }, ...payload };
    statuses.add(await town.send(app, { name, payload: installed }));
  }
  await app.idle();
  expect(statuses).toEqual(new Set([200]));
  expect(town.standin.state.requests.slice(before)).toEqual([]);
  expect(town.log.filter((line) => !line.includes('the App listens'))).toEqual([]);
});

test('none of those makes the handlers ask GitHub anything or throw', async () => {
  const client = {
    request: () => Promise.reject(new Error('GitHub was asked')),
  } as unknown as RestClient;
  const outcomes = new Map<string, number>();
  for (const { name, payload } of quiet) {
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
    await town.label(issue);
    await town.send(app, { name: 'issues', payload: labeled() });
    await app.idle();
    expect((await town.bodies(issue)).at(-1)).toContain('gump:status');
    await town.send(app, { name: 'issue_comment', payload: await commented('/gump help') });
    await app.idle();
    expect((await town.bodies(issue)).at(-1)).toContain('Commands are the first line');
  });

  test('and the queue hears of the check on its own commit', async () => {
    const at = { owner: 'acme', repo: 'shop' };
    const { data: main } = await town.wilma.git.getRef({ ...at, ref: 'heads/main' });
    const { data: tree } = await town.wilma.git.createTree({
      ...{ ...at, base_tree: main.object.sha },
      tree: [{ path: 'a.txt', mode: '100644', type: 'blob', content: 'a\n' }],
    });
    const commit = { ...at, message: 'a', tree: tree.sha, parents: [main.object.sha] };
    const { sha } = (await town.wilma.git.createCommit(commit)).data;
    await town.wilma.git.createRef({ ...at, ref: 'refs/heads/feature', sha });
    const opened = { ...at, title: 'A', head: 'feature', base: 'main' };
    const pull = (await town.wilma.pulls.create(opened)).data.number;
    const payload = example('merge_group', 'checks_requested');
    const head_ref = `refs/heads/gh-readonly-queue/main/pr-${pull}-${sha}`;
    const group = { ...payload, ...ours(), merge_group: { ...payload.merge_group, head_sha: sha, head_ref } };
    await town.send(app, { name: 'merge_group', payload: group });
    await app.idle();
    const { data } = await town.wilma.checks.listForRef({ ...at, ref: sha });
    expect(data.check_runs.map(({ name, conclusion }) => [name, conclusion])).toEqual([['gump', 'success']]);
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
