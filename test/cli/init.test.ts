/** `gump init`, typed by a person. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { sampleFile } from '../../src/config/sample.ts';
import { workflowText } from '../../src/hosting/workflow-file.ts';
import { type Desk, openDesk } from './command.ts';
import { listing } from './project.ts';

let desk: Desk;
let dir: string;
let number = 0;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());
beforeEach(async () => {
  dir = join(desk.dir, `p${++number}`);
  await mkdir(join(dir, 'deep'), { recursive: true });
  await desk.git(dir, 'init', '-q');
});

const init = (args: readonly string[] = [], cwd = dir) => desk.gump(['init', ...args], { cwd });
const text = (path: string) => readFile(join(dir, path), 'utf8');
const workflow = (host: 'alone' | 'app', action: string | null = null) =>
  workflowText({ host, action, queue: true });

test('writes both files into the repository’s top folder and says what to do next', async () => {
  const { code, stdout, stderr } = await init([], join(dir, 'deep'));
  expect(code, stderr).toBe(0);
  expect(stdout).toBe('gump.toml: written\n.github/workflows/gump.yml: written\n');
  expect(await text('gump.toml')).toBe(sampleFile());
  expect(await text('.github/workflows/gump.yml')).toBe(workflow('alone'));
  expect(stderr).toMatch(/next:\n {2}1\. put the account .* for OWNER/);
  expect(stderr).toContain('commit both files');
});

test('puts the Action where it is told', async () => {
  expect((await init(['--action', 'octo-org/gump@v1'])).code).toBe(0);
  const written = await text('.github/workflows/gump.yml');
  expect(written.match(/ {6}- uses: octo-org\/gump@v1\n/g)).toHaveLength(3);
  expect(written).not.toContain('OWNER');
  expect(written).toBe(workflow('alone', 'octo-org/gump@v1'));
  expect((await init(['--action', '--evil'])).code).toBe(2);
});

test('writes the file of a repository with the App, and one that an Enterprise Server takes', async () => {
  expect((await init(['--app'])).stderr).toContain('install the GitHub App, then label');
  expect(await text('.github/workflows/gump.yml')).toBe(workflow('app'));
  const env = { GH_HOST: 'ghe.example' };
  expect((await desk.gump(['init', '--force'], { cwd: dir, env })).code).toBe(0);
  const written = await text('.github/workflows/gump.yml');
  expect(written).toBe(workflowText({ host: 'alone', action: null, queue: false }));
  expect(written).not.toContain('queue:');
});

test('leaves alone what is there, and overwrites it only when told to', async () => {
  await writeFile(join(dir, 'gump.toml'), '# mine\n');
  const first = await init();
  expect(first.stdout).toContain('gump.toml: is there already and was left alone (--force overwrites it)');
  expect(await text('gump.toml')).toBe('# mine\n');
  const second = await init(['--json']);
  expect(JSON.parse(second.stdout).files).toMatchObject([{ status: 'kept' }, { status: 'unchanged' }]);
  const third = await init(['--force']);
  expect(third.stdout).toContain('gump.toml: overwritten');
  expect(await text('gump.toml')).toBe(sampleFile());
});

test('writes nothing with --dry-run, and shows all of it', async () => {
  const before = await listing(dir);
  const { code, stdout, stderr } = await init(['--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toContain('gump.toml: would be written\n  # What runs of gump');
  expect(stdout).toContain('  name: gump\n');
  expect(stderr).toContain('nothing was written');
  expect(await listing(dir)).toEqual(before);
});

test('follows no link out of the repository', async () => {
  const outside = join(desk.dir, `outside${number}`);
  await mkdir(join(outside, 'workflows'), { recursive: true });
  await symlink(outside, join(dir, '.github'));
  const before = await listing(outside);
  const { code, stdout, stderr } = await init(['--force']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('a link leads .github/workflows/gump.yml out of the repository');
  expect(await listing(outside)).toEqual(before);
  await writeFile(join(outside, 'victim'), 'x');
  await symlink(join(outside, 'victim'), join(dir, 'gump.toml'));
  expect((await init(['--force'])).stderr).toContain('gump.toml');
  expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('x');
});

test('does nothing outside of a repository', async () => {
  const { code, stderr } = await init([], desk.dir);
  expect(code).toBe(2);
  expect(stderr).toContain('is in no git repository');
});

test('the file that it writes says nothing, and each of its lines is right once its # is taken away', () => {
  const sample = sampleFile();
  const { layer, diagnostics } = parseConfig({ file: 'gump.toml', text: sample });
  expect(diagnostics).toEqual([]);
  expect(layer?.places.size).toBe(0);
  const whole = sample.replace(/^# (\[|[a-z_]+ = )/gm, '$1');
  // One agent cannot be all of this at once: a command, an ACP command, and another name of a CLI.
  const one = whole.replace(/^(acp|family) = /gm, '# $1 = ');
  expect(parseConfig({ file: 'gump.toml', text: one }).diagnostics).toEqual([]);
  expect(one.split('\n').every((line) => line.length <= 100)).toBe(true);
});
