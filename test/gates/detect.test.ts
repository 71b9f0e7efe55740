import { describe, expect, it } from 'vitest';
import { detectCommands } from '../../src/gates/detect.ts';
import { makeTargets } from '../../src/gates/markers.ts';
import type { Project } from '../../src/gates/project.ts';
import type { Goal } from '../../src/gates/validation.ts';

function project(files: Readonly<Record<string, string>>): Project {
  const folders = new Set(['']);
  for (const file of Object.keys(files)) {
    const parts = file.split('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return {
    read: (path) => Promise.resolve(files[path] ?? null),
    list: (folder) => {
      const start = folder === '' ? '' : `${folder}/`;
      const names = Object.keys(files).filter((file) => file.startsWith(start));
      return Promise.resolve(
        folders.has(folder) ? names.map((name) => name.slice(start.length).split('/')[0] ?? '') : null,
      );
    },
  };
}

async function command(files: Readonly<Record<string, string>>, goal: Goal): Promise<string | null> {
  const tree = project(files);
  const found = await detectCommands({ goal, files: [], base: tree, head: tree, user: {} });
  if ('problem' in found) throw new Error(found.problem);
  return found.judges[0]?.command.texts.map(({ text }) => text).join(' && ') ?? null;
}

const scripts = (texts: Readonly<Record<string, string>>) => JSON.stringify({ scripts: texts });

/** Folder and command of every judge. */
async function judges(
  {
    base,
    head = base,
    files,
  }: { readonly base: Texts; readonly head?: Texts; readonly files: readonly string[] },
  goal: Goal = 'test',
) {
  const found = await detectCommands({ goal, files, base: project(base), head: project(head), user: {} });
  if ('problem' in found) throw new Error(found.problem);
  return found.judges.map(
    ({ command, origin }) => `${origin}: ${command.folder || '.'}: ${command.texts[0]?.text}`,
  );
}

type Texts = Readonly<Record<string, string>>;

describe('commands are found by these rules:', () => {
  const top = { 'package.json': scripts({ test: 'top' }) };
  const a = { 'packages/a/package.json': scripts({ test: 'a' }) };
  const b = { 'packages/b/go.mod': 'module b' };

  it.each<[string, Parameters<typeof judges>[0], Goal, readonly string[]]>([
    [
      'a script counts only if it exists',
      { base: { 'package.json': scripts({ start: 's' }) }, files: ['x'] },
      'test',
      [],
    ],
    [
      'of the scripts for compile, build comes before compile, compile before typecheck',
      { base: { 'package.json': scripts({ typecheck: 't', compile: 'c', build: 'b' }) }, files: ['x'] },
      'compile',
      ['base: .: b'],
    ],
    [
      'the nearest marker above the changed files is asked',
      { base: { ...top, ...a }, files: ['packages/a/src/x.js'] },
      'test',
      ['base: packages/a: a'],
    ],
    [
      'a change beside every package is for the one above',
      { base: { ...top, ...a }, files: ['docs/x.md'] },
      'test',
      ['base: .: top'],
    ],
    [
      'changes in several packages are judged by each of them',
      { base: { ...top, ...a, ...b }, files: ['packages/a/x.js', 'packages/b/x.go', 'packages/b/y/z.go'] },
      'test',
      ['base: packages/a: a', 'base: packages/b: go test ./...'],
    ],
    [
      'a nearer marker that the attempt added does not judge it',
      {
        base: top,
        head: { ...top, 'packages/new/package.json': scripts({ test: 'weak' }) },
        files: ['packages/new/x.js'],
      },
      'test',
      ['base: .: top'],
    ],
    [
      'a marker of another kind that the attempt added does not judge it',
      {
        base: { 'package.json': scripts({ test: 'top' }) },
        head: { ...top, 'go.mod': 'module x' },
        files: ['x.go'],
      },
      'test',
      ['base: .: top'],
    ],
    [
      'where the first commit has no such command, that of the attempt is taken',
      { base: { 'a.txt': '' }, head: top, files: ['package.json'] },
      'test',
      ['head: .: top'],
    ],
    [
      'a script named like a property of every object is no script that is there',
      { base: { 'package.json': '{"scripts": {"constructor": "c", "__proto__": "p"}}' }, files: ['x'] },
      'test',
      [],
    ],
    ['without a change the top is asked', { base: { ...top, ...a }, files: [] }, 'test', ['base: .: top']],
  ])('%s', async (_rule, trees, goal, expected) => {
    expect(await judges(trees, goal)).toEqual(expected);
  });

  it.each([
    ['go.mod', 'go test ./...'],
    ['Cargo.toml', 'cargo test'],
    ['pyproject.toml', 'python3 -m unittest'],
    ['build.gradle', 'gradle --console=plain test'],
    ['build.gradle.kts', 'gradle --console=plain test'],
    ['pom.xml', 'mvn -B -ntp test'],
    ['mix.exs', 'mix test'],
    ['app.csproj', 'dotnet test'],
  ])('%s is a marker', async (marker, expected) => {
    expect(await judges({ base: { [marker]: '' }, files: ['x'] })).toEqual([`base: .: ${expected}`]);
  });
});

describe('the command of a project', () => {
  it.each<[Record<string, string>, Goal, string | null]>([
    [{ 'go.mod': 'module x' }, 'compile', 'go build ./...'],
    [{ 'go.mod': 'module x' }, 'test', 'go test ./...'],
    [{ 'go.mod': 'module x' }, 'lint', 'go vet ./...'],
    [{ 'go.mod': 'module x', '.golangci.yml': '' }, 'lint', 'golangci-lint run'],
    [{ 'package.json': scripts({ build: 'b', compile: 'c', typecheck: 't' }) }, 'compile', 'b'],
    [{ 'package.json': scripts({ compile: 'c', typecheck: 't' }) }, 'compile', 'c'],
    [{ 'package.json': scripts({ typecheck: 't' }) }, 'compile', 't'],
    [{ 'package.json': scripts({ test: 't', pretest: 'p', posttest: 'q' }) }, 'test', 'p && t && q'],
    [{ 'package.json': scripts({}) }, 'test', null],
    [{ 'package.json': '{"scripts": {"test": 5}}' }, 'test', null],
    [{ 'package.json': '{broken' }, 'test', null],
    [{ 'package.json': scripts({}), Makefile: 'test:\n\ttrue\n' }, 'test', 'make test'],
    [{ 'Cargo.toml': '' }, 'compile', 'cargo build --all-targets'],
    [{ 'Cargo.toml': '' }, 'test', 'cargo test'],
    [{ 'Cargo.toml': '' }, 'coverage', null],
    [{ 'pyproject.toml': '[tool.pytest.ini_options]' }, 'test', 'python3 -m pytest'],
    [{ 'pyproject.toml': '' }, 'test', 'python3 -m unittest'],
    [{ 'pyproject.toml': 'dev = ["pytest"]', 'uv.lock': '' }, 'test', 'uv run python -m pytest'],
    [{ 'pyproject.toml': '[tool.ruff]' }, 'lint', 'ruff check .'],
    [{ 'pyproject.toml': '' }, 'lint', null],
    [{ Makefile: 'check build: x\n\ttrue\n' }, 'test', 'make check'],
    [{ Makefile: 'check build: x\n\ttrue\n' }, 'compile', 'make build'],
    [{ Makefile: 'all:\n\ttrue\n' }, 'lint', null],
    [{ 'build.gradle': '' }, 'test', 'gradle --console=plain test'],
    [{ 'build.gradle.kts': '', gradlew: '' }, 'compile', './gradlew --console=plain testClasses'],
    [{ 'pom.xml': '' }, 'test', 'mvn -B -ntp test'],
    [{ 'mix.exs': '' }, 'test', 'mix test'],
    [{ 'app.csproj': '' }, 'test', 'dotnet test'],
    [{ 'readme.md': '' }, 'test', null],
  ])('of %j for %s is %j', async (files, goal, expected) => {
    expect(await command(files, goal)).toBe(expected);
  });

  it('is taken from the head only where the base has none, project by project', async () => {
    const base = project({ 'a/package.json': scripts({ test: 'base of a' }), 'b/x': '' });
    const head = project({
      'a/package.json': scripts({ test: 'head of a' }),
      'b/package.json': scripts({ test: 'head of b' }),
    });
    const found = await detectCommands({ goal: 'test', files: ['a/x', 'b/y'], base, head, user: {} });
    if ('problem' in found) throw new Error(found.problem);
    expect(found.judges.map(({ command, origin }) => [command.texts[0]?.text, origin])).toEqual([
      ['base of a', 'base'],
      ['head of b', 'head'],
    ]);
  });
});

describe('the targets of a Makefile', () => {
  it('are those with a rule, not variables, recipes or special ones only', () => {
    const text =
      'CC := gcc\nX = y:z\n.PHONY: ghost\ntest unit: a b\n\techo lint: x\ndouble::\n\ttrue\n# comment: no\n';
    expect([...makeTargets(text)].sort()).toEqual(['.PHONY', 'double', 'test', 'unit']);
  });
});
