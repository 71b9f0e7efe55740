/** `gump doctor --github`, with each thing missing in its turn. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../src/hosting/doctor/finding.ts';
import { placeOf } from '../../src/hosting/doctor/github/ask.ts';
import { examineGithub } from '../../src/hosting/doctor/github.ts';
import { workflowText } from '../../src/hosting/workflow-file.ts';
import { type Standin, startStandin } from '../standin/standin.ts';
import { type Desk, openDesk } from './command.ts';

let desk: Desk;
let standin: Standin;
let token: string;
let number = 0;
beforeAll(async () => {
  desk = await openDesk();
  standin = await startStandin({ dir: path.join(desk.dir, 'git') });
  token = standin.addUser('acme').token;
});
afterAll(async () => {
  expect(standin.violations).toEqual([]);
  await standin.close();
  await desk.remove();
});

const key = 'env:\n          ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}\n        with:\n';
const whole = (host: 'alone' | 'app' = 'alone'): string => {
  const file = workflowText({ host, action: 'octo/gump@v1', queue: true });
  const at = file.indexOf('with:\n', file.indexOf('id: gump'));
  return `${file.slice(0, at)}${key}${file.slice(at + 6)}`;
};

interface Lacking {
  readonly file?: string | null;
  readonly secrets?: readonly string[];
  readonly organizationSecrets?: readonly string[];
  readonly label?: boolean;
  readonly actions?: { readonly enabled?: boolean; readonly can_approve?: boolean };
}

async function repository(lacking: Lacking = {}): Promise<string> {
  const name = `shop-${++number}`;
  const fromDir = path.join(desk.dir, name);
  await mkdir(path.join(fromDir, '.github/workflows'), { recursive: true });
  await writeFile(path.join(fromDir, 'README.md'), '# Shop\n');
  const file = lacking.file === undefined ? whole() : lacking.file;
  if (file !== null) await writeFile(path.join(fromDir, '.github/workflows/gump.yml'), file);
  const secrets = lacking.secrets ?? ['ANTHROPIC_API_KEY', 'GUMP_PUSH_TOKEN'];
  const made = await standin.addRepository({
    ...{ owner: 'acme', name, fromDir, organizationSecrets: lacking.organizationSecrets ?? [] },
    secrets: Object.fromEntries(secrets.map((secret) => [secret, 'planted-value'])),
  });
  Object.assign(made.actions, lacking.actions);
  if (lacking.label !== false) {
    const id = 900 + number;
    const label = { id, node_id: `LA_${id}`, name: 'gump', color: 'ededed', description: null };
    made.labels.set('gump', { ...label, default: false } as never);
  }
  await rm(fromDir, { recursive: true });
  return `acme/${name}`;
}

const environment = () => ({
  GITHUB_API_URL: standin.apiUrl,
  GITHUB_SERVER_URL: standin.url,
  GH_TOKEN: token,
});

/** As the command finds it, without a process for each. */
async function doctor(name: string, env: Record<string, string> = {}) {
  const found = await examineGithub(name, { ...environment(), ...env });
  if ('refused' in found) throw new Error(found.refused.message);
  const bad = found.findings.filter(({ status }) => status !== 'ok');
  return { ...found, bad };
}

const command = (args: readonly string[], env: Record<string, string> = {}) =>
  desk.gump(['doctor', '--github', ...args], { env: { ...environment(), ...env } });

test('a repository that has everything', async () => {
  const { code, stdout } = await command([await repository(), '--json']);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  expect([code, ok]).toEqual([0, true]);
  expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['ok']));
  expect(findings.length).toBeGreaterThan(6);
  expect(stdout).not.toContain('planted-value');
});

test('a repository that lacks something ends with exit code 1 and a line for what mends it', async () => {
  const name = await repository({ file: null });
  const { code, stdout } = await command([name]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ github .*gump\.yml is missing on main\n +→ gump init, then commit/);
});

test('an App that answers beside the workflow file is named, with the ways out of it', async () => {
  const name = await repository();
  const made = await fetch(`${standin.apiUrl}/repos/${name}/issues`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
    body: JSON.stringify({ title: 'Greet' }),
  });
  expect(made.status).toBe(201);
  expect((await doctor(name)).bad).toEqual([]);
  const { appId } = standin.registerApp({ slug: 'gump', permissions: { issues: 'write' }, events: [] });
  const bot = standin.state.apps.get(appId)?.bot;
  const at = '2026-11-26T10:00:00Z';
  if (bot)
    standin.state.repositories.get(name)?.comments.set(1, {
      ...{
        id: 1,
        node_id: 'IC_1',
        issue_number: 1,
        user: bot,
        app_id: appId,
        created_at: at,
        updated_at: at,
      },
      body: '<!-- gump:status issue-1 -->\nHello.',
    });
  const { ok, bad } = await doctor(name);
  expect(ok).toBe(true);
  expect(bad.map(({ status, message }) => [status, message])).toEqual([
    ['note', expect.stringMatching(/and so does the App gump: each event starts a job in vain/)],
  ]);
});

const without = (text: string | RegExp, by = ''): string => whole().replace(text, by);

