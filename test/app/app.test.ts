import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RunningApp, startApp } from '../../app/start.ts';
import { createClient } from '../../src/github/api/client.ts';
import { gumpVersion } from '../../src/hosting/version.ts';
import { limits } from '../../src/limits.ts';
import { type Standin, startStandin } from '../standin/standin.ts';
import type { Dispatch } from '../standin/world.ts';

const root = path.resolve(import.meta.dirname, '../..');
const repository = { owner: 'acme', repo: 'shop' };
const secret = 'planted-webhook-secret';

let dir: string;
let standin: Standin;
let app: RunningApp;
let log: string[];
let dispatches: Dispatch[];
let wilma: ReturnType<typeof createClient>['octokit'];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gump-app-'));
  const workflows = path.join(dir, 'source/.github/workflows');
  await mkdir(workflows, { recursive: true });
  await writeFile(
    path.join(workflows, 'gump.yml'),
    await readFile(path.join(root, 'action/workflow-template.yml')),
  );
  standin = await startStandin({ dir: path.join(dir, 'git') });
  await standin.addRepository({ owner: 'acme', name: 'shop', fromDir: path.join(dir, 'source') });
  const { token } = standin.addUser('wilma');
  standin.setPermission('acme/shop', 'wilma', 'write');
  wilma = createClient({ token, apiUrl: standin.apiUrl, userAgent: 'test', log: () => undefined }).octokit;
  dispatches = [];
  standin.onDispatch((dispatch) => void dispatches.push(dispatch));
  // The App has to listen before GitHub knows its address, and to know its id before it listens.
  const port = await freePort();
  const manifest = parse(await readFile(path.join(root, 'app/app.yml'), 'utf8'));
  const { metadata: _, ...permissions } = manifest.default_permissions;
  const registered = standin.registerApp({
    slug: 'gump',
    permissions,
    events: manifest.default_events,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    webhookSecret: secret,
  });
  log = [];
  app = await startApp({
    env: {
      APP_ID: String(registered.appId),
      PRIVATE_KEY: registered.privateKeyPem,
      WEBHOOK_SECRET: secret,
      GITHUB_API_URL: standin.apiUrl,
    },
    port,
    host: '127.0.0.1',
    lookMs: 0,
    write: (line) => void log.push(line),
  });
});
afterEach(async () => {
  await app.close();
  expect(standin.violations).toEqual([]);
  await standin.close();
  await rm(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function settled(): Promise<void> {
  await standin.idle();
  await app.idle();
}

async function labelledIssue(): Promise<number> {
  const { data } = await wilma.request('POST /repos/{owner}/{repo}/issues', {
    ...repository,
    title: 'Add a greeting',
    body: 'Say hello.',
  });
  await wilma.request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
    ...repository,
    issue_number: data.number,
    labels: ['gump'],
  });
  await settled();
  return data.number;
}

async function bodies(issue: number): Promise<readonly string[]> {
  const { data } = await wilma.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...repository,
    issue_number: issue,
  });
  return data.map((comment) => comment.body ?? '');
}

describe('the App', () => {
  test('makes the spec of a labelled issue and starts the run that a comment asks for', async () => {
    const issue = await labelledIssue();
    const [spec, ...more] = await bodies(issue);
    expect(more).toEqual([]);
    for (const part of ['Say hello.', '`implement-spec`', '`claude-opus`', '`claude-sonnet`', '$20.00']) {
      expect(spec).toContain(part);
    }
    const comment = await wilma.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...repository,
      issue_number: issue,
      body: '/gump run',
    });
    await settled();
    expect(dispatches).toHaveLength(1);
    expect(dispatches[0]?.inputs['run-id']).toBe(`issue-${issue}-${comment.data.id}`);
    // All in a moment: the pace of Probot would have taken three seconds for each comment.
    expect(log.join('')).toContain('"done":"dispatched"');
  });

  test('does nothing twice when GitHub delivers everything twice', async () => {
    standin.faults.duplicateDeliveries = true;
    const issue = await labelledIssue();
    await wilma.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...repository,
      issue_number: issue,
      body: '/gump run',
    });
    await settled();
    expect(dispatches).toHaveLength(1);
    expect((await bodies(issue)).filter((body) => body.includes('gump:status'))).toHaveLength(1);
  });

  test('answers a delivery before it works on it', async () => {
    await labelledIssue();
    const deliveries = standin.state.deliveries;
    expect(deliveries.map(({ status_code }) => status_code)).toContain(202);
    expect(deliveries.filter(({ status_code, duration }) => status_code >= 300 || duration > 1)).toEqual([]);
  });

  test('knows a workflow that does not exist, and its nearest', async () => {
    const issue = await labelledIssue();
    await wilma.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...repository,
      issue_number: issue,
      body: '/gump run nosuch',
    });
    await settled();
    expect(dispatches).toEqual([]);
    expect((await bodies(issue)).at(-1)).toMatch(/no workflow `nosuch`/);
  });

  test.each([
    ['the word that everybody knows', (body: string) => sign(body, 'development')],
    ['another secret', (body: string) => sign(body, 'x')],
    ['a signature of another text', () => sign('{}', secret)],
    ['no signature', () => ''],
  ])('refuses a webhook signed with %s', async (_what, signature) => {
    const body = JSON.stringify({ action: 'created', installation: { id: 7001 } });
    const answer = await fetch(app.webhookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-github-delivery': 'd1',
        ...(signature(body) ? { 'x-hub-signature-256': signature(body) } : {}),
      },
      body,
    });
    expect(answer.status).toBe(400);
    await app.idle();
    expect(standin.state.requests).toEqual([]);
  });

  test('refuses more than an event of GitHub has, whether its length is told or not', async () => {
    const body = Buffer.alloc(limits.webhookBytesMax + 1, 0x20);
    const told = await fetch(app.webhookUrl, { method: 'POST', body }).then(({ status }) => status, String);
    const untold = await fetch(app.webhookUrl, {
      method: 'POST',
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit).then(({ status }) => status, String);
    // A sender that is still writing may see its connection closed before it reads the answer.
    for (const answer of [told, untold]) expect([413, 'TypeError: fetch failed']).toContain(answer);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
  });

  test('outlives a sender that goes away', async () => {
    const { hostname, port, pathname } = new URL(app.webhookUrl);
    const socket = connect(Number(port), hostname);
    socket.write(`POST ${pathname} HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\n{`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await expect.poll(() => log.join('')).toContain('a request was not answered');
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
  });

  test('says that it is well, and nothing else to those who look around', async () => {
    const health = await fetch(`${app.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', version: gumpVersion }]);
    expect((await fetch(`${app.url}/`)).status).toBe(404);
    expect((await fetch(`${app.url}/probot`)).status).toBe(404);
  });

  test('logs one JSON object a line and no secret', async () => {
    await labelledIssue();
    expect(log.length).toBeGreaterThan(1);
    for (const line of log)
      expect(JSON.parse(line)).toMatchObject({ level: 'info', message: expect.any(String) });
    expect(log.join('')).not.toMatch(/planted-webhook-secret|PRIVATE KEY|ghs_/);
  });
});

function sign(body: string, key: string): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}
