import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeFile } from '../../src/agents/place-file.ts';

let top: string;
let home: string;
let precious: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gump-place-'));
  home = join(top, 'home');
  precious = join(top, 'precious');
  mkdirSync(home);
  mkdirSync(precious);
  writeFileSync(join(precious, 'config.toml'), 'mine');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const text = () => readFileSync(join(home, '.codex/config.toml'), 'utf8');

test('a settings file is written, and written again, readable for us alone', async () => {
  await placeFile(home, '.codex/config.toml', 'one');
  await placeFile(home, '.codex/config.toml', 'two');
  expect(text()).toBe('two');
  expect(lstatSync(join(home, '.codex/config.toml')).mode & 0o777).toBe(0o600);
});

test('a link in its place is taken away, and what it led to stays as it was', async () => {
  mkdirSync(join(home, '.codex'));
  symlinkSync(join(precious, 'config.toml'), join(home, '.codex/config.toml'));
  await placeFile(home, '.codex/config.toml', 'ours');
  expect(text()).toBe('ours');
  expect(readFileSync(join(precious, 'config.toml'), 'utf8')).toBe('mine');
});

test('a folder that is a link is taken away, and nothing is written where it led', async () => {
  symlinkSync(precious, join(home, '.codex'));
  await placeFile(home, '.codex/config.toml', 'ours');
  expect(text()).toBe('ours');
  expect(readFileSync(join(precious, 'config.toml'), 'utf8')).toBe('mine');
});

test('a file where a folder has to be, and a folder where the file has to be, are taken away', async () => {
  writeFileSync(join(home, '.codex'), 'a file');
  await placeFile(home, '.codex/config.toml', 'ours');
  rmSync(join(home, '.codex/config.toml'));
  mkdirSync(join(home, '.codex/config.toml/deeper'), { recursive: true });
  await placeFile(home, '.codex/config.toml', 'again');
  expect(text()).toBe('again');
});
