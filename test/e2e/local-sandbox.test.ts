import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../../src/process/program.ts';
import { type Desk, openDesk } from '../cli/command.ts';
import { eventsOf, livingWith, ofType, runsIn } from '../cli/ledger.ts';
import { makeProject, smallRun, tinyFiles, tinyRun, tinyScript, writeFiles } from '../cli/project.ts';
import { probe, whySkipped } from '../process/bubblewrap.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

const isolated = test.skipIf(!probe.usable);

/** A script whose only agent runs a command and then does what the gate wants. */
function running(command: string): string {
  return `rules:\n  - {step: make, turns: [{run: ${JSON.stringify(command)}, write: {b.txt: "right\\n"}}]}\n`;
}

/** A PATH with what a run needs, and no bubblewrap. */
async function pathWithoutBubblewrap(): Promise<string> {
  const bin = join(desk.dir, 'bin-without');
  await mkdir(bin, { recursive: true });
  for (const name of ['git', 'sh', 'bash', 'grep', 'cat', 'sleep', 'setsid']) {
    const program = findProgram(name, process.env.PATH ?? '');
    if (program !== null && !existsSync(join(bin, name))) await symlink(program, join(bin, name));
  }
  return bin;
}

isolated(`an agent sees its tree and nothing of the user’s${whySkipped}`, async () => {
  const files = { ...tinyFiles, '.gitignore': 'script.yaml\n.env\n' };
  const dir = await makeProject(desk, { name: 'looking', files });
  await writeFiles(dir, { '.env': 'SECRET=hunter2-in-a-file\n' });
  await desk.git(dir, 'config', 'http.extraHeader', 'hunter2-in-the-configuration');
  await writeFiles(desk.home, { '.netrc': 'hunter2-in-the-home\n', '.ssh/id': 'hunter2-in-ssh\n' });
  const look = [
    `cat /proc/[0-9]*/environ ${dir}/.git/config ${dir}/.env ${desk.home}/.netrc ${desk.home}/.ssh/id 2>/dev/null | tr '\\0' '\\n' | grep hunter2 > found.txt`,
    `ls -A ${dir} ${dir}/.gump/runs/* ../.. > listed.txt 2>&1`,
    `git log --format=%s > log.txt && git diff HEAD > diff.txt`,
    `for file in ${dir}/README.md ${dir}/.gump/runs/x ../../manifest.ndjson ../../git/config; do (echo x >> $file) 2>> denied.txt; done`,
    'true',
  ].join('; ');
  await writeFiles(dir, { 'script.yaml': running(look) });
  const env = { HUNTER: 'hunter2-in-the-engine' };
  const { code, stdout, stderr } = await desk.gump(smallRun, { cwd: dir, env });
  expect(code, stdout + stderr).toBe(0);
  const [run = ''] = runsIn(dir);
  const show = (file: string) => desk.git(dir, 'show', `gump/run-${run}:${file}`);
  expect(await show('found.txt')).toBe('');
  expect(await show('log.txt')).toBe('first');
  expect((await show('denied.txt')).split('\n')).toHaveLength(4);
  // On the way to the tree there are empty folders, and in the run's own the HOME of its commands.
  const listed = (await show('listed.txt')).split('\n').filter((line) => /^[\w.]+$/.test(line));
  expect([...new Set(listed)].sort()).toEqual(['.git', '.gump', 'home', 'trees']);
  expect(ofType(eventsOf(dir), 'run_started')[0]?.isolation).toEqual({
    sandbox: expect.stringMatching(/^bubblewrap \d/),
    reason: null,
  });
  expect((await desk.gump(['report'], { cwd: dir })).stdout).toMatch(
    /\n {2}agents {4}isolated by bubblewrap \d/,
  );
  expect(readdirSync(join(dir, '.gump/runs', run))).not.toContain('home');
});

isolated(`a judge cannot write the tree, nor read what a coder left in its HOME${whySkipped}`, async () => {
  const dir = await makeProject(desk, { name: 'judging' });
  const script = tinyScript
    .replace(
      'turns: [{write: {a.txt: "wrong\\n"},',
      'turns: [{run: "echo trap > ~/.judge-config", write: {a.txt: "right\\n"},',
    )
    .replace(
      'turns: [{say: looks,',
      'turns: [{run: "! test -e ~/.judge-config && ! (echo x > a.txt) 2>/dev/null && ! (echo x > new.txt) 2>/dev/null",',
    );
  await writeFiles(dir, { 'script.yaml': script });
  const { code, stdout, stderr } = await desk.gump(tinyRun, { cwd: dir });
  expect(code, stdout + stderr).toBe(0);
});

