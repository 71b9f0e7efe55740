import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../src/errors.ts';
import { type Desk, entry, openDesk } from './command.ts';
import { eventsOf, ofType, runsIn, treeOf } from './ledger.ts';
import { makeProject, smallRun, tinyFiles, tinyScript, writeFiles } from './project.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

const root = join(import.meta.dirname, '../..');
const shown = (dir: string, path: string) => desk.git(dir, 'show', `gump/run-${runsIn(dir).at(-1)}:${path}`);

test.concurrent('--json prints one event a line, as the ledger has them, and nothing else on stdout', async () => {
  const dir = await makeProject(desk, { name: 'json' });
  const { code, stdout, stderr } = await desk.gump([...smallRun, '--json'], { cwd: dir });
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(eventsOf(dir));
  expect(stderr).toContain(`run ${runsIn(dir)[0]}, result on branch`);
  const status = await desk.gump(['status', '--json'], { cwd: dir });
  expect(JSON.parse(status.stdout)).toMatchObject([
    { run: runsIn(dir)[0], workflow: 'small', status: 'pass' },
  ]);
});

test.concurrent('report tells steps, attempts, gates and cost of the latest run, and of a named one as JSON', async () => {
  const dir = await makeProject(desk, { name: 'report' });
  expect((await desk.gump(['report'], { cwd: dir })).code).toBe(2);
  expect((await desk.gump(smallRun, { cwd: dir })).code).toBe(0);
  const { stdout } = await desk.gump(['report'], { cwd: dir });
  expect(stdout).toContain(`Run ${runsIn(dir)[0]}: pass`);
  expect(stdout).toMatch(/Steps\n {2}✓ {2}make/);
  const named = await desk.gump(['report', runsIn(dir)[0] ?? '', '--json'], { cwd: dir });
  expect(JSON.parse(named.stdout)).toMatchObject({ status: 'pass', workflow: 'small' });
  const unknown = await desk.gump(['report', 'nope'], { cwd: dir });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no run nope here')]);
});

