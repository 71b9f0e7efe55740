import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitProcesses } from '../../src/git/git.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

const ref = 'refs/heads/gump/run-1';
let user: Fixture;
let base: string;
let workspace: Workspace;
let notices: string[];
let home: string | undefined;

async function open(): Promise<Workspace> {
  return openWorkspace({
    objects: user.gitDir,
    dir: join(user.top, 'run'),
    resultRef: { gitDir: user.gitDir, ref },
    base,
    now: () => '2026-01-02T03:04:05.678Z',
    onNotice: (message) => notices.push(message),
  });
}

beforeEach(async () => {
  home = process.env.HOME;
  user = createFixture();
  process.env.HOME = user.home;
  notices = [];
  user.write('readme.md', 'hello\n');
  user.write('src/a.ts', 'one\ntwo\nthree\n');
  user.write('.gitignore', 'node_modules/\n*.log\n');
  base = user.commit('base');
  workspace = await open();
});

afterEach(async () => {
  await workspace.dispose();
  process.env.HOME = home;
  user.remove();
});

describe('a tree', () => {
  it('stands on its commit and looks like a clean repository to the agent', async () => {
    const tree = await workspace.tree('', base);
    expect(readFileSync(join(tree.dir, 'src/a.ts'), 'utf8')).toBe('one\ntwo\nthree\n');
    expect(user.gitIn(tree.dir, 'status', '--porcelain')).toBe('');
    expect(user.gitIn(tree.dir, 'rev-parse', 'HEAD')).toBe(base);
    expect(user.gitIn(tree.dir, 'log', '--format=%s')).toBe('base');
    expect(statSync(join(tree.dir, '.git')).isDirectory()).toBe(true);
  });

  it('is brought back exactly, while ignored files stay', async () => {
    const tree = await workspace.tree('', base);
    writeFileSync(join(tree.dir, 'readme.md'), 'changed\n');
    rmSync(join(tree.dir, 'src'), { recursive: true });
    writeFileSync(join(tree.dir, 'src'), 'a file where a folder was');
    mkdirSync(join(tree.dir, 'new/deep'), { recursive: true });
    writeFileSync(join(tree.dir, 'new/deep/x'), 'x');
    mkdirSync(join(tree.dir, 'node_modules/dep'), { recursive: true });
    writeFileSync(join(tree.dir, 'node_modules/dep/index.js'), 'kept');
    await workspace.tree('', base);
    expect(readFileSync(join(tree.dir, 'readme.md'), 'utf8')).toBe('hello\n');
    expect(readFileSync(join(tree.dir, 'src/a.ts'), 'utf8')).toBe('one\ntwo\nthree\n');
    expect(existsSync(join(tree.dir, 'new'))).toBe(false);
    expect(readFileSync(join(tree.dir, 'node_modules/dep/index.js'), 'utf8')).toBe('kept');
  });

  it('is used again by a later process, whatever the earlier one left', async () => {
    const tree = await workspace.tree('task/one', base);
    writeFileSync(join(tree.dir, 'left.txt'), 'left');
    mkdirSync(join(tree.dir, 'node_modules'));
    writeFileSync(join(tree.dir, 'node_modules/cache'), 'kept');
    writeFileSync(join(user.top, 'run/index', 'run.lock'), '');
    const later = await open();
    const again = await later.tree('task/one', base);
    expect(again.dir).toBe(tree.dir);
    expect(existsSync(join(tree.dir, 'left.txt'))).toBe(false);
    expect(existsSync(join(tree.dir, 'node_modules/cache'))).toBe(true);
    await later.tree('', base);
    await later.dispose();
    workspace = await open();
  });

  it('is made anew when the agent put a link in its place, and what the link leads to is untouched', async () => {
    const tree = await workspace.tree('', base);
    const outside = join(user.top, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'precious');
    rmSync(tree.dir, { recursive: true });
    symlinkSync(outside, tree.dir);
    expect(await workspace.snapshot('', { parent: base, message: 'x' })).toEqual({ commit: base, files: [] });
    expect(notices.join()).toContain('removed or replaced');
    rmSync(tree.dir, { recursive: true });
    symlinkSync(outside, tree.dir);
    await workspace.tree('', base);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
    expect(existsSync(join(outside, '.git'))).toBe(false);
    expect(readFileSync(join(tree.dir, 'readme.md'), 'utf8')).toBe('hello\n');
  });

  it('for judging is another one, and says what was changed in it', async () => {
    const tree = await workspace.tree('', base);
    const view = await workspace.view('judge', base);
    expect(view.dir).not.toBe(tree.dir);
    expect(await workspace.changes(view)).toEqual([]);
    writeFileSync(join(view.dir, 'readme.md'), 'HELLO\n');
    writeFileSync(join(view.dir, 'b.txt'), 'b');
    writeFileSync(join(view.dir, 'b.log'), 'ignored');
    rmSync(join(view.dir, 'src/a.ts'));
    expect(await workspace.changes(view)).toEqual(['b.txt', 'readme.md', 'src/a.ts']);
    const again = await workspace.view('judge', base);
    expect(again.dir).toBe(view.dir);
    expect(await workspace.changes(again)).toEqual([]);
  });
});

