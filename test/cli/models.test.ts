/** `gump models`, typed by a person. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from './command.ts';

let desk: Desk;
let dir: string;
beforeAll(async () => {
  desk = await openDesk();
  dir = join(desk.dir, 'project');
  await mkdir(join(dir, '.git'), { recursive: true });
  await writeFile(join(dir, 'codex'), '#!/bin/sh\n', { mode: 0o755 });
  const mine = '[agents.mine]\ncommand = ["codex", "-x"]\nprice_in = 0.5\n';
  await writeFile(join(dir, 'gump.toml'), `${mine}[agents.claude-opus]\nmodel = "claude-opus-4-6"\n`);
  await mkdir(join(desk.home, '.gump'));
  await writeFile(join(desk.home, '.gump/config.toml'), mine);
});
afterAll(() => desk.remove());

const models = (...args: string[]) =>
  desk.gump(['models', ...args], { cwd: dir, env: { PATH: `${dir}:/nowhere` } });

test('gump models lists every agent with what it is, costs, and whether it is here', async () => {
  const { code, stdout, stderr } = await models();
  expect([code, stderr]).toEqual([0, '']);
  const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
  expect(rows).toContainEqual([
    'claude-sonnet',
    'claude',
    'sonnet',
    '1M',
    '$2',
    '$10',
    '$0.1',
    'not installed',
  ]);
  expect(rows).toContainEqual([
    'claude-opus',
    'claude',
    'claude-opus-4-6',
    '1M',
    '$5',
    '$25',
    '$0.5',
    'not installed',
  ]);
  expect(rows).toContainEqual(['codex', 'codex', '(its default)', '?', '?', '?', '?', 'installed']);
  expect(rows).toContainEqual(['mine', 'codex', '(its default)', '?', '$0.5', '?', '?', 'installed']);
  expect(stdout).toMatch(/^Source: .*\(2026-\d\d\)$/m);
});

test('gump models tells of one family, of any name, and names the nearest of a misspelt one', async () => {
  const family = JSON.parse((await models('gemini', '--json')).stdout) as { agent: string }[];
  expect(family.map(({ agent }) => agent)).toEqual(
    expect.arrayContaining(['gemini', 'gemini-pro', 'gemini-25-flash']),
  );
  const [one] = JSON.parse((await models('codex-gpt-6.1-sol', '--json')).stdout);
  expect(one).toMatchObject({
    model: 'gpt-6.1-sol',
    program: 'codex',
    installed: true,
    price: { input: 2, output: 10 },
  });
  const wrong = await models('clod-opus');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('did you mean `claude-opus`?');
});

test('gump models tells nothing where the configuration is broken', async () => {
  const broken = join(desk.dir, 'broken');
  await mkdir(join(broken, '.git'), { recursive: true });
  await writeFile(join(broken, 'gump.toml'), '[agents.mine]\n');
  const { code, stdout, stderr } = await desk.gump(['models'], { cwd: broken });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('gump.toml:1:9: error: the agent `mine` does not say how it is started');
});
