/** Everything that the demo's story needs, started: GitHub, a repository with people, the App, a runner. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type RunningApp, startApp } from '../../../app/start.ts';
import { workflowText } from '../../../src/hosting/workflow-file.ts';
import { servePages } from '../pages/pages.ts';
import { startWorkflowsOnEvents } from '../runner/event-workflows.ts';
import { createRunner, type Runner, type RunnerOptions } from '../runner.ts';
import { type Standin, startStandin } from '../standin.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixture = join(root, 'test/fixtures/demo');

export const owner = 'acme';
export const name = 'phrasebook';

export interface Town {
  readonly standin: Standin;
  /** Whoever answers events. */
  readonly app: Pick<RunningApp, 'idle' | 'close'>;
  readonly runner: Runner;
  /** Personal tokens: somebody who may only read files the issue, a maintainer commands. */
  readonly tokens: { readonly reporter: string; readonly maintainer: string };
  readonly issueText: string;
  /** Everything that the town keeps on disk; removed by `close`. */
  readonly dir: string;
  /** The bare repository. */
  readonly gitDir: string;
  close(): Promise<void>;
}

export interface TownOptions {
  readonly port?: number;
  /** Replaces the demo's agent script, YAML. */
  readonly agentScript?: string;
  /** Replaces the demo's issue. */
  readonly issueText?: string;
  /** More files of the repository's first commit, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the job's token may do; default: as the workflow file says. */
  readonly jobPermissions?: Readonly<Record<string, 'read' | 'write'>>;
  readonly bundle?: string;
  /** Default: the App. `alone`: the workflow file listens itself, and there is no App. */
  readonly host?: 'app' | 'alone';
  readonly secrets?: Readonly<Record<string, string>>;
  /** Minutes; default: as the workflow file says. */
  readonly handOverAfter?: number;
  readonly cancelTimes?: RunnerOptions['cancelTimes'];
  /** Changes the workflow file that a user would copy. */
  readonly changeWorkflow?: (text: string) => string;
}

export async function openTown(options: TownOptions = {}): Promise<Town> {
  const dir = await mkdtemp(join(tmpdir(), 'gump-demo-'));
  const standin = await startStandin({ dir: join(dir, 'git'), port: options.port ?? 0 });
  const fromDir = join(dir, 'first-commit');
  await layOutProject(fromDir, options);
  await standin.addRepository({ owner, name, fromDir, secrets: options.secrets ?? {} });
  const tokens = { reporter: standin.addUser('rita').token, maintainer: standin.addUser('mara').token };
  standin.setPermission(`${owner}/${name}`, 'rita', 'read');
  standin.setPermission(`${owner}/${name}`, 'mara', 'write');
  const runner = createRunner({
    standin,
    bundle: options.bundle ?? join(root, 'action/dist/index.js'),
    actionYml: join(root, 'action.yml'),
    dir: join(dir, 'jobs'),
    onRunChange: (runId, change) => standin.updateRun(runId, change),
    ...(options.cancelTimes && { cancelTimes: options.cancelTimes }),
  });
  standin.onDispatch((dispatch) => runner.start(dispatch));
  const app = options.host === 'alone' ? listenAlone(standin, runner) : await openApp(standin);
  servePages(standin, runner);
  return {
    standin,
    app,
    runner,
    tokens,
    issueText: options.issueText ?? (await readFile(join(fixture, 'issue.md'), 'utf8')),
    dir,
    gitDir: join(dir, 'git', owner, `${name}.git`),
    async close() {
      await runner.close();
      await app.close();
      await standin.close();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The project, the workflow file as a user would copy it, and the script that stands for the agents. */
async function layOutProject(dir: string, options: TownOptions): Promise<void> {
  await cp(join(fixture, 'project'), dir, { recursive: true });
  await mkdir(join(dir, '.github/workflows'), { recursive: true });
  await writeFile(join(dir, '.github/workflows/gump.yml'), await workflowFile(options));
  const script = options.agentScript ?? (await readFile(join(fixture, 'agent-script.yaml'), 'utf8'));
  const files = { ...options.files, '.gump/demo-agents.yaml': script };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

async function workflowFile({
  jobPermissions,
  host = 'app',
  handOverAfter = 320,
  changeWorkflow = (text) => text,
}: TownOptions): Promise<string> {
  const whole = changeWorkflow(workflowText({ host, action: null, queue: true }));
  // The demo's runner is the machine that it is started on: nothing is installed there.
  const template = whole.replace(/ {6}- name: Sandbox\n(?: {8}.*\n)+/g, '');
  const script = 'agent-script: .gump/demo-agents.yaml\n';
  const rehearsing = template
    .replace(/^( {10})(?=command: (?!event|settle))/gm, `$1${script}$1`)
    .replace(/hand-over-after: \d+/g, `hand-over-after: ${handOverAfter}`);
  if (!jobPermissions) return rehearsing;
  const permissions = Object.entries(jobPermissions).map(([right, level]) => `      ${right}: ${level}\n`);
  return rehearsing.replace(/( {4}permissions:\n)(?: {6}.*\n)+/, `$1${permissions.join('')}`);
}

/** Without an App: jobs answer events; idle when none of those goes on. */
function listenAlone(standin: Standin, runner: Runner): Town['app'] {
  const events = startWorkflowsOnEvents(standin, runner);
  return {
    async idle() {
      await events.idle();
      const answering = () =>
        runner.jobs.filter(({ jobKey, status }) => jobKey === 'event' && status !== 'completed');
      for (let jobs = answering(); jobs.length > 0; jobs = answering())
        await Promise.all(jobs.map(({ id }) => runner.ended(id)));
    },
    close: async () => true,
  };
}

async function openApp(standin: Standin): Promise<RunningApp> {
  const manifest = parse(await readFile(join(root, 'app/app.yml'), 'utf8'));
  const port = await freePort();
  const webhookSecret = 'the secret of the demo and of nothing else';
  const { appId, privateKeyPem } = standin.registerApp({
    slug: 'gump',
    permissions: manifest.default_permissions,
    events: manifest.default_events,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    webhookSecret,
  });
  return startApp({
    env: {
      APP_ID: String(appId),
      PRIVATE_KEY: privateKeyPem,
      WEBHOOK_SECRET: webhookSecret,
      GITHUB_API_URL: standin.apiUrl,
      GITHUB_SERVER_URL: standin.url,
    },
    host: '127.0.0.1',
    lookMs: 0,
    port,
    write: process.env.DEMO_LOG ? (line) => void process.stderr.write(line) : () => undefined,
  });
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
