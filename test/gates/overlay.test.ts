import { linkSync } from 'node:fs';
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
import { changedJudgeFiles, type JudgeTexts, layOver } from '../../src/gates/overlay.ts';
import { limits } from '../../src/limits.ts';
import { judge, manifest } from './project.ts';

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

type Texts = Readonly<Record<string, string>>;

async function changed(base: Texts): Promise<JudgeTexts> {
  const found = await changedJudgeFiles({ cwd, readBase: (file) => Promise.resolve(base[file] ?? null) });
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('the changed files of a judge', () => {
  it('are none where scripts are the same, whatever else changed', async () => {
    await put(
      'package.json',
      JSON.stringify({ dependencies: { x: '1' }, scripts: { test: 't', added: 'a' } }),
    );
    expect(await changed({ 'package.json': manifest({ test: 't' }) })).toEqual(new Map());
  });

  it('are those of every folder but of installed packages', async () => {
    for (const file of [
      'package.json',
      'a/b/package.json',
      'node_modules/x/package.json',
      'new/package.json',
    ]) {
      await put(file, manifest({ test: 'weak' }));
    }
    const base = manifest({ test: 'strong' });
    const found = await changed({
      'package.json': base,
      'a/b/package.json': base,
      'node_modules/x/package.json': base,
    });
    expect([...found.keys()]).toEqual(['package.json', 'a/b/package.json']);
  });

  it('keep what the attempt added, and take back what it removed', async () => {
    await put('package.json', JSON.stringify({ type: 'module', scripts: { added: 'a' } }));
    const text = (await changed({ 'package.json': manifest({ test: 't' }) })).get('package.json');
    expect(JSON.parse(text ?? '')).toEqual({ type: 'module', scripts: { added: 'a', test: 't' } });
  });

  it('are found behind a byte order mark, in a file that is far too large, and in a folder that is filled up', async () => {
    const base = manifest({ test: 'strong' });
    await put('package.json', `\uFEFF${manifest({ test: 'weak' })}`);
    expect((await changed({ 'package.json': base })).get('package.json')).toContain('strong');
    await put('package.json', `${manifest({ test: 'weak' })}${' '.repeat(limits.judgeFileBytesMax)}`);
    expect((await changed({ 'package.json': base })).get('package.json')).toBe(base);
    await put('package.json', manifest({ test: 'weak' }));
    for (let i = 0; i <= limits.projectEntriesMax; i++)
      linkSync(path.join(cwd, 'package.json'), path.join(cwd, `f${i}`));
    expect((await changed({ 'package.json': base })).get('package.json')).toContain('strong');
  });

  it('cannot be told where there are more entries than are looked at, and the gate fails', async () => {
    await put('z/package.json', manifest({ test: 'exit 0' }));
    for (let i = 0; i <= limits.projectEntriesMax; i++)
      linkSync(path.join(cwd, 'z/package.json'), path.join(cwd, `f${i}`));
    const base = { 'z/package.json': manifest({ test: 'exit 1' }) };
    const order = { cwd, files: ['z/a.js'] };
    const failure = {
      status: 'fail',
      reason: expect.stringMatching(/^not judged: the tree has more than 50,000 entries.*\[validation\]/),
    };
    const bash = { kind: 'bash', argument: 'npm --prefix z test', base, order } as const;
    expect(await judge(bash)).toMatchObject(failure);
    const test = { kind: 'test', base, order } as const;
    expect(await judge(test)).toMatchObject(failure);
    const said = (command: string) => ({ test: command });
    expect(await judge({ ...test, validation: said('npm --prefix z test') })).toMatchObject(failure);
    expect(await judge({ ...test, validation: said('true') })).toMatchObject({
      status: 'pass',
      reason: expect.stringMatching(/^not checked: the tree has more than/),
    });
  });

  it('do not mend a file that is broken', async () => {
    await put('package.json', '{broken');
    expect(await changed({ 'package.json': manifest({ test: 't' }) })).toEqual(new Map());
  });
});

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
    const texts = await changed({ 'package.json': manifest({ test: 'strong' }) });
    const overlay = await layOver(cwd, texts);
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
