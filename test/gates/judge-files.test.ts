import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedJudgeFiles, firstVersions, startsScripts } from '../../src/gates/judge-files.ts';
import { withScripts, withShell } from '../../src/gates/merge.ts';
import { limits } from '../../src/limits.ts';
import { type Files, judge, manifest } from './project.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'gump-judge-files-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
  await writeFile(path.join(cwd, file), text);
}

interface Trees {
  readonly base: Readonly<Record<string, string>>;
  readonly attempt: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  /** Default: what differs; a file that ignore rules hide is in no such list. */
  readonly changed?: readonly string[];
}

/** Where each judge's file has to stand as something else: its text, or null for away. */
async function wanted({ base, attempt, folders = [''], changed }: Trees) {
  for (const [file, text] of Object.entries({ ...base, ...attempt })) await put(file, text);
  return Object.fromEntries(
    await changedJudgeFiles({
      cwd,
      readBase: (file) => Promise.resolve(base[file] ?? null),
      changed: changed ?? Object.keys(attempt),
      folders,
    }),
  );
}

const strong = manifest({ test: 'strong' });
const weak = manifest({ test: 'weak' });

describe('the files of a judge that an attempt changed', () => {
  it('are none where scripts are the same, whatever else changed', async () => {
    const own = JSON.stringify({ dependencies: { x: '1' }, scripts: { test: 't', added: 'a' } });
    const trees = { base: { 'package.json': manifest({ test: 't' }) }, attempt: { 'package.json': own } };
    expect(await wanted(trees)).toEqual({});
  });

  it('are looked for in every folder, by what the commits say: the size of the tree does not count', async () => {
    const base = { 'package.json': strong, 'a/b/package.json': strong, 'c/Makefile': 'strong' };
    const attempt = { 'a/b/package.json': weak, 'c/Makefile': 'weak', 'new/package.json': weak };
    const found = await wanted({ base, attempt });
    expect(Object.keys(found)).toEqual(['a/b/package.json', 'c/Makefile']);
    expect(found['a/b/package.json']).toContain('strong');
  });

  it.each<[string, Files, Files, Readonly<Record<string, string | null>>]>([
    ['a Makefile that would be taken first', { Makefile: 'm' }, { GNUmakefile: 'w' }, { GNUmakefile: null }],
    ['a Makefile of another case', { makefile: 'm' }, { Makefile: 'w' }, { Makefile: null }],
    [
      'a Makefile in the place of one that was removed',
      { GNUmakefile: 'm' },
      { Makefile: 'w' },
      { Makefile: null },
    ],
    [
      'a part that the Makefile includes where it is there',
      { Makefile: '-include local.mk' },
      { 'local.mk': 'w' },
      { 'local.mk': null },
    ],
    ['a part below the Makefile', { Makefile: '-include mk/*.mk' }, { 'mk/x.mk': 'w' }, { 'mk/x.mk': null }],
    [
      'settings of npm',
      { 'package.json': strong },
      { '.npmrc': 'script-shell=/bin/true' },
      { '.npmrc': null },
    ],
    [
      'settings of yarn',
      { 'package.json': strong },
      { '.yarnrc.yml': 'yarnPath: x' },
      { '.yarnrc.yml': null },
    ],
    [
      'settings of npm in a package of a workspace',
      { 'package.json': strong },
      { 'packages/a/.npmrc': 'x' },
      { 'packages/a/.npmrc': null },
    ],
    [
      'arguments for maven',
      { 'pom.xml': '' },
      { '.mvn/maven.config': '-DskipTests' },
      { '.mvn/maven.config': null },
    ],
    [
      "cargo's runner",
      { 'Cargo.toml': '' },
      { '.cargo/config.toml': '[target]' },
      { '.cargo/config.toml': null },
    ],
    [
      "cargo's runner above the package",
      { 'rust/Cargo.toml': '' },
      { '.cargo/config.toml': '[target]' },
      { '.cargo/config.toml': null },
    ],
  ])('that it adds are away while its command runs: %s', async (_what, base, attempt, away) => {
    const trees = { base: base as Record<string, string>, attempt: attempt as Record<string, string> };
    const folders = ['', ...(base['rust/Cargo.toml'] === '' ? ['rust'] : [])];
    expect(await wanted({ ...trees, folders })).toEqual(away);
    // Ignored by the first commit's own rules, so in no list of changes.
    const isBeside = !/^(mk|packages)\//.test(Object.keys(attempt)[0] ?? '');
    if (isBeside) expect(await wanted({ ...trees, folders, changed: [] })).toEqual(away);
  });

  it.each<[string, Files, Files]>([
    ['a first Makefile with its parts', {}, { Makefile: 'include a.mk', 'a.mk': '' }],
    ['settings of a first package', {}, { 'package.json': weak, '.npmrc': 'x' }],
    ['settings of a first crate', {}, { 'Cargo.toml': '', '.cargo/config.toml': 'x' }],
    ['a wrapper that no command uses yet', { 'build.gradle': '' }, { gradlew: 'x' }],
    ['a package of a pnpm workspace', { 'package.json': strong }, { 'pnpm-workspace.yaml': 'packages: [a]' }],
  ])('that it adds stay where nothing of the first commit reads them: %s', async (_what, base, attempt) => {
    const trees = { base: base as Record<string, string>, attempt: attempt as Record<string, string> };
    expect(await wanted(trees)).toEqual({});
  });

  it.each([
    '.npmrc',
    '.yarnrc.yml',
    'gradlew',
    'mvnw',
    '.mvn/maven.config',
    '.cargo/config.toml',
    'rules.mk',
  ])('that were there stand as the first commit has them: %s', async (file) => {
    expect(await wanted({ base: { [file]: 'strong' }, attempt: { [file]: 'weak' } })).toEqual({
      [file]: 'strong',
    });
  });

  it('stay away where it removed them: what the commit does not hold must not be judged', async () => {
    const base = { Makefile: 'strong' };
    await put('other', '');
    const search = {
      cwd,
      changed: ['Makefile'],
      folders: [''],
      readBase: (file: string) => Promise.resolve(file === 'Makefile' ? base.Makefile : null),
    };
    expect(await changedJudgeFiles(search)).toEqual(new Map());
  });

  it('are not written through a link that stands in place of a folder', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'gump-outside-'));
    try {
      await writeFile(path.join(outside, 'package.json'), weak);
      await symlink(outside, path.join(cwd, 'packages'));
      const search = {
        cwd,
        changed: ['packages', 'packages/package.json'],
        folders: ['packages'],
        readBase: () => Promise.resolve(strong),
      };
      const found = await changedJudgeFiles(search);
      expect([...found.keys()].filter((file) => file.startsWith('packages/'))).toEqual([]);
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  it('are told apart: those of before, and those that are away', () => {
    const texts = new Map([
      ['package.json', '{}'],
      ['Makefile', 'x'],
      ['.npmrc', null],
    ]);
    expect(firstVersions(texts)).toBe(
      "judged with the run's first version of package.json, Makefile; judged without .npmrc, which the run's first commit does not have",
    );
    expect(firstVersions(new Map())).toBe('');
  });
});

