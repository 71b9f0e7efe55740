import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitProcesses } from '../../src/git/git.ts';
import { flattenRules } from '../../src/git/ignored.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

let user: Fixture;
let base: string;
let workspace: Workspace;
let notices: string[];
let home: string | undefined;

beforeEach(async () => {
  home = process.env.HOME;
  user = createFixture();
  process.env.HOME = user.home;
  notices = [];
  user.write('main.js', 'main\n');
  user.write('.gitignore', 'node_modules/\n*.log\n');
  user.write('lib/.gitignore', '/cache/\n!kept.log\n');
  base = user.commit('base');
  mkdirSync(join(user.gitDir, 'info'), { recursive: true });
  writeFileSync(join(user.gitDir, 'info/exclude'), 'private/\n');
  workspace = await openWorkspace({
    objects: user.gitDir,
    dir: join(user.top, 'run'),
    resultRef: null,
    base,
    onNotice: (message) => notices.push(message),
  });
});

afterEach(async () => {
  await workspace.dispose();
  process.env.HOME = home;
  user.remove();
});

function put(dir: string, path: string, text = 'x\n') {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

const allowed = ['node_modules/x/index.js', 'x.log', 'lib/cache/a', 'private/b'];

describe('R8: a tree that is handed out', () => {
  it.each([
    ['in the commit', '.gitignore', 'node_modules/\n*.log\ndep.js\nown/\n'],
    ['in a folder of the commit', 'lib/.gitignore', '/cache/\ndep.js\nown/\n'],
    ['that ignores itself', 'lib/deep/.gitignore', '*\n'],
  ])('holds nothing that only a rule of the attempt ignores, %s', async (_title, rules, text) => {
    const { dir } = await workspace.tree('', base);
    const folder = dirname(rules);
    const hidden = [join(folder, 'dep.js'), join(folder, 'own/a/b.js')];
    for (const path of [...allowed, ...hidden]) put(dir, path);
    put(dir, rules, text);
    put(dir, 'main.js', 'changed\n');
    const { commit, files } = await workspace.snapshot('', { parent: base, message: 'attempt' });
    expect(files).not.toContain(hidden[0]);
    await workspace.tree('', commit);
    expect(hidden.filter((path) => existsSync(join(dir, path)))).toEqual([]);
    expect(existsSync(join(dir, folder, 'own'))).toBe(false);
    expect(allowed.filter((path) => !existsSync(join(dir, path)))).toEqual([]);
    expect(readFileSync(join(dir, 'main.js'), 'utf8')).toBe('changed\n');
    expect(notices.join()).toContain(hidden[0]);
    expect(await workspace.changes({ dir, commit })).toEqual([]);
  });

  it('holds none of them for a later process either, nor where a repository is hidden', async () => {
    const { dir } = await workspace.tree('', base);
    put(dir, '.gitignore', 'hidden/\n');
    const { commit } = await workspace.snapshot('', { parent: base, message: 'attempt' });
    put(dir, 'hidden/dep.js');
    user.gitIn(join(dir, 'hidden'), 'init', '-q');
    user.gitIn(join(dir, 'hidden'), 'add', '-A');
    user.gitIn(join(dir, 'hidden'), 'commit', '-q', '-m', 'x');
    const later = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: null,
      base,
    });
    await later.tree('', commit);
    expect(existsSync(join(dir, 'hidden'))).toBe(false);
  });

  it('loses what a gate left there once the attempt has taken its rule away', async () => {
    const { dir } = await workspace.tree('', base);
    put(dir, '.gitignore', 'node_modules/\n');
    const { commit } = await workspace.snapshot('', { parent: base, message: 'attempt' });
    put(dir, 'left.log');
    await workspace.tree('', commit);
    expect(existsSync(join(dir, 'left.log'))).toBe(false);
    await workspace.tree('', base);
    put(dir, 'left.log');
    await workspace.tree('', base);
    expect(existsSync(join(dir, 'left.log'))).toBe(true);
    // As after a resume, where nobody remembers how the commit was made.
    const later = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: null,
      base,
    });
    await later.tree('', commit);
    put(dir, 'left.log');
    await later.tree('', commit);
    expect(existsSync(join(dir, 'left.log'))).toBe(false);
  });

  it('holds no hidden file whose name is no text', async () => {
    const { dir } = await workspace.tree('', base);
    put(dir, '.gitignore', '*.odd\n');
    const { commit } = await workspace.snapshot('', { parent: base, message: 'attempt' });
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff]), Buffer.from('.odd')]), '');
    await workspace.tree('', commit);
    expect(readdirSync(dir).sort()).toEqual(['.git', '.gitignore', 'lib', 'main.js']);
  });

  it('costs one process as long as no rule was changed', async () => {
    const { dir } = await workspace.tree('', base);
    put(dir, 'main.js', 'changed\n');
    const { commit } = await workspace.snapshot('', { parent: base, message: 'attempt' });
    // The first time reads the first commit's rules.
    await workspace.tree('', commit);
    const before = gitProcesses();
    await workspace.tree('', commit);
    expect(gitProcesses() - before).toBe(1);
  });
});

it('the rules of all folders in one file mean to git what they mean where they stand', () => {
  const rules: Readonly<Record<string, string>> = {
    '.gitignore': '# all\n*.log\n/build\n!/a/keep.log\n\\#odd\ntrailing \n',
    'a/.gitignore': '\uFEFFfoo\r\n/bar\n  \nsub/x*\n!*.log\nboth/\n/\n!\nspace\\ \n**/deep\n',
    'a/b/.gitignore': '*\n!.gitignore\n!keep/\n!keep/**\n',
    'a/-c/.gitignore': '*.log\n',
    'we[i]rd *\\/.gitignore': 'foo\n/bar/*\n!bar/one\n',
    'build/.gitignore': '!one\n',
  };
  const names = ['foo', 'bar', 'one.log', 'keep.log', 'one', 'sub/x1', 'deep', 'q/deep', 'q/foo', 'both/f'];
  const more = ['q/both/f', 'keep/f', 'bar/one', 'bar/two', '#odd', 'trailing', 'space ', '  ', 'q/sub/x1'];
  const repo = join(user.top, 'rules');
  for (const folder of ['', 'a', 'a/b', 'a/-c', 'we[i]rd *\\', 'build', 'build/x', 'a/b/keep'])
    for (const name of [...names, ...more]) {
      // A name stands for a file or a folder: whichever came first.
      try {
        put(repo, join(folder, name));
      } catch {}
    }
  for (const [path, text] of Object.entries(rules)) put(repo, path, text);
  user.gitIn(repo, 'init', '-q');
  const flat = Object.entries(rules)
    .sort(([a], [b]) => a.split('/').length - b.split('/').length)
    .map(([path, text]) => flattenRules(path.replace(/\/?\.gitignore$/, ''), text))
    .join('');
  writeFileSync(join(user.top, 'flat'), flat);
  const untracked = (option: string) =>
    execFileSync('git', ['ls-files', '-o', '-z', option], { cwd: repo, encoding: 'utf8' }).split('\0').sort();
  const wanted = untracked('--exclude-per-directory=.gitignore');
  expect(wanted.length).toBeGreaterThan(20);
  expect(untracked(`--exclude-from=${join(user.top, 'flat')}`)).toEqual(wanted);
});
