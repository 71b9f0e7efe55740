import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/git/workspace.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

let user: Fixture;
let home: string | undefined;

function begin(initArgs: readonly string[] = []) {
  user = createFixture({ initArgs });
  process.env.HOME = user.home;
}

beforeEach(() => {
  home = process.env.HOME;
});

afterEach(() => {
  process.env.HOME = home;
  user.remove();
});

describe("the user's repository", () => {
  it('has its own ignore rules respected, wherever they stand', async () => {
    begin();
    user.write('readme.md', 'hello\n');
    const base = user.commit('base');
    mkdirSync(join(user.home, '.config/git'), { recursive: true });
    writeFileSync(join(user.home, '.config/git/ignore'), '*.swp\n');
    writeFileSync(join(user.gitDir, 'info/exclude'), 'private/\n');
    const workspace = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: null,
      base,
    });
    const tree = await workspace.tree('', base);
    mkdirSync(join(tree.dir, 'private'));
    writeFileSync(join(tree.dir, 'private/x'), 'x');
    writeFileSync(join(tree.dir, 'x.swp'), 'x');
    expect(await workspace.snapshot('', { parent: base, message: 'x' })).toEqual({ commit: base, files: [] });
    await workspace.advance(base);
    await workspace.dispose();
  });

  it('has its line endings respected', async () => {
    begin();
    user.git('config', 'core.autocrlf', 'true');
    user.write('a.txt', 'one\r\ntwo\r\n');
    const base = user.commit('base');
    expect(user.git('cat-file', 'blob', `${base}:a.txt`)).toBe('one\ntwo');
    const workspace = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: null,
      base,
    });
    const tree = await workspace.tree('', base);
    expect(readFileSync(join(tree.dir, 'a.txt'), 'utf8')).toBe('one\r\ntwo\r\n');
    expect((await workspace.snapshot('', { parent: base, message: 'x' })).commit).toBe(base);
    expect(user.gitIn(tree.dir, 'status', '--porcelain')).toBe('');
    await workspace.dispose();
  });

  it('may use SHA-256', async () => {
    begin(['--object-format=sha256']);
    user.write('a.txt', 'a\n');
    const base = user.commit('base');
    const ref = 'refs/heads/result';
    const workspace = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: { gitDir: user.gitDir, ref },
      base,
    });
    const tree = await workspace.tree('', base);
    expect(user.gitIn(tree.dir, 'status', '--porcelain')).toBe('');
    writeFileSync(join(tree.dir, 'a.txt'), 'b\n');
    const made = await workspace.snapshot('', { parent: base, message: 'x' });
    expect(made.commit).toHaveLength(64);
    await workspace.advance(made.commit);
    expect(user.git('rev-parse', ref)).toBe(made.commit);
    await workspace.dispose();
  });

  it('may be shallow, or a linked worktree', async () => {
    begin();
    user.write('a.txt', 'a\n');
    user.commit('one');
    user.write('a.txt', 'b\n');
    const base = user.commit('two');
    const shallow = join(user.top, 'shallow');
    user.gitIn(user.top, 'clone', '-q', '--depth=1', `file://${user.repo}`, shallow);
    user.gitIn(shallow, 'worktree', 'add', '-q', join(user.top, 'linked'), '-b', 'linked');
    const gitDir = join(shallow, '.git/worktrees/linked');
    const workspace = await openWorkspace({
      objects: gitDir,
      dir: join(user.top, 'run'),
      resultRef: { gitDir, ref: 'refs/heads/result' },
      base,
    });
    const made = await Promise.all(
      ['x', 'y'].map(async (scope) => {
        const tree = await workspace.tree(scope, base);
        expect(user.gitIn(tree.dir, 'log', '--format=%s')).toBe('two');
        writeFileSync(join(tree.dir, scope), scope);
        return (await workspace.snapshot(scope, { parent: base, message: scope })).commit;
      }),
    );
    const [ours = '', theirs = ''] = made;
    const merge = await workspace.merge({ ours, theirs, base, message: 'merge' });
    await workspace.advance(ours);
    await workspace.advance(String(merge.commit));
    expect(user.gitIn(shallow, 'rev-parse', 'result')).toBe(merge.commit);
    await workspace.dispose();
  });

  it('that is none, or lacks the base, is refused with the reason', async () => {
    begin();
    user.write('a.txt', 'a\n');
    user.commit('one');
    const options = { dir: join(user.top, 'run'), resultRef: null };
    await expect(openWorkspace({ ...options, objects: user.top, base: 'x' })).rejects.toThrow(
      'no git repository',
    );
    await expect(openWorkspace({ ...options, objects: user.gitDir, base: '1'.repeat(40) })).rejects.toThrow(
      'is not in the repository',
    );
  });
});
