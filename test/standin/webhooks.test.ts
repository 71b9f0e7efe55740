import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { Probot } from 'probot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RegisteredApp } from './setup.ts';
import { EVERYTHING, type Fixture, pushFiles, startFixture } from './standin-fixture.ts';

interface Heard {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly body: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const EVENTS = [
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_review',
  'check_run',
  'workflow_run',
  'push',
];
const SECRET = 'quite secret';
const at = { owner: 'acme', repo: 'shop' } as const;

let fixture: Fixture;
let server: Server;
let heard: Heard[];
let status: number;
let app: RegisteredApp;

beforeEach(async () => {
  fixture = await startFixture();
  heard = [];
  status = 200;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[name] ?? '');
      const [event, guid] = [header('x-github-event'), header('x-github-delivery')];
      heard.push({ event, guid, body, signature: header('x-hub-signature-256'), payload: JSON.parse(body) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  app = fixture.standin.registerApp({
    slug: 'gump',
    permissions: EVERYTHING,
    events: EVENTS,
    webhookUrl,
    webhookSecret: SECRET,
  });
});
afterEach(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
  await new Promise((resolve) => server.close(resolve));
});

const names = (): string[] => heard.map(({ event, payload }) => `${event} ${payload.action ?? ''}`.trim());

test('a webhook is signed with the secret, names its installation and is recorded', async () => {
  const { standin, job } = fixture;
  await job.issues.create({ ...at, title: 'x', labels: ['gump'] });
  await standin.idle();
  expect(names().toSorted()).toEqual(['issues labeled', 'issues opened']);
  const signed = async ({ body, signature }: Heard, secret: string): Promise<boolean> => {
    const probot = new Probot({ appId: app.appId, privateKey: app.privateKeyPem, secret });
    await probot.ready();
    return probot.webhooks.verify(body, signature);
  };
  for (const one of heard) expect(await signed(one, SECRET)).toBe(true);
  const forged = await Promise.all(heard.map((one) => signed(one, 'another secret')));
  expect(forged).toEqual([false, false]);
  expect(heard[0]?.payload.installation).toMatchObject({ id: app.installationId });
  const { deliveries } = await standin.dump();
  expect(deliveries).toHaveLength(2);
  expect(deliveries[0]).toMatchObject({
    event: 'issues',
    status_code: 200,
    redelivery: false,
    guid: expect.any(String),
  });
});

test('a story on GitHub arrives as the events that GitHub would send', async () => {
  const { standin, job } = fixture;
  const { data: issue } = await job.issues.create({ ...at, title: 'x' });
  const { data: comment } = await job.issues.createComment({ ...at, issue_number: issue.number, body: 'a' });
  await job.issues.updateComment({ ...at, comment_id: comment.id, body: 'b' });
  const token = standin.createJobToken('acme/shop', EVERYTHING);
  const sha = await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '1\n' } });
  const { data: pull } = await job.pulls.create({
    ...at,
    title: 'p',
    head: 'work',
    base: 'main',
    draft: true,
  });
  await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '2\n' } });
  await job.pulls.createReview({ ...at, pull_number: pull.number, event: 'COMMENT', body: 'hm' });
  await job.checks.create({ ...at, name: 'c', head_sha: sha, conclusion: 'success' });
  await job.actions.createWorkflowDispatch({
    ...at,
    workflow_id: 'gump.yml',
    ref: 'main',
    inputs: { command: 'run' },
  });
  await standin.idle();
  expect(names().toSorted()).toEqual(
    [
      ...[
        'issues opened',
        'issue_comment created',
        'issue_comment edited',
        'push',
        'pull_request opened',
        'push',
      ],
      ...[
        'pull_request synchronize',
        'pull_request_review submitted',
        'check_run created',
        'check_run completed',
      ],
      'workflow_run requested',
    ].toSorted(),
  );
});

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