isolated(
  `a gate keeps what it writes to HOME for the next one of the run, and no secret is there${whySkipped}`,
  async () => {
    const gates = ['echo warm > ~/cache', `cat ~/cache && ! test -e ${desk.home}/.netrc`];
    const workflow = `name: small\nsteps:\n${gates.map((gate, at) => `  - {name: g${at}, gate: [{bash: ${JSON.stringify(gate)}}]}\n`).join('')}`;
    const dir = await makeProject(desk, {
      name: 'gates',
      files: { ...tinyFiles, '.gump/workflows/small.yaml': workflow },
    });
    await writeFiles(desk.home, { '.netrc': 'hunter2\n' });
    const { code, stdout, stderr } = await desk.gump(smallRun, { cwd: dir });
    expect(code, stdout + stderr).toBe(0);
  },
);

isolated(`an engine that is killed takes its agent with it${whySkipped}`, async () => {
  const own = await openDesk();
  try {
    const dir = await makeProject(own);
    await writeFiles(dir, {
      'script.yaml': running("trap '' TERM; (env -i setsid sleep 322 &); exec sleep 322"),
    });
    const { child, ended } = own.start(smallRun, { cwd: dir });
    while (!livingWith(own).some((line) => line.startsWith('sleep 322'))) await sleep(20);
    child.kill('SIGKILL');
    await ended;
    for (let turn = 0; livingWith(own).length > 0 && turn < 100; turn += 1) await sleep(10);
    expect(livingWith(own)).toEqual([]);
  } finally {
    await own.remove();
  }
});

test('where there is no sandbox the run says so at its start, in its trace and in its report', async () => {
  const dir = await makeProject(desk, { name: 'without' });
  await writeFiles(dir, { 'script.yaml': running('true') });
  const PATH = await pathWithoutBubblewrap();
  const { code, stdout, stderr } = await desk.gump(smallRun, { cwd: dir, env: { PATH } });
  expect(code, stdout + stderr).toBe(0);
  const message = 'agents are not isolated: bubblewrap is not installed';
  expect(stderr).toContain(`warning: ${message}\n  hint: install it: \`sudo apt-get install bubblewrap\``);
  expect(stdout).toContain(`[run]                        notice   ${message}; install it`);
  const { stdout: report } = await desk.gump(['report'], { cwd: dir });
  expect(report).toContain('\n  agents    not isolated: bubblewrap is not installed\n');
});

test('a run that requires a sandbox does not start without one, and does not go on without one', async () => {
  const dir = await makeProject(desk, { name: 'required' });
  const PATH = await pathWithoutBubblewrap();
  const refused = await desk.gump([...smallRun, '--sandbox', 'required'], { cwd: dir, env: { PATH } });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('a sandbox is required, and there is none: bubblewrap is not installed');
  expect(existsSync(join(dir, '.gump/runs'))).toBe(false);
});

isolated(
  `a run goes on with the sandbox that it was begun with, or with another if told so${whySkipped}`,
  async () => {
    const dir = await makeProject(desk, { name: 'again' });
    await writeFiles(dir, { 'script.yaml': running('exit 1') });
    const begun = await desk.gump([...smallRun, '--sandbox', 'required'], { cwd: dir });
    expect(begun.code, begun.stderr).toBe(1);
    const env = { PATH: await pathWithoutBubblewrap() };
    expect((await desk.gump(['run', '--resume'], { cwd: dir, env })).code).toBe(2);
    await writeFiles(dir, { 'script.yaml': running('true') });
    const resumed = await desk.gump(['run', '--resume', '--sandbox', 'off'], { cwd: dir });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await desk.gump(['report'], { cwd: dir })).stdout).toContain(
      'agents    not isolated: the sandbox was switched off',
    );
    const started = JSON.parse(
      (await readFile(join(dir, '.gump/runs', runsIn(dir)[0] ?? '', 'manifest.ndjson'), 'utf8')).split(
        '\n',
      )[0] ?? '',
    );
    expect(started.settings.sandbox).toEqual({ mode: 'required' });
  },
);
