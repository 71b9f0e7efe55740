/** Configuration in force: what `gump run` does with gump.toml, the user's file and the environment. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Desk, openDesk, type StartOptions } from './command.ts';
import { commitAll, listing, makeProject, smallRun, tinyFiles, writeFiles } from './project.ts';

const agentless = `name: agentless
steps:
  - name: make
    type: code
    prompt: "Make {spec}"
    gate:
      - bash: grep -q right b.txt
    retry:
      - exit: 2
`;

const ownAgent = `default_agent = "mine"
[agents.mine]
command = ["my-agent", "--headless"]
`;

let desk: Desk;
let dir: string;
let path: string;
let number = 0;

beforeAll(async () => {
  desk = await openDesk();
  const bin = join(desk.dir, 'bin');
  await mkdir(bin);
  path = `${bin}:${desk.env.PATH}`;
  await writeFile(
    join(bin, 'my-agent'),
    '#!/bin/sh\ncat > /dev/null\necho right > b.txt\necho "wrote b.txt"\n',
  );
  await chmod(join(bin, 'my-agent'), 0o755);
});
afterAll(() => desk.remove());
beforeEach(async () => {
  const files = { ...tinyFiles, '.gump/workflows/agentless.yaml': agentless };
  dir = await makeProject(desk, { files, name: `project-${++number}` });
});
afterEach(() => rm(join(desk.home, '.gump'), { recursive: true, force: true }));

async function commit(files: Record<string, string>): Promise<void> {
  await writeFiles(dir, files);
  await commitAll(desk, dir, 'configure');
}

async function userFile(text: string): Promise<void> {
  await mkdir(join(desk.home, '.gump'), { recursive: true });
  await writeFile(join(desk.home, '.gump/config.toml'), text);
}

const gump = (args: readonly string[], options: StartOptions = {}) =>
  desk.gump(args, { cwd: dir, ...options });

async function settings(): Promise<Record<string, unknown>> {
  const runs = (await gump(['status', '--json'])).stdout;
  const [{ folder }] = JSON.parse(runs);
  const [first = ''] = (await readFile(join(folder, 'manifest.ndjson'), 'utf8')).split('\n');
  return JSON.parse(first).settings;
}

const run = ['run', 'agentless', '--spec', 'spec.md'];

test('a broken gump.toml refuses the run before anything happens, together with every other problem', async () => {
  await commit({
    'gump.toml': '[validation]\ntset = "x"\n[budget]\nmax_budget = "20"\n',
    '.gump/workflows/agentless.yaml': agentless.replace('retry:', 'retrys:'),
  });
  await userFile('default_agent = 3\n');
  const before = await listing(dir);
  const { code, stdout, stderr } = await gump(run, { env: { GUMP_MAX_PARALLEL: 'many' } });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const part of [
    'gump.toml:2:1: error: unknown key `tset` in [validation]',
    'gump.toml:4:14: error: `max_budget` is an amount',
    '~/.gump/config.toml:1:17: error: `default_agent` is the name of an agent',
    'GUMP_MAX_PARALLEL is a whole number from 1 to 256, not `many`',
    'unknown key `retrys`',
  ]) {
    expect(stderr).toContain(part);
  }
  expect(await listing(dir)).toEqual(before);
});

test('an agent of one’s own runs as the default agent, and its cost is unknown everywhere', async () => {
  await commit({ 'gump.toml': ownAgent });
  const { code, stdout, stderr } = await gump(run, { env: { PATH: path } });
  expect(stderr).not.toContain('error:');
  expect(code).toBe(0);
  expect(stdout).toContain('running  (mine)');
  expect(stdout).toMatch(/Run completed: pass {2}duration: .* cost: unknown\n/);
  const report = (await gump(['report'])).stdout;
  expect(report).toContain('cost      unknown');
  expect(report).toContain('nobody knows what mine used');
  expect(report).not.toContain('$0.00');
  expect(JSON.parse((await gump(['report', '--json'])).stdout)).toMatchObject({
    costUnknown: true,
    costUsd: 0,
  });
});

test('a budget that cannot hold it is told before it starts', async () => {
  await commit({ 'gump.toml': `${ownAgent}[budget]\nmax_budget = 3\n` });
  const { code, stderr } = await gump(run, { env: { PATH: path } });
  expect(code).toBe(0);
  expect(stderr).toContain('warning: nobody can tell what mine uses, so the limit of $3.00 does not hold it');
});

test('its missing program is told in one sentence before anything is spent', async () => {
  await commit({ 'gump.toml': ownAgent });
  const { code, stderr } = await gump(run);
  expect(code).toBe(2);
  expect(stderr).toContain('error: no agent can be launched as mine: its program `my-agent` is not on PATH');
  expect((await gump(['status', '--json'])).stdout.trim()).toBe('[]');
});

test('a resume goes on with the settings of the start, whatever gump.toml says by then', async () => {
  await commit({
    'gump.toml': `${ownAgent.replace('my-agent', 'failing-agent')}[budget]\nmax_parallel = 3\n`,
  });
  const failing = join(desk.dir, 'bin/failing-agent');
  await writeFile(failing, '#!/bin/sh\ncat > /dev/null\necho no network >&2\nexit 9\n', { mode: 0o755 });
  const first = await gump(run, { env: { PATH: path } });
  expect(first.code).toBe(1);
  expect(first.stderr).toContain('`failing-agent` ended with exit code 9: no network');
  expect(await settings()).toMatchObject({
    default_agent: 'mine',
    max_parallel: 3,
    agents: { mine: { command: ['failing-agent', '--headless'] } },
  });
  await commit({ 'gump.toml': 'default_agent = "codex"\n' });
  await writeFile(failing, '#!/bin/sh\ncat > /dev/null\necho right > b.txt\n');
  const second = await gump(['run', '--resume'], { env: { PATH: path } });
  expect(second.stderr).not.toContain('error:');
  expect(second.code).toBe(0);
});

test.each([
  {
    title: 'where neither command nor workflow says one',
    file: 'max_budget = 0.01',
    env: {},
    args: [],
    max: 0.01,
  },
  {
    title: 'unless the environment says another',
    file: 'max_budget = 3',
    env: { GUMP_MAX_BUDGET: '0.01' },
    args: [],
    max: 0.01,
  },
  {
    title: 'unless the command says another',
    file: 'max_budget = 3',
    env: { GUMP_MAX_BUDGET: '2' },
    args: ['--max-budget', '0.01'],
    max: 0.01,
  },
])('the budget of the configuration holds $title', async ({ file, env, args, max }) => {
  await commit({ 'gump.toml': `[budget]\n${file}\n` });
  const { code, stderr } = await gump([...smallRun, ...args], { env });
  expect(code).toBe(1);
  expect(stderr).toContain(`of $${max.toFixed(2)}`);
});

test('the workflow’s own budget stands before that of the files', async () => {
  await commit({
    'gump.toml': '[budget]\nmax_budget = 0.01\n',
    '.gump/workflows/small.yaml':
      tinyFiles['.gump/workflows/small.yaml']?.toString().replace('steps:', 'max_budget: 1\nsteps:') ?? '',
  });
  expect((await gump(smallRun)).code).toBe(0);
});

test('the project’s file stands before the user’s, and both before the default', async () => {
  await userFile(
    'default_agent = "gemini"\n[budget]\nmax_parallel = 2\nmax_tokens = 500\n[validation]\nlint = "true"\n',
  );
  await commit({ 'gump.toml': 'default_agent = "codex"\n[error_context]\nmax_error_chars = 300\n' });
  expect((await gump(smallRun)).code).toBe(0);
  expect(await settings()).toMatchObject({
    default_agent: 'codex',
    max_parallel: 2,
    budget: { max_tokens: 500 },
    error_context: { max_error_chars: 300 },
    validation: { lint: 'true' },
  });
});

test('without any configuration the ledger says nothing of it', async () => {
  expect((await gump(smallRun)).code).toBe(0);
  expect(await settings()).toEqual({
    default_agent: 'claude-sonnet',
    agent: null,
    max_budget: null,
    max_parallel: 4,
    pause_after: null,
    agent_script: join(dir, 'script.yaml'),
  });
});

test('a gump.toml that git ignores is not read, and the run says so', async () => {
  await commit({ '.gitignore': 'script.yaml\ngump.toml\n' });
  await writeFile(join(dir, 'gump.toml'), '[budget]\nmax_budget = 0.01\n');
  const { code, stderr } = await gump(smallRun);
  expect(code).toBe(0);
  expect(stderr).toContain('warning: gump.toml is not in the commit that the run starts on');
});

test('what a retry is told of an error is cut to what the configuration says', async () => {
  const noisy = agentless.replace('grep -q right b.txt', 'seq 1 5000; exit 1');
  await commit({
    'gump.toml': `${ownAgent.replace('my-agent', 'keeping-agent')}[error_context]\nmax_error_chars = 400\n`,
    '.gump/workflows/agentless.yaml': noisy,
  });
  const kept = join(desk.dir, `prompt-${number}.txt`);
  await writeFile(join(desk.dir, 'bin/keeping-agent'), `#!/bin/sh\ncat > "${kept}"\n`, { mode: 0o755 });
  // The agent keeps its prompt where no sandbox would let it write.
  expect((await gump(run, { env: { PATH: path, GUMP_SANDBOX: 'off' } })).code).toBe(1);
  const prompt = await readFile(kept, 'utf8');
  expect(prompt).toContain('## Attempt 1 failed');
  expect(prompt).toContain('left out ...]');
  expect(prompt.length).toBeLessThan(1_500);
});
