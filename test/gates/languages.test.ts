import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import type { GateKind } from '../../src/workflow/workflow.ts';
import { languages } from './languages.ts';
import { type Files, judgeIn, lay } from './project.ts';
import { has } from './tools.ts';

const notice = ' (skipped: its tool, or what it needs to run without a network, is not installed)';

// One tree a project, so that what was built stays built.
describe.each(languages)('a project of $name', ({ isThere, base, path: programs, ...language }) => {
  const title = isThere ? '' : notice;
  const there = it.skipIf(!isThere);
  const timeoutMs = language.isSlow ? 240_000 : 60_000;
  const quick = it.skipIf(!isThere || language.isSlow);
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(path.join(tmpdir(), 'gump-project-'));
    await lay(cwd, base);
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  /** What the gate says of the attempt; its files are as before afterwards. */
  async function judge(kind: GateKind, attempt: Files = {}) {
    await lay(cwd, attempt);
    try {
      return await judgeIn(cwd, { kind, base, attempt, path: programs ?? [] });
    } finally {
      await lay(cwd, { ...Object.fromEntries(Object.keys(attempt).map((file) => [file, null])), ...base });
    }
  }

  quick(`passes compile, test and tests_found, and leaves its own files as they are${title}`, async () => {
    for (const kind of ['compile', 'test', 'tests_found'] as const) {
      expect(await judge(kind), kind).toMatchObject({ status: 'pass', reason: '' });
    }
    expect(await readdir(cwd)).toEqual(
      expect.arrayContaining(Object.keys(base).map((file) => file.split('/')[0])),
    );
  });

  quick(`passes lint, or its linter is not there and that is said${title}`, async () => {
    const result = await judge('lint');
    expect(result.reason).toMatch(result.status === 'skip' ? /^skipped: / : /^$/);
    expect(['pass', 'skip']).toContain(result.status);
  });

  there(
    `that does not compile fails compile with the place${title}`,
    async () => {
      const { files, tells } = language.broken ?? { files: {}, tells: [] };
      const result = await judge('compile', files);
      expect(result.status).toBe('fail');
      for (const part of tells) expect(result.reason).toMatch(part);
    },
    timeoutMs,
  );

  there(
    `that fails a test fails with the assertion and its place${title}`,
    async () => {
      const { files, tells } = language.failing;
      const result = await judge('test', files);
      expect(result.status).toBe('fail');
      for (const part of tells) expect(result.reason).toMatch(part);
    },
    timeoutMs,
  );

  quick(`that fails several tests names each of them${title}`, async () => {
    const { files, names } = language.several;
    const { reason } = await judge('test', files);
    for (const name of names) expect(reason).toContain(name);
  });

  it.runIf(isThere && language.noisy)('keeps the assertion, and is short, amid 100,000 lines', async () => {
    const { files, tells } = language.noisy ?? { files: {}, tells: [] };
    const { reason, log, status } = await judge('test', files);
    expect(status).toBe('fail');
    for (const part of tells) expect(reason).toContain(part);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(limits.errorContextBytesMax);
    expect(Buffer.byteLength(log)).toBeLessThanOrEqual(limits.gateLogBytesMax);
  });

  quick(`without a test fails tests_found${title}`, async () => {
    const result = await judge('tests_found', language.none ?? {});
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('found no test') });
  });
});

const pythonBase = { 'pyproject.toml': '[project]\nname = "sample"\n', 'add.py': 'one = 1\n' };

it.skipIf(!has('python3', '--version'))(
  'python is compiled anew, whatever times the sources bear',
  async () => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'gump-project-'));
    const compile = async (source: string) => {
      await lay(cwd, { ...pythonBase, 'add.py': source });
      await utimes(path.join(cwd, 'add.py'), 1_700_000_000, 1_700_000_000);
      return (await judgeIn(cwd, { kind: 'compile', base: pythonBase, attempt: { 'add.py': source } }))
        .status;
    };
    try {
      expect([await compile('one = 1\n'), await compile('one = (\n')]).toEqual(['pass', 'fail']);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  },
);
