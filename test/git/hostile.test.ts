import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/git/workspace.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

let user: Fixture;
let base: string;
let workspace: Workspace;
let notices: string[];
let home: string | undefined;
let trap: string;

beforeEach(async () => {
  home = process.env.HOME;
  user = createFixture();
  process.env.HOME = user.home;
  notices = [];
  trap = join(user.top, 'sprung');
  const script = `#!/bin/sh\necho "$0" >> '${trap}'\nexit 1\n`;
  user.write('readme.md', 'hello\n');
  user.write('a.txt', 'a\n');
  base = user.commit('base');
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'post-index-change',
    'reference-transaction',
    'post-merge',
  ]) {
    writeFileSync(join(user.gitDir, 'hooks', hook), script, { mode: 0o755 });
  }
  writeFileSync(join(user.top, 'trap.sh'), script, { mode: 0o755 });
  user.git('config', 'commit.gpgSign', 'true');
  user.git('config', 'gpg.program', join(user.top, 'trap.sh'));
  user.git('config', 'core.fsmonitor', join(user.top, 'trap.sh'));
  user.git('config', 'filter.trap.clean', join(user.top, 'trap.sh'));
  user.git('config', 'filter.trap.smudge', join(user.top, 'trap.sh'));
  user.git('config', 'diff.external', join(user.top, 'trap.sh'));
  workspace = await openWorkspace({
    objects: user.gitDir,
    dir: join(user.top, 'run'),
    resultRef: { gitDir: user.gitDir, ref: 'refs/heads/result' },
    base,
    onNotice: (message) => notices.push(message),
  });
});

afterEach(async () => {
  await workspace.dispose();
  process.env.HOME = home;
  user.remove();
});

async function cycle(from: string): Promise<string> {
  const made = await workspace.snapshot('', { parent: from, message: 'attempt' });
  await workspace.diff(from, made.commit, 10_000);
  await workspace.tree('', made.commit);
  await workspace.advance(made.commit);
  return made.commit;
}

