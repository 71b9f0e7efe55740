import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { judge, manifest } from './project.ts';

describe('the gate `bash`', () => {
  it('passes with exit code 0, in the tree', async () => {
    const result = await judge({
      kind: 'bash',
      argument: 'test -f a.txt && cat a.txt',
      base: { 'a.txt': 'content\n' },
    });
    expect(result).toMatchObject({
      status: 'pass',
      reason: '',
      log: '$ test -f a.txt && cat a.txt\ncontent\n',
    });
  });

  it('fails with any other, and tells command, code and output', async () => {
    const result = await judge({ kind: 'bash', argument: 'echo out; echo err >&2; exit 7', base: {} });
    expect(result).toMatchObject({
      status: 'fail',
      reason: '`echo out; echo err >&2; exit 7` ended with exit code 7\nout\nerr',
    });
  });

  it('judges the tree as it stands, package.json included', async () => {
    const base = { 'package.json': manifest({ e2e: 'exit 1' }) };
    const attempt = { 'package.json': manifest({ e2e: 'exit 0' }) };
    const argument = `grep -q '"exit 0"' package.json`;
    expect(await judge({ kind: 'bash', argument, base, attempt })).toMatchObject({
      status: 'pass',
      reason: '',
    });
  });

  it.each([
    ['npm run -s e2e', 'package.json', manifest({ e2e: 'echo first; exit 1' }), manifest({ e2e: 'exit 0' })],
    ['make e2e', 'Makefile', 'e2e:\n\techo first; exit 1\n', 'e2e:\n\ttrue\n'],
  ])('runs with `%s` what the first commit says', async (argument, file, first, own) => {
    const result = await judge({ kind: 'bash', argument, base: { [file]: first }, attempt: { [file]: own } });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain(`judged with the run's first version of ${file}\n`);
    expect(result.after[file]).toBe(own);
    const head = { 'gump.toml': '[validation]\nfrom = "head"\n' };
    const asked = await judge({
      kind: 'bash',
      argument,
      base: { [file]: first, ...head },
      attempt: { [file]: own },
    });
    expect(asked).toMatchObject({ status: 'pass' });
  });

  it('keeps log and reason within their limits, with the end of the output', async () => {
    const result = await judge({ kind: 'bash', argument: 'seq 1 400000; echo the end; exit 1', base: {} });
    expect(Buffer.byteLength(result.reason)).toBeLessThanOrEqual(limits.reasonBytesMax);
    expect(Buffer.byteLength(result.log)).toBeLessThanOrEqual(limits.gateLogBytesMax);
    expect(result.reason.endsWith('the end')).toBe(true);
    expect(result.log).toContain('\n1\n2\n3\n');
    expect(result.log.endsWith('the end\n')).toBe(true);
  });

  it('strips colours', async () => {
    const result = await judge({
      kind: 'bash',
      argument: "printf '\\033[31mred\\033[0m\\n'; exit 1",
      base: {},
    });
    expect(result.reason.endsWith('\nred')).toBe(true);
  });
});

describe('the gate runner', () => {
  it('refuses to judge a validator, which is the engine that runs it', async () => {
    await expect(judge({ kind: 'validate', base: {} })).rejects.toMatchObject({ code: 'internal' });
  });

  it('gives the commands no secret of ours', async () => {
    process.env.GUMP_TEST_TOKEN = 'planted';
    try {
      const result = await judge({ kind: 'bash', argument: 'env', base: {} });
      expect(result.log).not.toContain('planted');
    } finally {
      delete process.env.GUMP_TEST_TOKEN;
    }
  });

  it('fails, and does not throw, where the tree is not there', async () => {
    const result = await judge({
      kind: 'bash',
      argument: 'true',
      base: {},
      order: { cwd: '/does/not/exist' },
    });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('does not exist') });
  });
});
