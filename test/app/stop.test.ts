/** The App as a process: its first start, its stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSetup } from '../../app/setup.ts';
import { startApp } from '../../app/start.ts';
import { freePort } from '../github/incoming/host.ts';
import { type AppTown, openAppTown } from './app-town.ts';

const main = path.resolve(import.meta.dirname, '../../app/main.ts');

let town: AppTown;
let dir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  town = await openAppTown();
  dir = await mkdtemp(path.join(tmpdir(), 'gump-start-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await town.close();
  await rm(dir, { recursive: true, force: true });
});

/** Resolves when it has said something like this. */
async function start(env: Readonly<Record<string, string>>, said: RegExp) {
  const child = spawn(process.execPath, [main], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let log = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      log += chunk;
      if (said.test(log)) resolve();
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}:\n${log}`)));
  });
  return { child, ended, log: () => log };
}

describe('a stop', () => {
  test('by SIGTERM finishes what is under way, and takes nothing new', async () => {
    const app = await start({ ...town.env, PORT: String(town.port) }, /the App listens/);
    const issue = await town.openIssue();
    // GitHub takes its time, so that the signal comes in the middle.
    const slow = { rate: 1, kinds: ['429' as const], retryAfterSeconds: 1 };
    Object.assign(town.standin.faults, slow, { only: (method: string) => method === 'GET' });
    await town.comment(issue, '/gump help');
    await town.standin.idle();
    app.child.kill('SIGTERM');
    const health = async () => (await fetch(`http://127.0.0.1:${town.port}/healthz`)).text();
    await expect.poll(health).toContain('"status":"stopping"');
    Object.assign(town.standin.faults, { rate: 0 });
    await town.openIssue();
    await town.standin.idle();
    expect(town.standin.state.deliveries.at(-1)?.status_code).toBe(503);
    expect(await app.ended).toBe(0);
    expect((await town.bodies(issue)).at(-1)).toContain('Commands are the first line');
  });

  test('that takes too long says what it leaves', async () => {
    const app = await town.start({ port: town.port, stopMs: 200 });
    Object.assign(town.standin.faults, { rate: 1, kinds: ['429'], retryAfterSeconds: 1 });
    const issue = await town.openIssue().catch(() => 0);
    Object.assign(town.standin.faults, { rate: 0 });
    const number = issue || (await town.openIssue());
    Object.assign(town.standin.faults, { rate: 1, only: (_: string, at: string) => at.includes('/app/') });
    await town.comment(number, '/gump help');
    await town.standin.idle();
    expect(await app.close()).toBe(false);
    expect(town.log.join('')).toContain('"message":"stopped before everything was done');
    Object.assign(town.standin.faults, { rate: 0 });
  });
});

describe('the first start', () => {
  test('registers the App by one page, keeps its credentials for its owner alone, and goes on', async () => {
    const port = String(await freePort());
    await writeFile(path.join(dir, '.env'), 'KEPT=1\nAPP_ID=\n');
    const { apiUrl: GITHUB_API_URL, url: GITHUB_SERVER_URL } = town.standin;
    const app = await start({ GITHUB_API_URL, GITHUB_SERVER_URL, PORT: port }, /\/setup\?key=\w+/);
    const [address = ''] = /http:\S+\/setup\?key=\w+/.exec(app.log()) ?? [];
    const page = await (await fetch(address.replace('localhost', '127.0.0.1'))).text();
    const manifest = JSON.parse(
      (/name="manifest" value="([^"]*)"/.exec(page)?.[1] ?? '')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'"),
    );
    expect(page).toContain('GitHub cannot reach 127.0.0.1');
    expect(page).toContain(`action="${town.standin.url}/settings/apps/new?state=`);
    expect(manifest.default_events).toContain('issue_comment');
    expect(manifest.hook_attributes.url).toBe(`http://127.0.0.1:${port}/api/github/webhooks`);
    const state = /state=(\w+)/.exec(page)?.[1];
    const code = town.standin.confirmManifest(manifest);
    const done = `${manifest.redirect_url}?code=${code}&state=${state}`;
    const answer = await fetch(done, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`${town.standin.url}/apps/gump/installations/new`);
    await expect.poll(() => app.log(), { timeout: 20_000 }).toContain('the App listens');
    const file = path.join(dir, '.env');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kept = parseEnv(await readFile(file, 'utf8'));
    expect(Object.keys(kept).toSorted()).toEqual(['APP_ID', 'KEPT', 'PRIVATE_KEY', 'WEBHOOK_SECRET']);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect(app.log()).not.toMatch(/PRIVATE KEY/);
    // What is kept is enough for the next start.
    const again = await startApp({
      ...{ port: 0, host: '127.0.0.1', lookMs: 0, write: () => undefined },
      env: { ...town.env, ...kept },
    });
    await again.close();
  });

  test('shows its page to nobody without the key, and takes no answer but its own', async () => {
    const setup = await openSetup({
      ...{ apiUrl: town.standin.apiUrl, serverUrl: town.standin.url, port: 0, host: '127.0.0.1' },
      ...{ publicUrl: null, envFile: path.join(dir, '.env'), tell: () => undefined },
    });
    const base = new URL(setup.url.replace('localhost', '127.0.0.1')).origin;
    for (const at of ['/', '/setup', '/setup?key=x', '/setup/done?code=x&state=y', '/setup/done'])
      expect((await fetch(base + at)).status).toBe(404);
    expect((await fetch(`${base}/healthz`)).status).toBe(503);
    const page = await (await fetch(setup.url.replace('localhost', '127.0.0.1'))).text();
    const state = /state=(\w+)/.exec(page)?.[1];
    const wrong = await fetch(`${base}/setup/done?code=never-given&state=${state}`);
    expect([wrong.status, await wrong.text()]).toEqual([
      502,
      'The App was not registered: GitHub answered 404 to the code of the new App; begin again.\n',
    ]);
    await setup.close();
  });
});