test.concurrent('colour is for terminals and for those who force it; NO_COLOR has the last word', async () => {
  const dir = await makeProject(desk, { name: 'colour' });
  const plain = await desk.gump(smallRun, { cwd: dir });
  const forced = await desk.gump(smallRun, { cwd: dir, env: { FORCE_COLOR: '1' } });
  const refused = await desk.gump(smallRun, { cwd: dir, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  expect([plain, forced, refused].map(({ stdout }) => stdout.includes('\x1b['))).toEqual([
    false,
    true,
    false,
  ]);
  expect(plain.stderr + refused.stderr).not.toContain('\x1b');
});

test.concurrent('a reader that goes away ends its pipe, not the run', async () => {
  const dir = await makeProject(desk, { name: 'pipe' });
  const line = `"$1" "$2" run small --spec spec.md --agent-script script.yaml | head -1`;
  const command = ['bash', '-c', line, 'bash', process.execPath, entry];
  const { stdout } = await desk.start([], { cwd: dir, command }).ended;
  expect(stdout).toBe('[make]                       running  (claude-opus)\n');
  expect(ofType(eventsOf(dir), 'run_completed').map(({ status }) => status)).toEqual(['pass']);
});

test.concurrent('what cannot be written is told: a list that is not complete ends with 1, a run with its own end', async () => {
  const dir = await makeProject(desk, { name: 'full' });
  const to = (words: string) => {
    const line = `"$1" "$2" ${words} > /dev/full`;
    return desk.start([], { cwd: dir, command: ['bash', '-c', line, 'bash', process.execPath, entry] }).ended;
  };
  const run = await to('run small --spec spec.md --agent-script script.yaml');
  expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('the output is not complete')]);
  expect(ofType(eventsOf(dir), 'run_completed').map(({ status }) => status)).toEqual(['pass']);
  const status = await to('status --json');
  expect([status.code, status.stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
});

test.concurrent('through npm, paths mean what they mean where the person stands', async () => {
  const dir = await makeProject(desk, { name: 'npm' });
  const inside = join(dir, 'docs');
  await mkdir(inside);
  const args = [
    'run',
    '-s',
    'gump',
    '--',
    'run',
    'small',
    '--spec',
    '../spec.md',
    '--agent-script',
    '../script.yaml',
  ];
  // What npm itself sets when it is called from `inside` with --prefix.
  const command = ['npm', '--prefix', root, ...args];
  const { code, stderr } = await desk.start([], { cwd: inside, command }).ended;
  expect(code, stderr).toBe(0);
  expect(runsIn(dir)).toHaveLength(1);
  const elsewhere = [
    'npm',
    '--prefix',
    root,
    ...args.slice(0, 6),
    '--spec',
    'spec.md',
    '--agent-script',
    'script.yaml',
  ];
  const named = await desk.start([], { cwd: desk.dir, command: [...elsewhere, '--repo', 'npm'] }).ended;
  expect(named.code, named.stderr).toBe(0);
  expect(runsIn(dir)).toHaveLength(2);
});

test.concurrent('a path that is where the person stands is meant before one in the repository', async () => {
  const dir = await makeProject(desk, { name: 'both' });
  const here = join(desk.dir, 'here');
  await writeFiles(here, { 'spec.md': 'the one here\n', 'script.yaml': tinyScript });
  const args = ['run', 'small', '--spec', 'spec.md', '--agent-script', 'script.yaml', '--repo', '../both'];
  const { code, stderr } = await desk.gump([...args, '--pause-after', 'make'], { cwd: here });
  expect(code, stderr).toBe(3);
  expect(ofType(eventsOf(dir), 'run_started')).toMatchObject([{ spec_origin: 'spec.md' }]);
  expect(
    await desk.start([], { cwd: dir, command: ['cat', `.gump/runs/${runsIn(dir)[0]}/spec.md`] }).ended,
  ).toMatchObject({
    stdout: 'the one here\n',
  });
});

const places: readonly [title: string, name: string, init: readonly string[], config: readonly string[]][] = [
  [
    'spaces, quotes, a dollar and letters beyond ASCII in its path',
    `mein Übungs-'projekt' $HOME "日本"`,
    [],
    [],
  ],
  ['sha256 objects', 'sha256', ['--object-format=sha256'], []],
  ['autocrlf', 'crlf', [], ['core.autocrlf', 'true']],
];

for (const [title, name, init, config] of places) {
  test.concurrent(`a run and apply work in a repository with ${title}`, async () => {
    const dir = await makeProject(desk, { name, init });
    if (config.length > 0) await desk.git(dir, 'config', ...config);
    const { code, stdout, stderr } = await desk.gump(smallRun, { cwd: dir });
    expect(code, stdout + stderr).toBe(0);
    expect(await shown(dir, 'b.txt')).toBe('right');
    const applied = await desk.gump(['apply'], { cwd: dir });
    expect(applied.code, applied.stderr).toBe(0);
    expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
  });
}

test.concurrent('in a linked worktree the run is there, the branch is in the repository, and its own branch stays', async () => {
  const dir = await makeProject(desk, { name: 'linked-main' });
  const linked = join(desk.dir, 'linked');
  await desk.git(dir, 'worktree', 'add', '-q', '-b', 'side', linked);
  await writeFiles(linked, { 'script.yaml': tinyScript });
  const { code, stderr } = await desk.gump(smallRun, { cwd: linked });
  expect(code, stderr).toBe(0);
  expect([runsIn(linked).length, runsIn(dir).length]).toEqual([1, 0]);
  expect(treeOf(dir, `gump/run-${runsIn(linked)[0]}`)).toBe(treeOf(linked, `gump/run-${runsIn(linked)[0]}`));
  expect((await desk.gump(['apply'], { cwd: linked })).code).toBe(0);
  expect(await desk.git(linked, 'log', '-1', '--format=%s', 'side')).toContain('Merge branch');
  expect(await desk.git(dir, 'log', '-1', '--format=%s', 'main')).toBe('first');
  expect(await desk.git(linked, 'status', '--porcelain')).toBe('');
});

test.concurrent('a run from a folder of the repository is a run of the whole repository', async () => {
  const dir = await makeProject(desk, { name: 'deep', files: { ...tinyFiles, 'src/deep/x.txt': 'x\n' } });
  const { code, stderr } = await desk.gump(
    ['run', 'small', '--spec', '../../spec.md', '--agent-script', '../../script.yaml'],
    {
      cwd: join(dir, 'src/deep'),
    },
  );
  expect(code, stderr).toBe(0);
  expect(await shown(dir, 'b.txt')).toBe('right');
  expect((await desk.gump(['apply'], { cwd: join(dir, 'src/deep') })).code).toBe(0);
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
});

test.concurrent('the script may come from the environment, and --version and --help are answers, not errors', async () => {
  const dir = await makeProject(desk, { name: 'env' });
  const run = await desk.gump(['run', 'small', '--spec', 'spec.md', '--pause-after', 'make'], {
    cwd: dir,
    env: { GUMP_AGENT_SCRIPT: 'script.yaml' },
  });
  expect(run.code, run.stderr).toBe(3);
  const version = await desk.gump(['--version'], { cwd: dir });
  expect([version.code, version.stdout, version.stderr]).toEqual([
    0,
    expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    '',
  ]);
  const help = await desk.gump(['run', '--help'], { cwd: dir });
  expect([help.code, help.stdout, help.stderr]).toEqual([
    0,
    expect.stringContaining('Exit codes: 0 passed'),
    '',
  ]);
});

test('a full disk is told as one, with what to do, in whatever place the system says it', () => {
  const told = () => {
    try {
      writeFileSync('/dev/full', 'x');
      return 'written';
    } catch (error) {
      return explain(error);
    }
  };
  expect(told()).toMatch(/^ENOSPC: no space left on device.*\n {2}The disk is full: make room \(`gump gc`/);
});

test.concurrent('gates for which the project has no command are told before an agent is paid for them', async () => {
  const dir = await makeProject(desk, {
    name: 'gateless',
    files: {
      ...tinyFiles,
      'package.json': '{"scripts": {"test": "true"}}\n',
      '.gump/workflows/small.yaml': `name: small
steps:
  - {name: make, type: code, prompt: "Make {spec}", agent: claude-opus, gate: [compile, lint, test]}
`,
    },
  });
  const { code, stderr } = await desk.gump(smallRun, { cwd: dir });
  expect(code).toBe(1);
  expect(stderr.slice(0, stderr.indexOf('run 2'))).toContain(
    [
      'warning: no command is found in the top folder for the gate `compile`: attempts fail there unless they bring one',
      "  hint: say one and commit it: gump config set validation.compile '…'",
      '',
    ].join('\n'),
  );
});