test("payloads have every part that GitHub's own examples have", async () => {
  const { standin, job } = fixture;
  const { data: issue } = await job.issues.create({ ...at, title: 'x' });
  await job.issues.createComment({ ...at, issue_number: issue.number, body: 'a' });
  const token = standin.createJobToken('acme/shop', EVERYTHING);
  await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '1\n' } });
  const { data: pull } = await job.pulls.create({ ...at, title: 'p', head: 'work', base: 'main' });
  await job.pulls.createReview({ ...at, pull_number: pull.number, event: 'COMMENT', body: 'hm' });
  await job.checks.create({ ...at, name: 'c', head_sha: pull.head.sha, conclusion: 'success' });
  await job.actions.createWorkflowDispatch({
    ...at,
    workflow_id: 'gump.yml',
    ref: 'main',
    inputs: { command: 'run' },
  });
  await standin.idle();
  const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];
  const compared: string[] = [];
  for (const { event, payload } of heard) {
    const known = examples
      .find(({ name }) => name === event)
      ?.examples.find(({ action }) => action === payload.action);
    if (!known) continue;
    compared.push(event);
    expect(missingParts(known, payload), `${event} ${payload.action}`).toEqual([]);
  }
  expect(new Set(compared)).toEqual(new Set(EVENTS));
});

/** A plain issue is no draft, and these check runs belong to no deployment. */
const RARE = new Set(['issue.draft', 'check_run.deployment']);

/** Names of fields, two levels deep, that the example has and the payload lacks. */
function missingParts(
  example: Readonly<Record<string, unknown>>,
  payload: Readonly<Record<string, unknown>>,
): string[] {
  // The examples are of repositories of an organization, or of repository webhooks without an App.
  const optional = new Set([
    'organization',
    'installation',
    'enterprise',
    'label',
    'changes',
    'assignee',
    'milestone',
  ]);
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === 'object' && !Array.isArray(value);
  return Object.entries(example).flatMap(([key, value]) => {
    if (optional.has(key)) return [];
    if (!(key in payload)) return [key];
    const mine = payload[key];
    if (!isObject(value) || !isObject(mine)) return [];
    return Object.keys(value)
      .filter((inner) => !(inner in mine) && !RARE.has(`${key}.${inner}`))
      .map((inner) => `${key}.${inner}`);
  });
}

test('a failed delivery stays on record and is delivered again under the same GUID', async () => {
  const { standin, job } = fixture;
  status = 500;
  await job.issues.create({ ...at, title: 'x' });
  await standin.idle();
  const auth = { appId: app.appId, privateKey: app.privateKeyPem };
  const client = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: standin.apiUrl });
  const { data } = await client.apps.listWebhookDeliveries();
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({ status_code: 500, event: 'issues', action: 'opened' });
  status = 200;
  await client.apps.redeliverWebhookDelivery({ delivery_id: data[0]?.id ?? 0 });
  await standin.idle();
  expect(heard.map(({ guid }) => guid)).toEqual([heard[0]?.guid, heard[0]?.guid]);
  expect((await client.apps.listWebhookDeliveries()).data[0]).toMatchObject({
    status_code: 200,
    redelivery: true,
  });
});

test('deliveries can be doubled, with one GUID', async () => {
  const { standin, job } = fixture;
  standin.faults.duplicateDeliveries = true;
  await job.issues.create({ ...at, title: 'x' });
  await standin.idle();
  expect(heard).toHaveLength(2);
  expect(new Set(heard.map(({ guid }) => guid)).size).toBe(1);
});

test("what a job's own token does starts no workflows and what a person does would", async () => {
  const { standin, job, as } = fixture;
  const seen: string[] = [];
  standin.onEvent(({ event, actor, startsWorkflows }) => seen.push(`${event} ${actor} ${startsWorkflows}`));
  await job.issues.create({ ...at, title: 'by the job' });
  await as(standin.addUser('mia').token).issues.create({ ...at, title: 'by a person' });
  expect(seen).toEqual(['issues github-actions[bot] false', 'issues mia true']);
});

test('a button of a check run reaches only the App that made it', async () => {
  const { standin, job } = fixture;
  const { data: main } = await job.git.getRef({ ...at, ref: 'heads/main' });
  const actions = [{ label: 'Stop', description: 'Stop the run', identifier: 'stop' }];
  const { data: foreign } = await job.checks.create({ ...at, name: 'c', head_sha: main.object.sha, actions });
  const auth = { appId: app.appId, privateKey: app.privateKeyPem, installationId: app.installationId };
  const client = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: standin.apiUrl });
  const { data: own } = await client.checks.create({ ...at, name: 'c', head_sha: main.object.sha, actions });
  await standin.idle();
  heard.length = 0;
  const press = (checkRunId: number) =>
    standin.requestCheckAction({ repository: 'acme/shop', checkRunId, identifier: 'stop', login: 'mia' });
  press(foreign.id);
  press(own.id);
  await standin.idle();
  expect(heard.map(({ payload }) => [payload.action, payload.requested_action])).toEqual([
    ['requested_action', { identifier: 'stop' }],
  ]);
});
