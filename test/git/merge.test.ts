/** What two branches did side by side, brought together by git: what fits survives as it is, the rest is named. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkspace } from '../../src/git/workspace.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

const text = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n';
const bytes = (first: number) => Buffer.from([0, first, 255, 254, 0, 13, 10, first]);

let user: Fixture;
let workspace: Workspace;
let base: string;
beforeAll(async () => {
  user = createFixture();
  user.write('text', text);
  user.write('other', 'x\n');
  user.write('folder/file', 'y\n');
  user.write('picture', bytes(1));
  user.write('empty', '');
  user.write('run.sh', '#!/bin/sh\necho one\necho two\necho three\n');
  symlinkSync('text', join(user.repo, 'link'));
  user.commit('files');
  user.git('update-index', '--add', '--cacheinfo', `160000,${user.git('rev-parse', 'HEAD')},module`);
  user.git('-c', 'commit.gpgSign=false', 'commit', '-q', '-m', 'base');
  base = user.git('rev-parse', 'HEAD');
  const dir = join(user.top, 'run');
  mkdirSync(dir);
  workspace = await openWorkspace({ objects: user.gitDir, dir, resultRef: null, base });
});
afterAll(async () => {
  await workspace.dispose();
  user.remove();
});

/** What an agent did in the tree of its branch. */
type Work = (dir: string) => void;

