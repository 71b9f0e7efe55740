/** `gump config`, typed by a person. */
import { lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, openDesk, type StartOptions } from './command.ts';

let desk: Desk;
let dir: string;
const at = (path: string) => join(dir, path);
const mine = () => join(desk.home, '.gump/config.toml');

beforeAll(async () => {
  desk = await openDesk();
  dir = join(desk.dir, 'project');
});
afterAll(() => desk.remove());
beforeEach(async () => {
  await rm(dir, { recursive: true, force: true });
  await rm(join(desk.home, '.gump'), { recursive: true, force: true });
  await mkdir(join(dir, 'deep/er'), { recursive: true });
  await mkdir(at('.git'));
});

const config = (args: readonly string[], options: StartOptions = {}) =>
  desk.gump(['config', ...args], { cwd: dir, ...options });

describe('gump config', () => {
  test('shows what is in force and where each value comes from', async () => {
    await writeFile(at('gump.toml'), '[budget]\nmax_budget = 5\n[validation]\ntimeout = "90m"\n');
    await mkdir(join(desk.home, '.gump'));
    await writeFile(mine(), 'default_agent = "gemini"\n[budget]\nmax_budget = 1\nmax_parallel = 2\n');
    const { code, stdout, stderr } = await config([], { cwd: at('deep/er'), env: { GUMP_MAX_TOKENS: '9' } });
    expect([code, stderr]).toEqual([0, '']);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(['default_agent', '"gemini"', '~/.gump/config.toml']);
    expect(rows).toContainEqual(['budget.max_budget', '5', 'gump.toml']);
    expect(rows).toContainEqual(['budget.max_tokens', '9', 'GUMP_MAX_TOKENS']);
    expect(rows).toContainEqual(['validation.timeout', '"1h30m"', 'gump.toml']);
    expect(rows).toContainEqual(['validation.test', '(found in the project)', 'default']);
    expect(stdout).toContain(`gump.toml: ${at('gump.toml')}`);
  });

  test('gives it to other programs as JSON', async () => {
    await writeFile(at('gump.toml'), '[agents.mine]\ncommand = ["a", "b"]\n');
    const { stdout } = await config(['--json']);
    const { settings, files, diagnostics } = JSON.parse(stdout);
    expect(diagnostics).toEqual([]);
    expect(files[0]).toEqual({ file: 'gump.toml', path: at('gump.toml'), exists: true });
    expect(settings).toContainEqual({
      key: 'agents.mine.command',
      toml: '["a", "b"]',
      value: '["a", "b"]',
      source: 'gump.toml',
      default: 'the CLI of the family',
    });
  });

  test('shows nothing of a broken configuration but its problems', async () => {
    await writeFile(at('gump.toml'), '[budget]\nmax_bugdet = 5\n');
    const { code, stdout, stderr } = await config([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('gump.toml:2:1: error: unknown key `max_bugdet` in [budget]');
    expect(stderr).toContain('did you mean `max_budget`?');
  });

  test('gets one value for a script, and says so where there is none', async () => {
    await writeFile(at('gump.toml'), '[validation]\ntest_cmd = "npm test"\n');
    expect(await config(['get', 'validation.test'])).toMatchObject({
      code: 0,
      stdout: 'npm test\n',
      stderr: '',
    });
    expect(await config(['get', 'validation.test_cmd'])).toMatchObject({ code: 0, stdout: 'npm test\n' });
    expect(await config(['get', 'validation.from'])).toMatchObject({ code: 0, stdout: 'base\n' });
    const unset = await config(['get', 'budget.max_budget']);
    expect(unset).toMatchObject({ code: 1, stdout: '' });
    expect(unset.stderr).toContain('budget.max_budget is not set; without it: no limit');
  });

  test('sets a value in the repository’s file from anywhere in it', async () => {
    await writeFile(at('gump.toml'), '# ours\n[budget]\nmax_budget = 5 # USD\n');
    const { code, stderr } = await config(['set', 'budget.max_budget', '7.50'], { cwd: at('deep/er') });
    expect(code, stderr).toBe(0);
    expect(await readFile(at('gump.toml'), 'utf8')).toBe('# ours\n[budget]\nmax_budget = 7.50 # USD\n');
    expect(stderr).toContain('commit it');
  });

  test('sets a value in one’s own file, which it makes', async () => {
    const { code, stderr } = await config(['set', 'default_agent', 'codex', '--user'], { cwd: desk.dir });
    expect(code, stderr).toBe(0);
    expect(await readFile(mine(), 'utf8')).toBe('default_agent = "codex"\n');
    expect((await lstat(mine())).mode & 0o077).toBe(0o044);
  });

  test.each([
    [['set', 'budget.max_budget', 'much'], '`max_budget` is an amount in USD above 0'],
    [['set', 'validation.timeout', '90'], '`timeout` is a duration'],
    [['set', 'agents.mine.command', 'my-agent --x'], 'a list is typed as TOML writes it'],
    [['set', 'agents.mine.model', 'x'], 'it would be broken'],
    [['set', 'max_budget', '3'], 'did you mean `budget.max_budget`?'],
    [['set', 'github.label', 'x'], 'is not supported yet'],
    [['set', 'agents.a b.command', '["x"]'], 'cannot be the name of an agent'],
    [['set', 'budget.max_budget', '3\nmax_tokens = 1'], '`max_budget` is'],
    [['get', 'budget.max_bugdet'], 'did you mean `budget.max_budget`?'],
  ])('%j changes nothing and says why', async (args, says) => {
    await writeFile(at('gump.toml'), '# mine\n');
    const { code, stdout, stderr } = await config(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(await readFile(at('gump.toml'), 'utf8')).toBe('# mine\n');
  });

  test('says what to write where it cannot edit safely', async () => {
    await writeFile(at('gump.toml'), 'budget = {max_tokens = 5}\n');
    const { code, stderr } = await config(['set', 'budget.max_budget', '3']);
    expect(code).toBe(2);
    expect(stderr).toContain('write there by hand:\n    [budget]\n    max_budget = 3');
    expect(await readFile(at('gump.toml'), 'utf8')).toBe('budget = {max_tokens = 5}\n');
  });

  test('follows no link out of the repository', async () => {
    const other = join(desk.dir, 'other.toml');
    await writeFile(other, '# other\n');
    await symlink(other, at('gump.toml'));
    const { code, stderr } = await config(['set', 'budget.max_budget', '3']);
    expect(code).toBe(2);
    expect(stderr).toContain('it is no plain file');
    expect(await readFile(other, 'utf8')).toBe('# other\n');
  });

  test('knows no project outside of one', async () => {
    const { code, stderr } = await config(['set', 'budget.max_budget', '3'], { cwd: desk.dir });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no project around');
    expect((await config([], { cwd: desk.dir })).code).toBe(0);
  });
});
