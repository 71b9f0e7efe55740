import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeBranch } from '../../src/git/merge-branch.ts';
import { dirtyFiles, excludeOurs, openRepository } from '../../src/git/repository.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

let user: Fixture;
let home: string | undefined;

beforeEach(() => {
  home = process.env.HOME;
  user = createFixture();
  process.env.HOME = user.home;
});

afterEach(() => {
  process.env.HOME = home;
  user.remove();
});

describe('a repository', () => {
  it('is found from any folder of it', async () => {
    user.write('src/a.ts', 'a');
    const head = user.commit('base');
    const root = realpathSync(user.repo);
    expect(await openRepository(join(user.repo, 'src'))).toEqual({
      root,
      gitDir: join(root, '.git'),
      commonDir: join(root, '.git'),
      head,
      branch: 'main',
      objectFormat: 'sha1',
    });
    user.git('checkout', '-q', '--detach');
    user.git('worktree', 'add', '-q', join(user.top, 'linked'), '-b', 'side');
    expect(await openRepository(user.repo)).toMatchObject({ branch: null });
    expect(await openRepository(join(user.top, 'linked'))).toMatchObject({
      branch: 'side',
      commonDir: join(root, '.git'),
      gitDir: join(root, '.git/worktrees/linked'),
    });
  });

  it('that a run cannot stand on is refused with what to do', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'gump-none-'));
    expect(await openRepository(outside)).toMatchObject({
      problem: { code: 'no-repository', hint: expect.stringContaining('git init') },
    });
    rmSync(outside, { recursive: true });
    expect(await openRepository(user.repo)).toMatchObject({
      problem: { code: 'no-commit', hint: expect.stringContaining('git commit') },
    });
    user.gitIn(user.top, 'init', '-q', '--bare', 'bare.git');
    expect(await openRepository(join(user.top, 'bare.git'))).toMatchObject({
      problem: { code: 'bare-repository' },
    });
  });

  it('is refused where its path has a line break, for git tells paths in lines', async () => {
    const top = join(user.top, 'a\nb');
    mkdirSync(top);
    user.gitIn(top, 'init', '-q');
    expect(await openRepository(top)).toMatchObject({
      problem: { code: 'repository-path', message: expect.stringContaining('line break') },
    });
  });

  it('keeps what the user has excluded byte for byte, and does not write where it cannot read', async () => {
    const path = join(user.gitDir, 'info/exclude');
    const latin = Buffer.from('caf\xe9\n', 'latin1');
    writeFileSync(path, latin);
    await excludeOurs({ commonDir: user.gitDir });
    expect(readFileSync(path).subarray(0, latin.length)).toEqual(latin);
    rmSync(path);
    mkdirSync(path);
    await expect(excludeOurs({ commonDir: user.gitDir })).rejects.toThrow('EISDIR');
  });

  it('says what is uncommitted, with names of any kind', async () => {
    user.write('a.txt', 'a');
    user.write('b.txt', 'b');
    user.write('.gitignore', '*.log\n');
    user.commit('base');
    expect(await dirtyFiles(user.repo)).toEqual({ tracked: [], untracked: [] });
    user.write('a.txt', 'changed');
    user.git('mv', 'b.txt', 'c.txt');
    user.write('x.log', 'ignored');
    user.write('new\n"line', 'x');
    user.write('folder/x', 'x');
    expect(await dirtyFiles(user.repo)).toEqual({
      tracked: ['a.txt', 'b.txt', 'c.txt'],
      untracked: ['folder/', 'new\n"line'],
    });
  });

  it('gets our folders excluded once, in a file that is not committed', async () => {
    user.write('a.txt', 'a');
    user.commit('base');
    writeFileSync(join(user.gitDir, 'info/exclude'), 'mine');
    await excludeOurs({ commonDir: user.gitDir });
    await excludeOurs({ commonDir: user.gitDir });
    expect(readFileSync(join(user.gitDir, 'info/exclude'), 'utf8')).toBe(
      'mine\n/.gump/runs/\n/.gump/worktrees/\n',
    );
    user.write('.gump/runs/1/manifest.ndjson', 'x');
    expect(user.git('status', '--porcelain')).toBe('');
    rmSync(join(user.gitDir, 'info'), { recursive: true });
    await excludeOurs({ commonDir: user.gitDir });
    expect(user.git('status', '--porcelain')).toBe('');
  });
});

