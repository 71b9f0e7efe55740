import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileLedger } from '../../src/ledger/file.ts';
import { type Desk, openDesk } from './command.ts';
import { runsIn } from './ledger.ts';
import { begun, completed, makeRun } from './made-runs.ts';
import { listing, makeProject, smallRun, tinyFiles, tinyScript, writeFiles } from './project.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

const branches = async (dir: string) =>
  (await desk.git(dir, 'branch', '--format=%(refname:short)')).split('\n');
const gc = (dir: string, ...args: string[]) => desk.gump(['gc', ...args], { cwd: dir });
const day = (index: number) => `2026-11-${String(index).padStart(2, '0')}T00:00:00.000Z`;

test.concurrent('what an applied and a failed run have left goes, what somebody may want stays, and the rest of the repository is as it was', async () => {
  const dir = await makeProject(desk, { name: 'whole' });
  expect((await desk.gump(smallRun, { cwd: dir })).code).toBe(0);
  expect((await desk.gump(['apply'], { cwd: dir })).code).toBe(0);
  const [applied = ''] = runsIn(dir);
  await writeFiles(dir, { 'script.yaml': tinyScript.replaceAll('right', 'left') });
  await desk.git(dir, 'reset', '-q', '--hard', 'HEAD^');
  await desk.git(dir, 'branch', 'elsewhere', `gump/run-${applied}`);
  expect((await desk.gump(smallRun, { cwd: dir })).code).toBe(1);
  const failed = runsIn(dir).find((run) => run !== applied) ?? '';
  const paused = await desk.gump([...smallRun, '--pause-after', 'nope'], { cwd: dir });
  expect(paused.code).toBe(2);
  const skip = ['.gump/runs', '.git/refs', '.git/logs', '.git/packed-refs'];
  const before = await listing(dir, skip);
  const preview = await gc(dir, '--keep-last', '0', '--dry-run');
  expect(preview.stdout).toMatch(/^would remove {2}.*\n/);
  expect(runsIn(dir)).toHaveLength(2);
  const { code, stdout, stderr } = await gc(dir, '--keep-last', '0');
  expect([code, stderr]).toEqual([0, '']);
  expect(
    stdout.replaceAll('removed', 'would remove').replaceAll(/ +/g, ' ').replace('freed', 'would free'),
  ).toBe(preview.stdout.replaceAll(/ +/g, ' '));
  expect(stdout).toMatch(new RegExp(`removed +${applied} +pass, \\d+\\.\\d KiB`));
  expect(stdout).toMatch(new RegExp(`removed +gump/run-${applied} +branch`));
  expect(stdout).toContain(`remove it with: git branch -D gump/run-${failed}`);
  expect(stdout).toMatch(/freed \d+\.\d KiB\n$/);
  expect(runsIn(dir)).toEqual([]);
  expect(await branches(dir)).toEqual(['elsewhere', `gump/run-${failed}`, 'main']);
  expect(await listing(dir, skip)).toEqual(before);
  expect((await desk.gump(['status'], { cwd: dir })).stdout).toContain('no runs yet');
  await writeFiles(dir, { 'script.yaml': tinyScript });
  expect((await desk.gump(smallRun, { cwd: dir })).code).toBe(0);
});

test.concurrent('a run that is at work stays, whatever is asked; the reason names the process', async () => {
  const dir = await makeProject(desk, { name: 'busy' });
  const folder = await makeRun(dir, { run: 'r1', facts: [begun('r1')] });
  const ledger = await openFileLedger(folder);
  const { stdout } = await gc(dir, '--keep-last', '0', '--force');
  await ledger.close();
  expect(stdout).toContain(`process ${process.pid} works on it`);
  expect(runsIn(dir)).toEqual(['r1']);
  expect((await gc(dir, '--keep-last', '0')).code).toBe(0);
  expect(runsIn(dir)).toEqual([]);
});

test.concurrent('a branch that is checked out is not deleted: exit code 1, the rest is done', async () => {
  const dir = await makeProject(desk, { name: 'checked-out' });
  for (const [index, run] of ['r1', 'r2'].entries()) {
    await makeRun(dir, { run, facts: [begun(run), completed(run, 'fail')], ts: day(index + 1) });
    await desk.git(dir, 'branch', `gump/run-${run}`);
  }
  await desk.git(dir, 'worktree', 'add', '-q', join(desk.dir, 'side'), 'gump/run-r2');
  const { code, stderr } = await gc(dir, '--keep-last', '0');
  expect(code).toBe(1);
  expect(stderr).toContain('gump/run-r2');
  expect(runsIn(dir)).toEqual([]);
  expect(await branches(dir)).toEqual(['gump/run-r2', 'main']);
});