/** A tree's index is settled once, a second after it was made: on a slow machine while something is counted. */
const settling = 1;

describe('a snapshot', () => {
  it('of a clean tree is the parent, in two processes', async () => {
    await workspace.tree('', base);
    await workspace.readFile(base, 'readme.md');
    const before = gitProcesses();
    expect(await workspace.snapshot('', { parent: base, message: 'nothing' })).toEqual({
      commit: base,
      files: [],
    });
    expect(gitProcesses() - before).toBeLessThanOrEqual(2 + settling);
  });

  it('takes changed, new and deleted files but no ignored ones, in four processes', async () => {
    const tree = await workspace.tree('', base);
    writeFileSync(join(tree.dir, 'readme.md'), 'changed\n');
    writeFileSync(join(tree.dir, 'new.txt'), 'new\n');
    writeFileSync(join(tree.dir, 'debug.log'), 'ignored\n');
    rmSync(join(tree.dir, 'src/a.ts'));
    const before = gitProcesses();
    const made = await workspace.snapshot('', { parent: base, message: 'step: one\n\nbody' });
    expect(gitProcesses() - before).toBeLessThanOrEqual(4 + settling);
    expect(made.files).toEqual(['new.txt', 'readme.md', 'src/a.ts']);
    expect(user.git('log', '-1', '--format=%an|%ae|%at|%P|%B', made.commit)).toBe(
      `gump|gump@users.noreply.github.com|1767323045|${base}|step: one\n\nbody`,
    );
    expect(user.git('ls-tree', '-r', '--name-only', made.commit).split('\n')).toEqual([
      '.gitignore',
      'new.txt',
      'readme.md',
    ]);
  });

  it('sees a change that keeps size and second', async () => {
    const tree = await workspace.tree('', base);
    for (let round = 0; round < 5; round++) {
      writeFileSync(join(tree.dir, 'readme.md'), `hell${round}\n`);
      const made = await workspace.snapshot('', { parent: base, message: 'racy' });
      expect(user.git('show', `${made.commit}:readme.md`)).toBe(`hell${round}`);
    }
  });

  it('keeps links, modes, bytes and odd names', async () => {
    const tree = await workspace.tree('', base);
    const bytes = Buffer.from([0, 255, 1, 254, 13, 10, 13]);
    const names = [
      '-rf',
      '--help',
      'with space',
      'quo"te\'s',
      'new\nline',
      'ünï',
      'back\\slash',
      ':(glob)*',
      `${'x'.repeat(250)}.txt`,
    ];
    for (const name of names) writeFileSync(join(tree.dir, name), `content of ${name}`);
    writeFileSync(join(tree.dir, 'binary'), bytes);
    writeFileSync(join(tree.dir, 'run.sh'), '#!/bin/sh\n');
    chmodSync(join(tree.dir, 'run.sh'), 0o755);
    symlinkSync('/etc/passwd', join(tree.dir, 'link'));
    const made = await workspace.snapshot('', { parent: base, message: 'odd' });
    expect(made.files).toEqual([...names, 'binary', 'run.sh', 'link'].sort());
    expect(await workspace.changedFiles(base, made.commit)).toEqual(made.files);
    await workspace.tree('', base);
    expect(existsSync(join(tree.dir, '-rf'))).toBe(false);
    await workspace.tree('', made.commit);
    for (const name of names) expect(readFileSync(join(tree.dir, name), 'utf8')).toBe(`content of ${name}`);
    expect(readFileSync(join(tree.dir, 'binary'))).toEqual(bytes);
    expect(statSync(join(tree.dir, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(tree.dir, 'link'))).toBe('/etc/passwd');
    expect(await workspace.readFile(made.commit, 'link')).toBeNull();
  });

  it('makes a chain of ten commits that another tree can stand on', async () => {
    let parent = base;
    for (let round = 1; round <= 10; round++) {
      const tree = await workspace.tree('', parent);
      writeFileSync(join(tree.dir, `file-${round}`), `${round}`);
      parent = (await workspace.snapshot('', { parent, message: `round ${round}` })).commit;
    }
    expect(user.git('rev-list', '--count', `${base}..${parent}`)).toBe('10');
    const view = await workspace.view('v', parent);
    expect(readFileSync(join(view.dir, 'file-7'), 'utf8')).toBe('7');
  });

  it('of parallel scopes do not mix', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async (scope) => {
        const tree = await workspace.tree(`split/${scope}`, base);
        writeFileSync(join(tree.dir, `${scope}.txt`), scope);
        return workspace.snapshot(`split/${scope}`, { parent: base, message: scope });
      }),
    );
    expect(made.map((snapshot) => snapshot.files)).toEqual([
      ['a.txt'],
      ['b.txt'],
      ['c.txt'],
      ['d.txt'],
      ['e.txt'],
    ]);
  });
});

