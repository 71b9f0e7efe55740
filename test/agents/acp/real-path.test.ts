import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { realPath } from '../../../src/agents/real-path.ts';

let top: string;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'gump-links-')));
  mkdirSync(join(top, 'tree/src'), { recursive: true });
  mkdirSync(join(top, 'out/deep'), { recursive: true });
  symlinkSync('../../out/deep', join(top, 'tree/src/link'));
  symlinkSync('../nowhere/yet', join(top, 'tree/dangling'));
  symlinkSync('b', join(top, 'tree/a'));
  symlinkSync('a', join(top, 'tree/b'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

it.each([
  ['tree/src/new.txt', 'tree/src/new.txt'],
  ['tree/./src//new/../x', 'tree/src/x'],
  ['tree/src/link/x', 'out/deep/x'],
  ['tree/src/link/../x', 'out/x'],
  ['tree/src/link/new/../../x', 'out/x'],
  ['tree/dangling', 'nowhere/yet'],
  ['tree/dangling/../x', 'nowhere/x'],
])('%s leads to %s', (path, expected) => {
  expect(realPath(`${top}/${path}`)).toBe(join(top, expected));
});

it('links in a circle lead nowhere of ours, and above the root is the root', () => {
  expect(realPath(`${top}/tree/a`)).toBe('/');
  expect(realPath('/../../etc')).toBe(realpathSync('/etc'));
});
