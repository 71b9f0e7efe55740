import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../action/build.ts';

const run = promisify(execFile);
let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gump-bundle-'));
  file = path.join(dir, 'index.js');
  await writeFile(path.join(dir, 'package.json'), '{"type": "module"}');
  for (const [name, text] of await bundle()) await writeFile(path.join(dir, name), text);
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
}

async function start(args: readonly string[], env: Record<string, string>, stdin = ''): Promise<Ended> {
  const started = run(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: dir,
  });
  started.child.stdin?.end(stdin);
  try {
    return { code: 0, stdout: (await started).stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}

describe('the bundle', () => {
  test('is the same bytes every time and names no folder of this machine', async () => {
    const files = await bundle();
    expect([...files.keys()]).toContain('index.js');
    for (const [name, text] of files) {
      expect(text).toBe(await readFile(path.join(dir, name), 'utf8'));
      expect(text).not.toContain(path.resolve(import.meta.dirname, '../..'));
    }
  });

  test('is one file', async () => {
    expect([...(await bundle()).keys()]).toEqual(['index.js']);
  });

  test('needs no package beside it and tells every missing thing in one annotation', async () => {
    const { code, stdout } = await start([], {});
    expect(code).toBe(2);
    const errors = stdout.split('\n').filter((line) => line.startsWith('::error'));
    expect(errors).toHaveLength(1);
    for (const part of ['GITHUB_EVENT_NAME', 'GITHUB_REPOSITORY', '`github-token`', 'There is no spec']) {
      expect(errors[0]).toContain(part);
    }
  });

  test('masks the token before it says anything else', async () => {
    const { code, stdout } = await start([], {
      'INPUT_GITHUB-TOKEN': 'ghs_planted',
      INPUT_BASE: 'ghs_planted;x',
    });
    expect(code).toBe(2);
    expect(stdout.split('\n')[0]).toBe('::add-mask::ghs_planted');
  });

  test('plays the scripted agent when it is started as that', async () => {
    const play = { rule: { step: 'x', turns: [{ say: 'hello' }] }, session: null };
    const { code, stdout } = await start(['scripted-agent'], {}, JSON.stringify(play));
    expect(code).toBe(0);
    expect(stdout).toContain('"output":"hello"');
  });
});