describe('applying a branch', () => {
  let base: string;
  beforeEach(() => {
    user.write('a.txt', 'a\n');
    base = user.commit('base');
    user.git('checkout', '-q', '-b', 'side');
    user.write('b.txt', 'b\n');
    user.commit('side');
    user.git('checkout', '-q', 'main');
    for (const hook of [
      'pre-merge-commit',
      'prepare-commit-msg',
      'commit-msg',
      'post-merge',
      'reference-transaction',
    ]) {
      mkdirSync(join(user.gitDir, 'hooks'), { recursive: true });
      writeFileSync(
        join(user.gitDir, 'hooks', hook),
        `#!/bin/sh\ntouch ${join(user.top, 'sprung')}\nexit 1\n`,
        { mode: 0o755 },
      );
    }
    user.git('config', 'commit.gpgSign', 'true');
    user.git('config', 'gpg.program', '/bin/false');
  });

  it('makes a merge commit, without hooks, signing or a configured identity', async () => {
    const merge = await mergeBranch({ root: user.repo, ref: 'side', message: 'apply run' });
    expect(merge).toEqual({ status: 'merged', commit: user.git('rev-parse', 'HEAD'), unsigned: true });
    expect(user.git('log', '-1', '--format=%s|%an|%P')).toBe(
      `apply run|gump|${base} ${user.git('rev-parse', 'side')}`,
    );
    expect(existsSync(join(user.top, 'sprung'))).toBe(false);
    expect(readFileSync(join(user.repo, 'b.txt'), 'utf8')).toBe('b\n');
    expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'again' })).toMatchObject({
      status: 'unchanged',
    });
  });

  it('is by the user where they have a name', async () => {
    user.git('config', 'user.name', 'Ada');
    user.git('config', 'user.email', 'ada@example.com');
    await mergeBranch({ root: user.repo, ref: 'side', message: 'apply' });
    expect(user.git('log', '-1', '--format=%an %ae')).toBe('Ada ada@example.com');
  });

  it('is taken back on a conflict, naming the files', async () => {
    user.write('b.txt', 'mine\n');
    user.git('add', 'b.txt');
    user.git('-c', 'core.hooksPath=/dev/null', '-c', 'commit.gpgSign=false', 'commit', '-q', '-m', 'mine');
    const head = user.git('rev-parse', 'HEAD');
    expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'x' })).toEqual({
      status: 'conflict',
      files: ['b.txt'],
    });
    expect(user.git('rev-parse', 'HEAD')).toBe(head);
    expect(user.git('status', '--porcelain')).toBe('');
  });

  it('does not touch uncommitted work or a merge under way', async () => {
    user.write('b.txt', 'uncommitted\n');
    expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'x' })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('b.txt'),
    });
    expect(readFileSync(join(user.repo, 'b.txt'), 'utf8')).toBe('uncommitted\n');
    writeFileSync(join(user.gitDir, 'MERGE_HEAD'), `${base}\n`);
    expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'x' })).toMatchObject({
      status: 'refused',
    });
    expect(existsSync(join(user.gitDir, 'MERGE_HEAD'))).toBe(true);
    rmSync(join(user.gitDir, 'MERGE_HEAD'));
    expect(await mergeBranch({ root: user.repo, ref: '--help', message: 'x' })).toMatchObject({
      status: 'refused',
    });
  });

  describe('with a filter of the user on text files', () => {
    beforeEach(() => {
      user.write('.gitattributes', 'a.txt filter=own\n');
      user.commit('attributes');
      user.git('checkout', '-q', 'side');
      for (const name of ['a.bin', 'a.txt']) user.write(name, 'theirs\n');
      user.commit('theirs');
      user.git('checkout', '-q', 'main');
      user.git('config', 'filter.own.required', 'true');
      user.git('config', 'filter.own.clean', 'cat');
    });

    it('is not begun where the filter fails: git would stop half-way', async () => {
      user.git('config', 'filter.own.smudge', 'false');
      expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'x' })).toEqual({
        status: 'refused',
        reason: expect.stringMatching(/its files cannot be written: .*smudge filter own failed/s),
        torn: [],
      });
      expect(user.git('status', '--porcelain')).toBe('');
      expect(readFileSync(join(user.repo, 'a.txt'), 'utf8')).toBe('a\n');
    });

    it('is made where the filter may fail', async () => {
      user.git('config', 'filter.own.smudge', 'false');
      user.git('config', 'filter.own.required', 'false');
      const merge = await mergeBranch({ root: user.repo, ref: 'side', message: 'x' });
      expect(merge).toMatchObject({ status: 'merged' });
      expect(user.git('status', '--porcelain')).toBe('');
      expect(readFileSync(join(user.repo, 'a.txt'), 'utf8')).toBe('theirs\n');
    });

    it('that works once and then no more, names the files that git left changed', async () => {
      const used = join(user.top, 'used');
      user.git('config', 'filter.own.smudge', `test ! -e '${used}' && touch '${used}' && cat`);
      expect(await mergeBranch({ root: user.repo, ref: 'side', message: 'x' })).toMatchObject({
        status: 'refused',
        torn: ['a.txt', 'a.bin'],
      });
    });
  });
});
