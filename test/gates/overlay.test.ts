import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layOver } from '../../src/gates/overlay.ts';
import { manifest } from './project.ts';

let folder: string;
let cwd: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gump-overlay-'));
  cwd = path.join(folder, 'tree');
  await mkdir(cwd);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function put(file: string, text: string): Promise<void> {
  return mkdir(path.dirname(path.join(cwd, file)), { recursive: true }).then(() =>
    writeFile(path.join(cwd, file), text),
  );
}

describe('an overlay', () => {
  it('stands until it is taken away, with mode and time of before', async () => {
    await put('Makefile', 'weak');
    await chmod(path.join(cwd, 'Makefile'), 0o640);
    const before = await stat(path.join(cwd, 'Makefile'));
    const overlay = await layOver(cwd, new Map([['Makefile', 'strong']]));
    expect(await readFile(path.join(cwd, 'Makefile'), 'utf8')).toBe('strong');
    await overlay.restore();
    const after = await stat(path.join(cwd, 'Makefile'));
    expect(await readFile(path.join(cwd, 'Makefile'), 'utf8')).toBe('weak');
    expect([after.mode, Math.round(after.mtimeMs)]).toEqual([before.mode, Math.round(before.mtimeMs)]);
  });

  it('replaces a link and does not write through it', async () => {
    const outside = path.join(folder, 'outside.json');
    await writeFile(outside, manifest({ test: 'weak' }));
    await symlink(outside, path.join(cwd, 'package.json'));
    const overlay = await layOver(cwd, new Map([['package.json', manifest({ test: 'strong' })]]));
    expect(await readFile(path.join(cwd, 'package.json'), 'utf8')).toContain('strong');
    expect(await readFile(outside, 'utf8')).toContain('weak');
    await overlay.restore();
    expect(await readlink(path.join(cwd, 'package.json'))).toBe(outside);
    expect(await readFile(outside, 'utf8')).toContain('weak');
  });

  it('leaves nothing behind when it cannot be laid', async () => {
    await put('Makefile', 'weak');
    await mkdir(path.join(cwd, 'folder.mk'));
    await expect(
      layOver(
        cwd,
        new Map([
          ['Makefile', 'strong'],
          ['folder.mk', 'x'],
        ]),
      ),
    ).rejects.toThrow('neither a file nor a link');
    expect(await readFile(path.join(cwd, 'Makefile'), 'utf8')).toBe('weak');
    expect((await lstat(path.join(cwd, 'folder.mk'))).isDirectory()).toBe(true);
  });
});
