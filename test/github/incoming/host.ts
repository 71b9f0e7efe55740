/** Who hosts the handlers in these tests: the App behind its webhook, or the Action with its event file. */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { parse } from 'yaml';
import { runEvent } from '../../../action/event.ts';
import { type RunningApp, startApp } from '../../../app/start.ts';
import type { Outcome } from '../../../src/github/incoming.ts';
import { githubActionsAppId } from '../../../src/index.ts';
import type { Standin } from '../../standin/standin.ts';

export interface Host {
  /** Of the App that acts. */
  readonly appId: number;
  readonly login: string;
  readonly token: string;
  /** Hands an event over as GitHub would, and waits until it is handled. */
  deliver(event: Event): Promise<Outcome>;
  close(): Promise<void>;
}

export interface Event {
  readonly name: string;
  readonly payload: object;
}

/** Where the host finds GitHub. */
export type Addresses = Pick<Standin, 'url' | 'apiUrl' | 'graphqlUrl'>;

export type HostName = 'app' | 'action';

const root = path.resolve(import.meta.dirname, '../../..');
const secret = 'the secret of these tests';
let chosen: HostName = 'app';

/** What was chosen. */
export function hostName(): HostName {
  return chosen;
}

/** For the suites that are loaded afterwards. */
export function useHost(name: HostName): void {
  chosen = name;
}

export function openHost(standin: Standin, github: Addresses = standin): Promise<Host> {
  return chosen === 'app' ? openAppHost(standin, github) : openActionHost(standin, github);
}

/** The real App, told by signed webhooks. */
async function openAppHost(standin: Standin, github: Addresses): Promise<Host> {
  const { default_events: events, default_permissions } = parse(
    readFileSync(path.join(root, 'app/app.yml'), 'utf8'),
  );
  const { metadata: _, ...permissions } = default_permissions;
  const registered = standin.registerApp({ slug: 'gump', permissions, events });
  const log: string[] = [];
  const app = await startApp({
    env: {
      APP_ID: String(registered.appId),
      PRIVATE_KEY: registered.privateKeyPem,
      WEBHOOK_SECRET: secret,
      GITHUB_API_URL: github.apiUrl,
      GITHUB_SERVER_URL: github.url,
      // What is ignored at once is told there only.
      LOG_LEVEL: 'debug',
    },
    host: '127.0.0.1',
    lookMs: 0,
    port: await freePort(),
    write: (line) => void log.push(line),
  });
  const auth = createAppAuth({
    appId: registered.appId,
    privateKey: registered.privateKeyPem,
    installationId: registered.installationId,
    request: new Octokit({ baseUrl: standin.apiUrl }).request,
  });
  const { token } = await auth({ type: 'installation' });
  return {
    appId: registered.appId,
    login: 'gump[bot]',
    token,
    async deliver({ name, payload }) {
      const id = randomUUID();
      const body = JSON.stringify({ ...payload, installation: { id: registered.installationId } });
      await post(app, { id, name, body });
      await app.idle();
      const lines = log.map((line) => JSON.parse(line)).filter(({ delivery }) => delivery === id);
      const end = lines.findLast(({ done }) => done !== undefined);
      if (!end) throw new Error(`The App did not tell the end of its delivery:\n${log.join('')}`);
      return { done: end.done, detail: end.message };
    },
    close: async () => void (await app.close()),
  };
}

/** As GitHub sends it. */
async function post(
  app: RunningApp,
  { id, name, body }: { readonly id: string; readonly name: string; readonly body: string },
): Promise<void> {
  const answer = await fetch(app.webhookUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`The App answered ${answer.status} to its delivery.`);
}

/** The Action in a job of its own, told by the runner's event file; its token is what the workflow file grants. */
async function openActionHost(standin: Standin, github: Addresses): Promise<Host> {
  const dir = await mkdtemp(path.join(tmpdir(), 'gump-event-'));
  const template = parse(readFileSync(path.join(root, 'action/workflow-template.yml'), 'utf8'));
  const granted = Object.entries<'write'>(template.jobs.event.permissions).map(
    ([right, level]) => [right.replaceAll('-', '_'), level] as const,
  );
  const token = standin.createJobToken('acme/shop', Object.fromEntries(granted));
  let number = 0;
  let last: Promise<unknown> = Promise.resolve();
  const handled = async ({ name, payload }: Event): Promise<Outcome> => {
    const file = path.join(dir, `event-${++number}.json`);
    await writeFile(file, JSON.stringify(payload));
    const lines: string[] = [];
    const env = {
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: file,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_API_URL: github.apiUrl,
      GITHUB_GRAPHQL_URL: github.graphqlUrl,
      GITHUB_SERVER_URL: github.url,
      // What is ignored at once is told there only.
      LOG_LEVEL: 'debug',
      'INPUT_GITHUB-TOKEN': token,
    };
    await runEvent(env, (text) => void lines.push(text.trimEnd()));
    const end = lines.map((line) => /^(\w+): (.*)$/.exec(line)).findLast((match) => match !== null);
    if (!end) throw new Error(`The Action did not tell the end of its event:\n${lines.join('\n')}`);
    return { done: end[1] as Outcome['done'], detail: end[2] ?? '' };
  };
  return {
    appId: githubActionsAppId,
    login: 'github-actions[bot]',
    token,
    deliver(event) {
      // GitHub starts one job for one event; one that finds a command held waits for a minute.
      const mine = last.then(() => handled(event));
      last = mine.catch(() => undefined);
      return mine;
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