describe('a package.json that is judged', () => {
  const scripts = (text: string | null) => JSON.parse(text ?? '').scripts;

  it('has the scripts of the first commit, and those that the attempt added', () => {
    const own = JSON.stringify({ type: 'module', scripts: { added: 'a', test: 'weak' } });
    const text = withScripts(own, manifest({ test: 't', lint: 'l' }));
    expect(JSON.parse(text ?? '')).toEqual({
      type: 'module',
      scripts: { added: 'a', test: 't', lint: 'l' },
    });
  });

  it('has no added script that would run with one of the first commit', () => {
    const own = manifest({
      test: 't',
      pretest: 'x',
      posttest: 'x',
      preunit: 'x',
      prettier: 'p',
      postinstall: 'i',
    });
    expect(scripts(withScripts(own, manifest({ test: 't', unit: 'u' })))).toEqual({
      test: 't',
      unit: 'u',
      prettier: 'p',
      postinstall: 'i',
    });
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'takes a script named %s for one like any other',
    (name) => {
      const of = (text: string) => `{"scripts": {"${name}": "${text}", "test": "t"}}`;
      const merged = withScripts(of('weak'), of('strong')) ?? '';
      expect(Object.getOwnPropertyDescriptor(scripts(merged), name)?.value).toBe('strong');
      expect(withScripts(of('same'), of('same'))).toBe(of('same'));
      expect(scripts(withScripts('{"scripts": {"test": "t"}}', of('strong')))).toHaveProperty(name);
    },
  );

  it('names the package manager of the first commit, and the scripts that wireit runs', () => {
    const of = (manager: string, command: string) =>
      JSON.stringify({ packageManager: manager, scripts: { test: 'wireit' }, wireit: { test: { command } } });
    const merged = JSON.parse(withScripts(of('pnpm@1.0.0', 'true'), of('pnpm@10.0.0', 'vitest')) ?? '');
    expect(merged).toMatchObject({ packageManager: 'pnpm@10.0.0', wireit: { test: { command: 'vitest' } } });
  });

  it('stays broken where it is, and is the first one as a whole where it cannot be told', () => {
    expect(withScripts('{broken', strong)).toBe('{broken');
    expect(withScripts('[]', strong)).toBe('[]');
    expect(withScripts(null, strong)).toBe(strong);
    expect(withScripts(`\uFEFF${weak}`, strong)).toContain('strong');
    expect(withScripts(`{"scripts": "text"}`, strong)).toContain('strong');
    const deep = `{"scripts": {"test": "weak"}, "x": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(withScripts(deep, strong)).toBe(strong);
  });

  it('is the first one as a whole where it is far too large', async () => {
    const attempt = { 'package.json': `${weak}${' '.repeat(limits.judgeFileBytesMax)}` };
    expect(await wanted({ base: { 'package.json': strong }, attempt })).toEqual({ 'package.json': strong });
  });
});

describe('a pnpm-workspace.yaml that is judged', () => {
  it.each([
    ["packages: ['a']\nscriptShell: /bin/true\n", "packages: ['b']\n", { packages: ['a'] }],
    ['scriptShell: /bin/true\n', 'scriptShell: /bin/bash\n', { scriptShell: '/bin/bash' }],
    ['shellEmulator: true\n', '', {}],
  ])('has the shell of the first commit and packages of its own: %j', (own, base, expected) => {
    expect(JSON.parse(withShell(own, base) ?? '')).toEqual(expected);
  });

  it('stays as it is where it names no shell, and is the first one where it cannot be read', () => {
    expect(withShell("packages: ['a']\n", '')).toBe("packages: ['a']\n");
    expect(withShell('', '')).toBe('');
    expect(JSON.parse(withShell('', 'scriptShell: /bin/sh\n') ?? '')).toEqual({ scriptShell: '/bin/sh' });
    expect(withShell('a: [', 'scriptShell: /bin/sh\n')).toBe('scriptShell: /bin/sh\n');
    const bomb = Array.from({ length: 30 }, (_, n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(n && 9)}]`).join(
      '\n',
    );
    expect(withShell(bomb, 'x: 1\n')).toBe('x: 1\n');
  });
});

describe('a shell text', () => {
  it.each([
    ['npm test', true],
    ['cd a && pnpm run x', true],
    ['yarn', true],
    ['bunx vitest', true],
    ['node --run test', true],
    ['node --no-warnings --run=test', true],
    ['npx turbo run test', true],
    ['nx test', true],
    ['gmake check', true],
    ['make -C lib', true],
    ['node --test', false],
    ['./run --run', false],
    ['go test ./...', false],
    ['cmake .', false],
    ['grep -q npmrc x', false],
  ])('%s starts scripts: %s', (text, expected) => {
    expect(startsScripts(text)).toBe(expected);
  });
});

describe('a package.json that the attempt removed', () => {
  it.each(['npm test', 'pnpm test', 'node --run test'])(
    'lets `%s` judge nothing: it would run the next one above, outside of the tree',
    async (command) => {
      const base = {
        'package.json': manifest({ test: 'true' }),
        'gump.toml': `[validation]\ntest = "${command}"\n`,
      };
      const result = await judge({ kind: 'test', base, attempt: { 'package.json': null } });
      expect(result).toMatchObject({
        status: 'fail',
        reason:
          'not judged: the attempt removed package.json, which its command ([validation] of gump.toml) reads',
      });
    },
  );
});