test.concurrent('what a killed process left is removed: trash, scratch folders, trees of passed runs; another run’s are not', async () => {
  const dir = await makeProject(desk, { name: 'leavings' });
  const run = await makeRun(dir, { run: 'r1', facts: [begun('r1'), completed('r1', 'pass')] });
  const failed = await makeRun(dir, { run: 'r2', facts: [begun('r2'), completed('r2', 'fail')] });
  const own = join(desk.home, 'gump-AbC123');
  const foreign = join(desk.home, 'gump-XyZ789');
  await writeFiles(own, { '.run-folder': run, 'plan#1/result.json': '{}' });
  await writeFiles(foreign, { '.run-folder': '/elsewhere/.gump/runs/r1' });
  await writeFiles(dir, {
    '.gump/runs/.trash-r0-aaaaaa/manifest.ndjson': 'x\n',
    '.gump/runs/r1/trees/run/big.txt': 'x'.repeat(2048),
  });
  await mkdir(join(failed, 'trees'));
  const { code, stdout, stderr } = await gc(dir, '--json');
  expect(code, stderr).toBe(0);
  const { removed, freedBytes } = JSON.parse(stdout);
  expect(removed.map(({ kind, name }: { kind: string; name: string }) => [kind, name])).toEqual([
    ['folder', join(run, 'trees')],
    ['folder', join(dir, '.gump/runs/.trash-r0-aaaaaa')],
    ['folder', own],
  ]);
  expect(freedBytes).toBeGreaterThan(2048);
  expect(await readdir(desk.home)).not.toContain('gump-AbC123');
  expect(await readdir(desk.home)).toContain('gump-XyZ789');
  expect(await readdir(failed)).toContain('trees');
});

test.concurrent('runs of a linked working tree keep their branches, and a runs folder that leads out is refused', async () => {
  const dir = await makeProject(desk, { name: 'main-tree' });
  const side = join(desk.dir, 'side-tree');
  await desk.git(dir, 'worktree', 'add', '-q', '-b', 'side-branch', side);
  await makeRun(side, { run: 'r1', facts: [begun('r1'), completed('r1', 'pass')] });
  await desk.git(dir, 'branch', 'gump/run-r1');
  expect((await gc(dir, '--keep-last', '0', '--force')).stdout).toBe('freed 0 B\n');
  expect(await branches(dir)).toContain('gump/run-r1');
  const target = join(desk.dir, 'elsewhere');
  await mkdir(join(target, 'precious'), { recursive: true });
  const linked = await makeProject(desk, {
    name: 'linked',
    files: { ...tinyFiles, '.gitignore': '.gump/runs\nscript.yaml\n' },
  });
  await symlink(target, join(linked, '.gump/runs'));
  const { code, stderr } = await gc(linked, '--keep-last', '0', '--force');
  expect([code, stderr]).toEqual([1, expect.stringContaining('is a link that leads out of the repository')]);
  expect(await readdir(target)).toEqual(['precious']);
});

test.concurrent('references of a run whose folder was deleted by hand go; those of runs here and in other trees stay', async () => {
  const dir = await makeProject(desk, { name: 'references' });
  const side = join(desk.dir, 'side-references');
  await desk.git(dir, 'worktree', 'add', '-q', '-b', 'side-references', side);
  const head = await desk.git(dir, 'rev-parse', 'HEAD');
  await makeRun(dir, { run: 'here', facts: [begun('here')] });
  await makeRun(side, { run: 'beside', facts: [begun('beside')] });
  for (const run of ['here', 'beside', 'gone']) {
    await desk.git(dir, 'update-ref', `refs/gump/held/${run}/${head}`, head);
    await desk.git(dir, 'update-ref', `refs/gump/kept/${run}`, head);
  }
  const refs = async () =>
    (await desk.git(dir, 'for-each-ref', '--format=%(refname)', 'refs/gump')).split('\n');
  const preview = await gc(dir, '--dry-run');
  expect(preview.stdout).toContain('would remove  gone  references in git; the folder of the run is gone');
  expect(await refs()).toHaveLength(6);
  expect((await gc(dir)).stdout).toMatch(/^removed {2}gone /);
  expect(await refs()).toEqual([
    `refs/gump/held/beside/${head}`,
    `refs/gump/held/here/${head}`,
    'refs/gump/kept/beside',
    'refs/gump/kept/here',
  ]);
  await rename(side, `${side}-away`);
  await rm(join(dir, '.gump/runs/here'), { recursive: true });
  expect((await gc(dir)).stdout).toContain(
    `the run may be in the working tree ${side}, which cannot be read`,
  );
  expect(await refs()).toHaveLength(4);
});

test.concurrent('a removal that is killed leaves whole runs and no halves, and the next one finishes', async () => {
  const dir = await makeProject(desk, { name: 'killed' });
  const runs = Array.from({ length: 14 }, (_, index) => `r${index + 10}`);
  for (const run of runs) {
    const folder = await makeRun(dir, { run, facts: [begun(run), completed(run, 'fail')] });
    await mkdir(join(folder, 'trees'));
    for (let file = 0; file < 10; file++) await writeFile(join(folder, 'trees', `f${file}`), 'x');
    await desk.git(dir, 'branch', `gump/run-${run}`);
  }
  for (let left = runs.length; left > 4; ) {
    const going = desk.start(['gc', '--keep-last', '0'], { cwd: dir });
    while (runsIn(dir).filter((name) => !name.startsWith('.')).length > left - 4) await sleep(1);
    going.child.kill('SIGKILL');
    await going.ended;
    const status = await desk.gump(['status', '--json'], { cwd: dir });
    const told = JSON.parse(status.stdout);
    expect(
      told.map(({ begun: one, problem }: { begun: boolean; problem: string | null }) => [one, problem]),
    ).toEqual(told.map(() => [true, null]));
    left = told.length;
  }
  expect((await gc(dir, '--keep-last', '0')).code).toBe(0);
  expect(await readdir(join(dir, '.gump/runs'))).toEqual(['index.ndjson']);
  expect(await branches(dir)).toEqual(['main']);
});
