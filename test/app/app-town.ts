/** A stand-in with one repository and a registered App, whose processes the tests start themselves. */
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { type RunningApp, type StartOptions, startApp } from '../../app/start.ts';
import { createClient } from '../../src/github/api/client.ts';
import { workflowText } from '../../src/hosting/workflow-file.ts';
import { freePort } from '../github/incoming/host.ts';
import { type Standin, startStandin } from '../standin/standin.ts';
import type { Dispatch } from '../standin/world.ts';

export const repository = { owner: 'acme', repo: 'shop' } as const;
const secret = 'planted-webhook-secret';

export interface AppTown {
  readonly dir: string;
  readonly standin: Standin;
  readonly dispatches: readonly Dispatch[];
  /** Where GitHub sends the App's events; nobody listens there until a test starts somebody. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Every line of all processes. */
  readonly log: readonly string[];
  start(options?: Partial<StartOptions>): Promise<RunningApp>;
  /** May write. */
  readonly wilma: ReturnType<typeof createClient>['octokit'];
  openIssue(): Promise<number>;
  label(issue: number): Promise<void>;
  comment(issue: number, body: string): Promise<number>;
  bodies(issue: number): Promise<readonly string[]>;
  reactions(comment: number): Promise<readonly string[]>;
  /** Sends one of GitHub's deliveries to a process. */
  send(app: Pick<RunningApp, 'webhookUrl'>, event: { name: string; payload: unknown }): Promise<number>;
  close(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');

export async function openAppTown(): Promise<AppTown> {
  const dir = await mkdtemp(path.join(tmpdir(), 'gump-app-'));
  const workflows = path.join(dir, 'source/.github/workflows');
  await mkdir(workflows, { recursive: true });
  const file = workflowText({ host: 'app', action: null, queue: true });
  await writeFile(path.join(workflows, 'gump.yml'), file);
  const standin = await startStandin({ dir: path.join(dir, 'git') });
  await standin.addRepository({ owner: 'acme', name: 'shop', fromDir: path.join(dir, 'source') });
  const { token } = standin.addUser('wilma');
  standin.setPermission('acme/shop', 'wilma', 'write');
  const wilma = createClient({ token, apiUrl: standin.apiUrl, userAgent: 'test', log: () => {} }).octokit;
  const dispatches: Dispatch[] = [];
  standin.onDispatch((dispatch) => void dispatches.push(dispatch));
  const port = await freePort();
  const { default_events: events, default_permissions } = parse(
    await readFile(path.join(root, 'app/app.yml'), 'utf8'),
  );
  const { metadata: _, ...permissions } = default_permissions;
  const registered = standin.registerApp({
    ...{ slug: 'gump', permissions, events, webhookSecret: secret },
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
  });
  const env = {
    APP_ID: String(registered.appId),
    PRIVATE_KEY: registered.privateKeyPem,
    WEBHOOK_SECRET: secret,
    GITHUB_API_URL: standin.apiUrl,
    GITHUB_SERVER_URL: standin.url,
  };
  const log: string[] = [];
  const apps: RunningApp[] = [];
  let number = 0;
  return {
    ...{ dir, standin, dispatches, port, env, log, wilma },
    async start(options = {}) {
      const write = (line: string): void => void log.push(line);
      const app = await startApp({ env, host: '127.0.0.1', port: 0, lookMs: 0, write, ...options });
      apps.push(app);
      return app;
    },
    async openIssue() {
      const issue = { ...repository, title: 'Add a greeting', body: 'Say hello.' };
      return (await wilma.issues.create(issue)).data.number;
    },
    async label(issue_number) {
      await wilma.issues.addLabels({ ...repository, issue_number, labels: ['gump'] });
    },
    async comment(issue_number, body) {
      return (await wilma.issues.createComment({ ...repository, issue_number, body })).data.id;
    },
    async bodies(issue_number) {
      const { data } = await wilma.issues.listComments({ ...repository, issue_number });
      return data.map(({ body }) => body ?? '');
    },
    async reactions(comment_id) {
      const { data } = await wilma.reactions.listForIssueComment({ ...repository, comment_id });
      return data.map(({ content }) => content);
    },
    async send({ webhookUrl }, { name, payload }) {
      const body = JSON.stringify(payload);
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const answer = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': name,
          'x-github-delivery': `delivery-${++number}`,
          'x-hub-signature-256': `sha256=${signature}`,
        },
        body,
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    async close() {
      for (const app of apps) await app.close();
      await standin.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