test.each<[string, Lacking, Finding['status'], RegExp, RegExp]>([
  ['the workflow file', { file: null }, 'broken', /gump\.yml is missing on main/, /^gump init, then commit/],
  ['a workflow in it', { file: 'hello\n' }, 'broken', /is no workflow file/, /gump init --force/],
  [
    'an input',
    { file: without(/ {6}run-id:\n(?: {8}.*\n)+/) },
    'broken',
    /lacks inputs: run-id/,
    /init --force/,
  ],
  [
    'the run’s job',
    { file: without('\n  run:\n', '\n  running:\n') },
    'broken',
    /no job `run`/,
    /init --force/,
  ],
  [
    'the job behind it, as earlier versions wrote the file,',
    { file: without(/\n {2}# Costs a runner only where[\s\S]*$/) },
    'warning',
    /no job `after`: a run whose runner is lost .* stays open/,
    /init --force/,
  ],
  [
    'a right',
    { file: without(/ {6}checks: write\n(?= {4}steps:\n {6}- uses: actions\/checkout)/) },
    'broken',
    /`run`.*right checks: write/,
    /add `checks: write`/,
  ],
  [
    'the right to start runs',
    { file: without('      actions: write\n') },
    'broken',
    /`event`.*actions: write/,
    /add/,
  ],
  [
    'the Action’s account',
    { file: without(/octo\/gump/g, 'OWNER/gump') },
    'broken',
    /OWNER/,
    /put the account/,
  ],
  [
    'the secret',
    { secrets: ['GUMP_PUSH_TOKEN'] },
    'broken',
    /secret ANTHROPIC_API_KEY is missing/,
    /^gh secret set ANTHROPIC_API_KEY -R acme/,
  ],
  [
    'a key at all',
    { file: without(key, 'with:\n') },
    'broken',
    /no key of a model/,
    /gh secret set ANTHROPIC_API_KEY/,
  ],
  [
    'the push token',
    { secrets: ['ANTHROPIC_API_KEY'] },
    'note',
    /CI .* waits for approval/,
    /^gh secret set GUMP_PUSH_TOKEN/,
  ],
  ['the label', { label: false }, 'warning', /label `gump` is missing/, /^gh label create gump -R acme/],
  ['enabled Actions', { actions: { enabled: false } }, 'broken', /Actions are disabled/, /-F enabled=true/],
  [
    'the right to open pull requests',
    { actions: { can_approve: false } },
    'broken',
    /may not open pull requests/,
    /can_approve_pull_request_reviews=true/,
  ],
])('without %s it says so, and how to add it', async (_what, lacking, status, message, hint) => {
  const { ok, bad } = await doctor(await repository(lacking));
  expect(bad).toEqual([
    { check: 'github', status, message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
  ]);
  expect(ok).toBe(status !== 'broken');
});

test('a secret of the organization is one too', async () => {
  const name = await repository({ secrets: ['GUMP_PUSH_TOKEN'], organizationSecrets: ['ANTHROPIC_API_KEY'] });
  expect((await doctor(name)).bad).toEqual([]);
});

test('where the App starts runs, the page that tells whether it is installed', async () => {
  const name = await repository({ file: whole('app') });
  expect((await doctor(name)).bad).toEqual([
    expect.objectContaining({
      status: 'note',
      hint: expect.stringContaining(`/${name}/settings/installations`),
    }),
  ]);
});

test('who may not look at settings and secrets is told so, and of everything else', async () => {
  const name = await repository();
  const { token: reader } = standin.addUser('rudi');
  standin.setPermission(name, 'rudi', 'read');
  const { ok, bad } = await doctor(name, { GH_TOKEN: reader });
  expect(ok).toBe(true);
  expect(bad.map(({ status }) => status)).toEqual(['note', 'note', 'note']);
});

test.each([
  ['without a token', { GH_TOKEN: '' }, 'acme/shop', /no token is set/],
  ['with a token that is none', { GH_TOKEN: 'ghp_wrong' }, 'acme/shop', /does not accept the token/],
  ['of a repository that is not there', {}, 'acme/nowhere', /is not there/],
  ['of a GitHub that is not there', { GITHUB_API_URL: 'http://127.0.0.1:9' }, 'acme/shop', /did not answer/],
])('%s', async (_what, env, name, message) => {
  const { ok, bad } = await doctor(name, env);
  expect(ok).toBe(false);
  expect(bad).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
});

test('a name that is none is refused', async () => {
  const { code, stdout, stderr } = await command(['shop; rm -rf /']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('is no repository');
});

test('an Enterprise Server is asked under its own name', async () => {
  expect(placeOf('o/r', { GH_HOST: 'ghe.example' })).toMatchObject({
    api: 'https://ghe.example/api/v3',
    server: 'https://ghe.example',
  });
  expect(placeOf('o/r', {})).toMatchObject({ api: 'https://api.github.com', server: 'https://github.com' });
  const env = {
    GITHUB_API_URL: 'https://ghe.example/prefix/api/v3/',
    GITHUB_SERVER_URL: 'https://ghe.example/prefix',
  };
  expect(placeOf('o/r', env)).toMatchObject({ api: 'https://ghe.example/prefix/api/v3' });
});
