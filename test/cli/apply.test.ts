import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from './command.ts';
import { runsIn } from './ledger.ts';
import { commitAll, listing, makeProject, tinyRun, tinyScript, writeFiles } from './project.ts';

let desk: Desk;
let original: string;
let run: string;

beforeAll(async () => {
  desk = await openDesk();
  original = await makeProject(desk, { name: 'original' });
  expect((await desk.gump(tinyRun, { cwd: original })).code).toBe(0);
  run = runsIn(original)[0] ?? '';
}, 60_000);

afterAll(() => desk.remove());

let copies = 0;

/** The repository as it is behind the run, for one test alone. */
async function copy(): Promise<string> {
  const dir = join(desk.dir, `copy-${copies++}`);
  await desk.start([], { command: ['cp', '-r', original, dir] }).ended;
  return dir;
}

const parents = async (dir: string) => (await desk.git(dir, 'log', '-1', '--format=%P')).split(' ');

test.concurrent('apply makes one merge commit and nothing else, whatever hooks, signing and identity say', async () => {
  const dir = await copy();
  const head = await desk.git(dir, 'rev-parse', 'HEAD');
  const tip = await desk.git(dir, 'rev-parse', `gump/run-${run}`);
  await mkdir(join(dir, '.git/hooks'), { recursive: true });
  for (const hook of ['pre-merge-commit', 'commit-msg', 'prepare-commit-msg', 'pre-commit', 'post-merge']) {
    await writeFile(
      join(dir, '.git/hooks', hook),
      '#!/bin/sh\necho "hook ran" >> "$GIT_DIR/../hooked"\nexit 1\n',
    );
    await chmod(join(dir, '.git/hooks', hook), 0o755);
  }
  await desk.git(dir, 'config', 'commit.gpgSign', 'true');
  await desk.git(dir, 'config', 'gpg.program', '/bin/false');
  const { code, stdout, stderr } = await desk.gump(['apply'], { cwd: dir });
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^merged gump/run-${run} as [0-9a-f]{12}\nundo: git reset --merge [0-9a-f]{12}\\^\n$`),
  );
  expect(stderr).toBe(
    'it is not signed, though commit.gpgSign asks for that: gump signs nothing in your name; git commit --amend --no-edit -S does\n',
  );
  expect(await parents(dir)).toEqual([head, tip]);
  expect(await desk.git(dir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
  expect(await desk.git(dir, 'diff', '--name-only', head, 'HEAD')).toBe('a.txt\nb.txt');
  const again = await desk.gump(['apply', run], { cwd: dir });
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('is merged already')]);
  expect((await parents(dir))[0]).toBe(head);
  const undo = /git (.*)$/.exec(stdout.trim())?.[1] ?? '';
  await desk.git(dir, ...undo.split(' '));
  expect(await desk.git(dir, 'rev-parse', 'HEAD')).toBe(head);
});

test.concurrent('apply works on a detached HEAD, on work done meanwhile, and leaves changes elsewhere alone', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'meanwhile.txt': 'mine\n' });
  const head = await commitAll(desk, dir, 'meanwhile');
  await desk.git(dir, 'checkout', '-q', '--detach');
  await writeFiles(dir, { 'README.md': 'not committed\n' });
  const { code, stderr } = await desk.gump(['apply', run], { cwd: dir });
  expect(code, stderr).toBe(0);
  expect((await parents(dir))[0]).toBe(head);
  expect(await desk.git(dir, 'rev-parse', 'main')).toBe(head);
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('M README.md');
});

test.concurrent('local changes in the way stop apply: exit code 1, the files named, nothing changed', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'a.txt': 'mine, untracked\n' });
  const before = await listing(dir, ['.git/index', '.git/ORIG_HEAD']);
  const { code, stdout, stderr } = await desk.gump(['apply'], { cwd: dir });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`gump/run-${run} was not merged`);
  expect(stderr).toContain('a.txt');
  expect(stderr).toContain('the tree is as it was');
  expect(await listing(dir, ['.git/index', '.git/ORIG_HEAD'])).toEqual(before);
});

test.concurrent('a conflict is taken back: exit code 1, the files named, branch, index and tree as before', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'a.txt': 'mine\n' });
  const head = await commitAll(desk, dir, 'mine');
  await writeFiles(dir, { 'README.md': 'not committed\n' });
  const before = await listing(dir, ['.git']);
  const { code, stdout, stderr } = await desk.gump(['apply'], { cwd: dir });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('it conflicts in a.txt');
  expect(stderr).toContain(`git merge gump/run-${run}`);
  expect(await listing(dir, ['.git'])).toEqual(before);
  expect(await desk.git(dir, 'rev-parse', 'HEAD')).toBe(head);
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('M README.md');
});

test.concurrent('apply refuses an unknown run, a run that did not pass, and says which passed last', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'script.yaml': tinyScript.replace('step: plan\n', 'step: nothing\n') });
  expect((await desk.gump(tinyRun, { cwd: dir })).code).toBe(1);
  const failed = runsIn(dir).at(-1) ?? '';
  const refused = await desk.gump(['apply', failed], { cwd: dir });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`the run ${failed} has not passed`),
  ]);
  const unknown = await desk.gump(['apply', 'x'], { cwd: dir });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no run x here')]);
  const { code, stdout } = await desk.gump(['apply'], { cwd: dir });
  expect([code, stdout]).toEqual([0, expect.stringContaining(`merged gump/run-${run}`)]);
});

test.concurrent('a run that changed nothing passes, and there is nothing to apply', async () => {
  const dir = await copy();
  const script = `rules:\n  - {step: plan, tasks: []}\n`;
  await writeFiles(dir, { 'script.yaml': script, 'a.txt': '', 'b.txt': '' });
  await commitAll(desk, dir, 'both there');
  expect((await desk.gump(tinyRun, { cwd: dir })).code).toBe(0);
  const { code, stdout, stderr } = await desk.gump(['apply'], { cwd: dir });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('nothing to do');
});