const write =
  (path: string, content: string | Uint8Array): Work =>
  (dir) => {
    rmSync(join(dir, path), { recursive: true, force: true });
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
const remove =
  (path: string): Work =>
  (dir) =>
    rmSync(join(dir, path), { recursive: true });
const move =
  (from: string, to: string): Work =>
  (dir) => {
    mkdirSync(dirname(join(dir, to)), { recursive: true });
    renameSync(join(dir, from), join(dir, to));
  };
const link =
  (path: string, to: string): Work =>
  (dir) => {
    rmSync(join(dir, path), { recursive: true, force: true });
    symlinkSync(to, join(dir, path));
  };
const executable =
  (path: string): Work =>
  (dir) =>
    chmodSync(join(dir, path), 0o755);
const both =
  (...works: readonly Work[]): Work =>
  (dir) => {
    for (const work of works) work(dir);
  };
const line = (from: string, to: string) => write('text', text.replace(from, to));

async function merge(ours: Work, theirs: Work) {
  const [left, right] = [await branch('left', ours), await branch('right', theirs)];
  return workspace.merge({ ours: left, theirs: right, base, message: 'merge right' });
}

async function branch(scope: string, work: Work): Promise<string> {
  const tree = await workspace.tree(scope, base);
  work(tree.dir);
  return (await workspace.snapshot(scope, { parent: base, message: scope })).commit;
}

/** `mode content` of each path that differs from the base; null for one that is gone. */
function outcome(commit: string | null): Record<string, string | null> {
  const fields = user.git('diff-tree', '-r', '-z', '--no-renames', base, String(commit)).split('\0');
  const changes = fields.flatMap((field, index) =>
    field.startsWith(':') ? [[field, fields[index + 1] ?? '']] : [],
  );
  return Object.fromEntries(
    changes.map(([head = '', path = '']) => {
      const [, mode = '', , id = ''] = head.split(' ');
      return [path, mode === '000000' ? null : `${mode} ${user.git('cat-file', '-p', id)}`];
    }),
  );
}

describe('what fits survives', () => {
  const cases: readonly [string, Work, Work, Record<string, string | null>][] = [
    [
      'different lines of one file',
      line('one', '1'),
      line('eight', '8'),
      { text: `100644 ${text.replace('one', '1').replace('eight', '8').trimEnd()}` },
    ],
    [
      'a rename beside an edit: the edit follows',
      move('text', 'renamed'),
      line('eight', '8'),
      { text: null, renamed: `100644 ${text.replace('eight', '8').trimEnd()}` },
    ],
    [
      'a rename with an edit beside an edit',
      both(line('one', '1'), move('text', 'renamed')),
      line('eight', '8'),
      { text: null, renamed: `100644 ${text.replace('one', '1').replace('eight', '8').trimEnd()}` },
    ],
    [
      'a mode beside an edit',
      executable('run.sh'),
      write('run.sh', '#!/bin/sh\necho one\necho two\necho 3\n'),
      { 'run.sh': '100755 #!/bin/sh\necho one\necho two\necho 3' },
    ],
    [
      'the same mode twice',
      executable('run.sh'),
      executable('run.sh'),
      { 'run.sh': '100755 #!/bin/sh\necho one\necho two\necho three' },
    ],
    [
      'a link beside a file',
      link('link', 'other'),
      write('other', 'z\n'),
      { link: '120000 other', other: '100644 z' },
    ],
    [
      'a file that becomes a link',
      link('other', 'text'),
      write('empty', 'full\n'),
      { other: '120000 text', empty: '100644 full' },
    ],
    [
      'an empty file beside an empty file',
      write('new-a', ''),
      write('new-b', ''),
      { 'new-a': '100644 ', 'new-b': '100644 ' },
    ],
    ['the same new file twice', write('new', 'same\n'), write('new', 'same\n'), { new: '100644 same' }],
    ['the same removal twice', remove('other'), remove('other'), { other: null }],
    [
      'a file that becomes a folder',
      both(remove('other'), write('other/inner', 'in\n')),
      line('one', '1'),
      { other: null, 'other/inner': '100644 in', text: `100644 ${text.replace('one', '1').trimEnd()}` },
    ],
    [
      'a folder that becomes a file',
      write('folder', 'flat\n'),
      line('one', '1'),
      { 'folder/file': null, folder: '100644 flat', text: `100644 ${text.replace('one', '1').trimEnd()}` },
    ],
    [
      'names that are nobody’s idea of a name',
      write('a b\'"\\ü', 'odd\n'),
      write('-x', 'dash\n'),
      { 'a b\'"\\ü': '100644 odd', '-x': '100644 dash' },
    ],
  ];
  test.each(cases)('%s', async (_, ours, theirs, expected) => {
    const { commit, conflicts } = await merge(ours, theirs);
    expect(conflicts).toEqual([]);
    expect(outcome(commit)).toEqual(expected);
  });

  test('bytes of a picture that one side changed, to the last', async () => {
    const { commit } = await merge(write('picture', bytes(2)), line('one', '1'));
    const stored = execFileSync('git', ['cat-file', 'blob', `${commit}:picture`], { cwd: user.repo });
    expect(stored.equals(bytes(2))).toBe(true);
  });

  test('a submodule that nobody touched, while files around it change', async () => {
    const { commit } = await merge(line('one', '1'), write('other', 'z\n'));
    expect(user.git('ls-tree', String(commit), 'module')).toBe(user.git('ls-tree', base, 'module'));
  });

  test('the tree of a merge on disk is what the commit holds: links, modes, bytes', async () => {
    const { commit } = await merge(
      both(link('link', 'other'), executable('run.sh')),
      write('picture', bytes(3)),
    );
    const tree = await workspace.tree('check', String(commit));
    expect(readlinkSync(join(tree.dir, 'link'))).toBe('other');
    expect(await workspace.changes(tree)).toEqual([]);
  });
});

describe('what does not fit is named, by its real path and in git’s words', () => {
  const cases: readonly [string, Work, Work, readonly string[]][] = [
    ['one line', line('one', '1'), line('one', 'eins'), ['text']],
    ['bytes', write('picture', bytes(2)), write('picture', bytes(3)), ['picture (binary)']],
    ['an edit and a removal', line('one', '1'), remove('text'), ['text (modify/delete)']],
    ['a removal and an edit', remove('text'), line('one', '1'), ['text (modify/delete)']],
    [
      'two names for one file',
      move('text', 'a'),
      move('text', 'b'),
      ['a (rename/rename)', 'b (rename/rename)', 'text (rename/rename)'],
    ],
    [
      'a new name and a removal',
      move('text', 'a'),
      remove('text'),
      ['a (rename/delete)', 'text (rename/delete)'],
    ],
    ['one name for two files', move('text', 'a'), move('run.sh', 'a'), ['a']],
    ['two files of one name', write('new', 'a\n'), write('new', 'b\n'), ['new']],
    ['an empty file that both fill', write('empty', 'a\n'), write('empty', 'b\n'), ['empty']],
    ['a link to two places', link('link', 'other'), link('link', 'empty'), ['link']],
    ['a link and a file', write('link', 'a file\n'), link('link', 'other'), ['link (distinct modes)']],
    ['a folder and a file', write('new/inner', 'a\n'), write('new', 'b\n'), ['new (file/directory)']],
    ['a file and a folder', write('new', 'b\n'), write('new/inner', 'a\n'), ['new (file/directory)']],
    [
      'a folder in the place of a file that was edited',
      both(remove('text'), write('text/inner', 'a\n')),
      line('one', '1'),
      ['text (file/directory)'],
    ],
    [
      'a new file in a folder that was renamed',
      move('folder', 'renamed'),
      write('folder/new', 'n\n'),
      ['folder/new (directory rename suggested)', 'renamed/new (directory rename suggested)'],
    ],
  ];
  test.each(cases)('%s', async (_, ours, theirs, expected) => {
    const merged = await merge(ours, theirs);
    expect(merged.commit).toBeNull();
    expect(merged.conflicts.map(({ path, kind }) => (kind === null ? path : `${path} (${kind})`))).toEqual(
      expected,
    );
  });

  test('a submodule that both moved', async () => {
    const moved = (to: string) => {
      user.git('read-tree', base);
      user.git('update-index', '--add', '--cacheinfo', `160000,${to},module`);
      return user.git('commit-tree', '-p', base, '-m', 'moved', user.git('write-tree'));
    };
    const [ours, theirs] = [moved(base), moved(user.git('rev-parse', `${base}^{tree}`))];
    const { commit, conflicts } = await workspace.merge({ ours, theirs, base, message: 'm' });
    expect(commit).toBeNull();
    expect(conflicts.map(({ path }) => path)).toEqual(['module']);
    expect(conflicts[0]?.kind).toMatch(/submodule/);
  });
});