describe('a hostile tree', () => {
  it('cannot make the engine run a hook, filter, monitor or signing program, of its own or of the user', async () => {
    const tree = await workspace.tree('', base);
    const own = join(tree.dir, '.git');
    mkdirSync(join(own, 'hooks'), { recursive: true });
    for (const hook of ['pre-commit', 'post-checkout', 'post-index-change', 'reference-transaction']) {
      writeFileSync(join(own, 'hooks', hook), readFileSync(join(user.top, 'trap.sh')), { mode: 0o755 });
    }
    const program = join(user.top, 'trap.sh');
    writeFileSync(
      join(own, 'config'),
      `[core]\n\tfsmonitor = ${program}\n\tworktree = /\n[filter "trap"]\n\tclean = ${program}\n\tsmudge = ${program}\n\trequired = true\n[diff]\n\texternal = ${program}\n`,
    );
    writeFileSync(join(tree.dir, '.gitattributes'), '* filter=trap diff=trap merge=trap\n');
    writeFileSync(join(tree.dir, 'a.txt'), 'changed\n');
    const made = await cycle(base);
    expect(await workspace.readFile(made, 'a.txt')).toBe('changed\n');
    expect(existsSync(trap)).toBe(false);
    expect(existsSync(join(own, 'hooks'))).toBe(false);
    expect(readFileSync(join(own, 'config'), 'utf8')).not.toContain('fsmonitor');
  });

  it('whose .git was replaced by a link loses the link, not what it leads to', async () => {
    const tree = await workspace.tree('', base);
    rmSync(join(tree.dir, '.git'), { recursive: true });
    symlinkSync(user.gitDir, join(tree.dir, '.git'));
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    const before = readdirSync(user.gitDir).sort();
    const made = await cycle(base);
    expect(await workspace.changedFiles(base, made)).toEqual(['b.txt']);
    expect(readdirSync(user.gitDir).sort()).toEqual(before);
    expect(user.gitIn(tree.dir, 'rev-parse', 'HEAD')).toBe(made);
    expect(user.git('rev-parse', 'main')).toBe(base);
  });

  it('whose .git was deleted or is a file is no different', async () => {
    const tree = await workspace.tree('', base);
    rmSync(join(tree.dir, '.git'), { recursive: true });
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    const one = await cycle(base);
    rmSync(join(tree.dir, '.git'), { recursive: true });
    writeFileSync(join(tree.dir, '.git'), `gitdir: ${user.gitDir}\n`);
    writeFileSync(join(tree.dir, 'b.txt'), 'c');
    const two = await cycle(one);
    expect(await workspace.readFile(two, 'b.txt')).toBe('c');
  });

  it('may commit, branch and change its index: only the files count', async () => {
    const tree = await workspace.tree('', base);
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    user.gitIn(tree.dir, 'checkout', '-q', '-b', 'mine');
    user.gitIn(tree.dir, 'add', 'b.txt');
    user.gitIn(tree.dir, 'commit', '-q', '-m', 'mine');
    user.gitIn(tree.dir, 'update-index', '--assume-unchanged', 'a.txt');
    writeFileSync(join(tree.dir, 'a.txt'), 'hidden from its own index\n');
    const made = await workspace.snapshot('', { parent: base, message: 'attempt' });
    expect(made.files).toEqual(['a.txt', 'b.txt']);
    expect(user.git('branch', '--list', 'mine')).toBe('');
    await workspace.tree('', made.commit);
    expect(user.gitIn(tree.dir, 'status', '--porcelain')).toBe('');
    expect(user.gitIn(tree.dir, 'branch', '--list', 'mine')).toBe('');
  });

  it('commits as itself where no identity is configured', async () => {
    const tree = await workspace.tree('', base);
    const env = { PATH: process.env.PATH ?? '', HOME: user.home, GIT_CONFIG_NOSYSTEM: '1' };
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    execFileSync('git', ['add', '-A'], { cwd: tree.dir, env });
    execFileSync('git', ['commit', '-q', '-m', 'mine'], { cwd: tree.dir, env });
    expect(user.gitIn(tree.dir, 'log', '-1', '--format=%an')).toBe('gump');
  });

  it('with repositories inside gives their files, not links to commits that nobody has', async () => {
    const tree = await workspace.tree('', base);
    for (const name of ['empty', 'full', 'full/inner']) {
      mkdirSync(join(tree.dir, name), { recursive: true });
      user.gitIn(join(tree.dir, name), 'init', '-q');
      writeFileSync(join(tree.dir, name, 'file.txt'), name);
    }
    for (const name of ['full/inner', 'full']) {
      user.gitIn(join(tree.dir, name), 'add', '-A');
      user.gitIn(join(tree.dir, name), 'commit', '-q', '-m', 'inside');
    }
    const made = await workspace.snapshot('', { parent: base, message: 'nested' });
    expect(made.files).toEqual(['empty/file.txt', 'full/file.txt', 'full/inner/file.txt']);
    expect(user.git('ls-tree', '-r', made.commit)).not.toContain('160000');
    expect(notices.join('\n')).toContain('full is a git repository of its own');
    await workspace.tree('', base);
    expect(existsSync(join(tree.dir, 'full'))).toBe(false);
  });

  it('with one committed repository inside gives its files too', async () => {
    const tree = await workspace.tree('', base);
    mkdirSync(join(tree.dir, 'full'));
    user.gitIn(join(tree.dir, 'full'), 'init', '-q');
    writeFileSync(join(tree.dir, 'full/file.txt'), 'x');
    user.gitIn(join(tree.dir, 'full'), 'add', '-A');
    user.gitIn(join(tree.dir, 'full'), 'commit', '-q', '-m', 'inside');
    const made = await workspace.snapshot('', { parent: base, message: 'nested' });
    expect(made.files).toEqual(['full/file.txt']);
    await workspace.tree('', made.commit);
    expect(await workspace.snapshot('', { parent: made.commit, message: 'again' })).toEqual({
      commit: made.commit,
      files: [],
    });
  });

  it('with a repository in a folder that is tracked gives its files', async () => {
    user.write('pkg/a.ts', 'a');
    const head = user.commit('pkg');
    const tree = await workspace.tree('', head);
    user.gitIn(join(tree.dir, 'pkg'), 'init', '-q');
    writeFileSync(join(tree.dir, 'pkg/b.ts'), 'b');
    writeFileSync(join(tree.dir, 'pkg/a.ts'), 'changed');
    const made = await workspace.snapshot('', { parent: head, message: 'nested' });
    expect(made.files).toEqual(['pkg/a.ts', 'pkg/b.ts']);
  });

  it('with a pipe in place of a file costs that file and says so', async () => {
    const tree = await workspace.tree('', base);
    rmSync(join(tree.dir, 'a.txt'));
    execFileSync('mkfifo', [join(tree.dir, 'a.txt')]);
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    const made = await workspace.snapshot('', { parent: base, message: 'pipe' });
    expect(made.files).toContain('b.txt');
    await workspace.tree('', made.commit);
    expect(user.gitIn(tree.dir, 'status', '--porcelain')).toBe('');
  });

  it('with a .GIT folder costs that folder and says so', async () => {
    const tree = await workspace.tree('', base);
    mkdirSync(join(tree.dir, '.GIT'));
    writeFileSync(join(tree.dir, '.GIT/config'), '[core]\n');
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    const made = await workspace.snapshot('', { parent: base, message: 'odd' });
    expect(made.files).toEqual(['b.txt']);
    expect(notices.join('\n')).toContain('could not be taken');
  });

  it('with a submodule keeps it as it was', async () => {
    const other = createFixture();
    other.write('lib.txt', 'lib');
    const linked = other.commit('lib');
    user.write('.gitmodules', '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n');
    user.git('add', '.gitmodules');
    user.git('update-index', '--add', '--cacheinfo', `160000,${linked},lib`);
    user.git(
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'commit.gpgSign=false',
      '-c',
      'core.fsmonitor=false',
      'commit',
      '-q',
      '-m',
      'sub',
    );
    const head = user.git('rev-parse', 'HEAD');
    const tree = await workspace.tree('', head);
    writeFileSync(join(tree.dir, 'b.txt'), 'b');
    const made = await workspace.snapshot('', { parent: head, message: 'x' });
    expect(made.files).toEqual(['b.txt']);
    writeFileSync(join(tree.dir, 'lib/.git'), 'gitdir: ../.git/modules/lib\n');
    await workspace.tree('', made.commit);
    expect(readdirSync(join(tree.dir, 'lib'))).toEqual([]);
    expect(await workspace.snapshot('', { parent: made.commit, message: 'y' })).toEqual({
      commit: made.commit,
      files: [],
    });
    other.remove();
  });
});
