import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Who may import whom: room → rooms and packages. A room may always import its own files. Node's own modules are named apart. */
const base = ['errors', 'diagnostic', 'limits', 'own'];
/** What only `compose.ts` puts behind ports, and what uses it there. */
const adapters = [
  'ports',
  'process',
  'git',
  'agents',
  'gates',
  'gateway',
  'ledger',
  'terminal',
  'runtime',
  'playbook',
  'github',
];
const pure = ['spec', 'workflow', 'config', 'template', 'events', 'plan', 'engine', 'report'];
const borders: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  diagnostic: [],
  limits: [],
  own: [],
  spec: [...base, 'markdown-it'],
  workflow: [...base, 'template', 'yaml'],
  template: base,
  config: [...base, 'workflow', 'toml-eslint-parser'],
  events: [...base, 'workflow', 'config'],
  plan: [...base, 'spec', 'workflow', 'template', 'events'],
  engine: [...base, 'spec', 'workflow', 'template', 'events', 'plan'],
  report: [...base, 'spec', 'workflow', 'template', 'events', 'plan', 'engine'],
  ports: [...base, ...pure],
  runtime: [...base, ...pure, 'ports'],
  process: base,
  git: [...base, 'template', 'ports', 'process'],
  agents: [
    ...base,
    'workflow',
    'config',
    'events',
    'ports',
    'process',
    'yaml',
    'picomatch',
    '@agentclientprotocol/sdk',
  ],
  gates: [...base, 'template', 'workflow', 'config', 'ports', 'process', 'git', 'yaml', 'sax'],
  gateway: [...base, 'ports'],
  ledger: [...base, 'events', 'ports', 'process', 'git'],
  terminal: [...base, ...pure, 'ports'],
  github: [
    ...base,
    ...pure,
    'ports',
    'process',
    'git',
    // Reports of test runners and linters in XML.
    'sax',
    '@octokit/rest',
    '@octokit/plugin-throttling',
    '@octokit/plugin-retry',
    '@octokit/auth-app',
  ],
  playbook: [...base, 'workflow', 'yaml'],
  compose: [...base, ...pure, ...adapters],
  hosting: [...base, ...pure, 'compose', ...adapters],
  index: ['local', ...base, ...pure, 'compose', 'hosting', ...adapters],
  local: [...base, ...pure, 'compose', 'hosting', 'ports', 'ledger', 'terminal'],
  cli: ['local', 'agents', 'commander'],
};

/** R2: the pure rooms know no clock, randomness, environment, file, network or process; a digest is a function. */
const forbiddenInPure: readonly [RegExp, string][] = [
  [/from 'node:(?!crypto')/, 'a module of Node'],
  [/\bDate\.now\(|new Date\(\)|performance\.now\(/, 'the clock'],
  [/\bMath\.random\(|randomUUID|randomBytes/, 'randomness'],
  [/\bprocess\.(env|argv|cwd|pid|platform)/, 'the environment'],
  [/\bfetch\(/, 'the network'],
  [/\bsetTimeout\(|\bsetInterval\(/, 'a timer'],
];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory())
      return name === 'dist' || name === 'fixtures' ? [] : sourceFiles(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(path: string): string {
  const [, room = ''] = path.split('/');
  return room.replace(/\.ts$/, '');
}

function imports(path: string): { line: string; target: string }[] {
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const from = /(?:^\s*(?:import|export|\}).*?from |^import |import\()'([^']+)'/.exec(line)?.[1];
    return from ? [{ line: `${path}:${index + 1}: ${line.trim()}`, target: from }] : [];
  });
}

function roomImported(path: string, target: string): string {
  if (!target.startsWith('.'))
    return target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
  return roomOf(relative(root, resolve(root, path, '..', target)));
}

test('every room imports only the rooms and packages that the table allows', () => {
  const offending = sourceFiles('src').flatMap((path) => {
    const room = roomOf(path);
    const allowed = borders[room];
    if (!allowed) return [`${path}: the room "${room}" is not in the table`];
    return imports(path).flatMap(({ line, target }) => {
      if (target.startsWith('node:')) return [];
      const imported = roomImported(path, target);
      return imported === room || allowed.includes(imported) ? [] : [line];
    });
  });
  expect(offending).toEqual([]);
});

test('the pure rooms know no clock, randomness, environment, file, network or process', () => {
  const offending = [...pure, 'github/commands'].flatMap((room) =>
    sourceFiles(`src/${room}`).flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => {
          const found = forbiddenInPure.find(([pattern]) => pattern.test(line));
          return found ? [`${path}:${index + 1}: ${found[1]}: ${line.trim()}`] : [];
        }),
    ),
  );
  expect(offending).toEqual([]);
});

/** The second one is the program of a child process that must start fast: it loads nothing else. */
const faces = ['/src/index.ts', '/src/agents/scripted-program.ts'];

test('the hosts action and app import nothing of src but its public face', () => {
  const offending = ['action', 'app'].flatMap((host) =>
    sourceFiles(host).flatMap((path) =>
      imports(path).flatMap(({ line, target }) =>
        faces.some((face) => target.endsWith(face)) || !target.includes('/src/') ? [] : [line],
      ),
    ),
  );
  expect(offending).toEqual([]);
});

test('no file has a name that says nothing, and no file of the product is longer than 300 lines', () => {
  const files = ['src', 'app', 'action'].flatMap(sourceFiles);
  const vague = files.filter((path) => /\/(utils?|helpers?|common|misc|types)\.ts$/.test(path));
  // R7 wants all limits in one file: a table, of which nobody reads more than a row.
  const read = files.filter((path) => path !== 'src/limits.ts');
  const long = read.filter((path) => readFileSync(join(root, path), 'utf8').split('\n').length > 301);
  expect({ vague, long }).toEqual({ vague: [], long: [] });
});