describe('commits', () => {
  async function change(scope: string, from: string, files: Record<string, string>): Promise<string> {
    const tree = await workspace.tree(scope, from);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(tree.dir, name), content);
    return (await workspace.snapshot(scope, { parent: from, message: `change ${scope}` })).commit;
  }

  it('are undone by a commit on top, never by a rewrite', async () => {
    const one = await change('', base, { 'readme.md': 'one\n' });
    const two = await workspace.restore({ parent: one, to: base, message: 'reset' });
    expect(user.git('rev-parse', `${two}^`)).toBe(one);
    expect(user.git('diff', base, two)).toBe('');
    expect(await workspace.restore({ parent: two, to: base, message: 'again' })).toBe(two);
  });

  it('merge where they touch different files', async () => {
    const ours = await change('a', base, { 'a.txt': 'a' });
    const theirs = await change('b', base, { 'b.txt': 'b' });
    const merge = await workspace.merge({ ours, theirs, base, message: 'merge b' });
    expect(merge.conflicts).toEqual([]);
    expect(user.git('log', '-1', '--format=%P', String(merge.commit))).toBe(`${ours} ${theirs}`);
    expect(await workspace.changedFiles(base, String(merge.commit))).toEqual(['a.txt', 'b.txt']);
    expect(await workspace.merge({ ours, theirs: base, base, message: 'nothing' })).toEqual({
      commit: ours,
      conflicts: [],
    });
  });

  it('tell what they changed since the first one without a process, and with one where another process made them', async () => {
    const ours = await change('a', await change('a', base, { 'a.txt': '1' }), { 'readme.md': 'x' });
    const theirs = await change('b', base, { 'b.txt': 'b' });
    const merged = String((await workspace.merge({ ours, theirs, base, message: 'merge' })).commit);
    const reset = await workspace.restore({ parent: merged, to: theirs, message: 'reset' });
    const before = gitProcesses();
    expect(await workspace.sinceBase(base)).toEqual([]);
    expect(await workspace.sinceBase(ours)).toEqual(['a.txt', 'readme.md']);
    expect(await workspace.sinceBase(merged)).toEqual(['a.txt', 'b.txt', 'readme.md']);
    expect(await workspace.sinceBase(reset)).toEqual(['b.txt']);
    // Two trees, each of which may settle just now; four answers have cost none.
    expect(gitProcesses() - before).toBeLessThanOrEqual(2 * settling);
    // The process before has gone, so that none of its trees settles while this one is counted.
    await workspace.dispose();
    const resumed = await open();
    const asked = gitProcesses();
    expect(await resumed.sinceBase(merged)).toEqual(['a.txt', 'b.txt', 'readme.md']);
    expect(await resumed.sinceBase(merged)).toEqual(['a.txt', 'b.txt', 'readme.md']);
    expect(gitProcesses() - asked).toBe(1);
  });

  it('name the files where they cannot be merged', async () => {
    const ours = await change('a', base, { 'readme.md': 'ours\n', 'x\ny': 'ours' });
    const theirs = await change('b', base, { 'readme.md': 'theirs\n', 'x\ny': 'theirs' });
    const merge = await workspace.merge({ ours, theirs, base, message: 'merge' });
    expect(merge).toEqual({
      commit: null,
      conflicts: [
        { path: 'readme.md', kind: null },
        { path: 'x\ny', kind: null },
      ],
    });
  });

  it('move the result branch forward and never back', async () => {
    const one = await change('', base, { 'a.txt': '1' });
    await workspace.advance(one);
    expect(user.git('rev-parse', ref)).toBe(one);
    await workspace.advance(one);
    await expect(workspace.advance(base)).rejects.toThrow('was not moved');
    const side = await change('b', base, { 'a.txt': 'side' });
    await expect(workspace.advance(side)).rejects.toThrow('does not follow from');
    expect(user.git('rev-parse', ref)).toBe(one);
    const two = await change('', one, { 'a.txt': '2' });
    await workspace.advance(two);
    expect(user.git('rev-parse', ref)).toBe(two);
  });

  it('are not lost when somebody moved the result branch meanwhile', async () => {
    const one = await change('', base, { 'a.txt': '1' });
    await workspace.advance(one);
    user.write('theirs.txt', 'theirs');
    const theirs = user.commit('theirs');
    user.git('update-ref', ref, theirs);
    const two = await change('', one, { 'a.txt': '2' });
    await expect(workspace.advance(two)).rejects.toMatchObject({ code: 'git' });
    expect(user.git('rev-parse', ref)).toBe(theirs);
  });

  it('differ as a unified diff, cut by whole lines in the middle', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}\n`).join('');
    const one = await change('', base, { 'readme.md': 'one\n', 'zz.txt': lines });
    const whole = await workspace.diff(base, one, 1_000_000);
    expect(whole).toContain('-hello\n+one\n');
    const cut = await workspace.diff(base, one, 2_000);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(2_000);
    expect(cut.startsWith('diff --git a/readme.md')).toBe(true);
    expect(cut).toMatch(/\[\.\.\. \d+ lines \(\d+ bytes\) left out/);
    expect(cut).toContain('+line 1999');
    expect(await workspace.diff(one, one, 100)).toBe('');
  });

  it('give text of their files only', async () => {
    symlinkSync('readme.md', join(user.repo, 'AGENTS.md'));
    symlinkSync('../../etc/passwd', join(user.repo, 'out.md'));
    user.write('binary', Buffer.from([104, 0, 105]));
    user.write('latin1', Buffer.from([104, 228, 105]));
    user.write('empty', '');
    const head = user.commit('files');
    expect(await workspace.readFile(head, 'readme.md')).toBe('hello\n');
    expect(await workspace.readFile(head, 'AGENTS.md')).toBe('hello\n');
    expect(await workspace.readFile(head, 'empty')).toBe('');
    for (const path of [
      'out.md',
      'binary',
      'latin1',
      'src',
      'nothing',
      'src/nothing/at',
      '../x',
      '/etc/passwd',
      './readme.md',
      '',
      'a\nb',
    ]) {
      expect([path, await workspace.readFile(head, path)]).toEqual([path, null]);
    }
    expect(await workspace.readFile(base, 'readme.md')).toBe('hello\n');
  });
});
