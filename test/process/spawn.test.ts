import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../src/process/environment.ts';
import { createLineSplitter } from '../../src/process/lines.ts';
import { type ProcessOptions, spawnProcess } from '../../src/process/spawn.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gump-process-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function run(line: string, options: Partial<ProcessOptions> = {}) {
  return spawnProcess({
    command: ['bash', '-c', line],
    cwd: dir,
    env: childEnvironment(),
    outputBytesMax: 64 * 1024,
    ...options,
  });
}

/** Whether the process whose number the file holds still runs (a zombie does not). */
function runs(file: string): boolean {
  const pid = readFileSync(join(dir, file), 'utf8').trim();
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function awaitFile(name: string): Promise<void> {
  while (!existsSync(join(dir, name)) || readFileSync(join(dir, name), 'utf8') === '') await sleep(10);
}

describe('a process', () => {
  it('gives its exit code, stdout and stderr', async () => {
    const result = await run('echo out; echo err >&2; exit 3');
    expect(result).toMatchObject({
      exitCode: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
      aborted: false,
    });
    expect(result.stdoutTruncated).toBe(false);
  });

  it('is given its arguments as they are, without a shell', async () => {
    const words = ['$(touch sprung)', '; touch sprung', '`touch sprung`', 'a\nb', ''];
    const result = await spawnProcess({
      command: ['printf', '%s|', ...words],
      cwd: dir,
      env: childEnvironment(),
      outputBytesMax: 1000,
    });
    expect(result.stdout).toBe(words.map((word) => `${word}|`).join(''));
    expect(existsSync(join(dir, 'sprung'))).toBe(false);
  });

  it('reads what it is given, or nothing at all', async () => {
    expect((await run('cat', { stdin: 'grüße\n' })).stdout).toBe('grüße\n');
    expect((await run('cat')).stdout).toBe('');
    expect((await run('exit 0', { stdin: 'x'.repeat(1_000_000) })).exitCode).toBe(0);
  });

  it('finds no repository above its folder', async () => {
    await run('git init -q . && mkdir tree');
    const look = await run('git rev-parse --git-dir', { cwd: join(dir, 'tree') });
    expect(look.exitCode).toBe(128);
    expect((await run('git rev-parse --git-dir')).stdout).toBe('.git\n');
  });

  it('that cannot be started is told with its reason', async () => {
    const env = childEnvironment();
    const nothing = spawnProcess({ command: ['no-such-program'], cwd: dir, env, outputBytesMax: 10 });
    await expect(nothing).rejects.toMatchObject({ code: 'process', hint: expect.stringContaining('PATH') });
    const nowhere = spawnProcess({ command: ['true'], cwd: join(dir, 'nowhere'), env, outputBytesMax: 10 });
    await expect(nowhere).rejects.toThrow('does not exist');
  });

  it('is told line by line, in order, waiting for whoever reads', async () => {
    const lines: string[] = [];
    const result = await run('for i in $(seq 1 500); do echo "line $i"; done; printf last', {
      onLine: async (line) => {
        if (lines.length % 100 === 0) await sleep(5);
        lines.push(line);
      },
    });
    expect(lines).toEqual([...Array.from({ length: 500 }, (_, index) => `line ${index + 1}`), 'last']);
    expect(result.exitCode).toBe(0);
  });

  it('waits for a slow reader also after it has ended', async () => {
    const lines: string[] = [];
    await run('seq 1 5', {
      onLine: async (line) => {
        await sleep(300);
        lines.push(line);
      },
    });
    expect(lines).toEqual(['1', '2', '3', '4', '5']);
  });

  it('whose reader fails is ended, and the failure is thrown', async () => {
    const failed = run('echo $$ > pid; echo one; sleep 60', {
      onLine: () => {
        throw new Error('the ledger is full');
      },
    });
    await expect(failed).rejects.toThrow('the ledger is full');
    expect(runs('pid')).toBe(false);
  });

  it('with 100 MB of output costs no more memory than is kept of it', async () => {
    const before = process.memoryUsage().rss;
    const result = await run('echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo last', {
      outputBytesMax: 10_000,
    });
    expect(result.stdoutTruncated).toBe(true);
    expect(result.stdout).toBe('first\n[… 100000001 bytes left out …]\nlast\n');
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });
});

describe('output that is too long', () => {
  it('is kept as whole lines of both ends, and as parts where one line is all there is', async () => {
    const { stdout } = await run('seq 1 100000', { outputBytesMax: 100 });
    expect(stdout).toMatch(/^1\n2\n(?:\d+\n)+\[… \d+ bytes left out …\]\n(?:\d+\n)+100000\n$/);
    const single = await run('head -c 1000 /dev/zero | tr "\\0" x', { outputBytesMax: 100 });
    expect(single.stdout).toBe(`${'x'.repeat(50)}\n[… 900 bytes left out …]\n${'x'.repeat(50)}`);
  });
});

describe('an end', () => {
  it('by the deadline is prompt and says so', async () => {
    const result = await run('echo begun; sleep 60', { deadlineMs: 300 });
    expect(result).toMatchObject({ timedOut: true, aborted: false, exitCode: null, stdout: 'begun\n' });
    expect(result.durationMs).toBeLessThan(2_000);
  });

  it('by an abort is prompt and says so', async () => {
    const abort = new AbortController();
    const running = run('sleep 60', { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    const result = await running;
    expect(result).toMatchObject({ aborted: true, timedOut: false, signal: 'SIGTERM' });
    expect(result.durationMs).toBeLessThan(2_000);
  });

  it('comes before the start when it was aborted already', async () => {
    const result = await run('touch sprung', { signal: AbortSignal.abort() });
    expect(result.aborted).toBe(true);
    expect(existsSync(join(dir, 'sprung'))).toBe(false);
  });

  it('comes also by an abort in the very moment of the start', async () => {
    const abort = new AbortController();
    const result = await run('sleep 60', { signal: abort.signal, onStart: () => abort.abort() });
    expect(result).toMatchObject({ aborted: true, signal: 'SIGTERM' });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it('is forced on what does not listen', async () => {
    const result = await run('trap "" TERM; echo $$ > pid; while true; do sleep 0.1; done', {
      deadlineMs: 200,
    });
    expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(result.durationMs).toBeLessThan(6_000);
    expect(runs('pid')).toBe(false);
  });

  it('leaves time to clean up', async () => {
    const result = await run('trap "echo cleaned; exit 7" TERM; sleep 60 & wait', { deadlineMs: 200 });
    expect(result).toMatchObject({ timedOut: true, exitCode: 7, stdout: 'cleaned\n' });
  });

  it.runIf(process.platform === 'linux')(
    'takes with it what began a session of its own and holds the output',
    async () => {
      const stray = `setsid bash -c 'echo $$ > stray; trap "" TERM; while true; do sleep 0.1; done' &`;
      const abort = new AbortController();
      const running = run(`${stray} sleep 60`, { signal: abort.signal });
      await awaitFile('stray');
      abort.abort();
      const result = await running;
      expect(result.aborted).toBe(true);
      expect(result.durationMs).toBeLessThan(8_000);
      expect(runs('stray')).toBe(false);
    },
  );

  it('that is regular takes the rest of the group with it, and is not held up by it', async () => {
    const result = await run('sleep 60 & echo $! > rest; echo done');
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n', aborted: false, timedOut: false });
    expect(result.durationMs).toBeLessThan(2_000);
    expect(runs('rest')).toBe(false);
  });

  it.runIf(process.platform === 'linux')('that is regular takes a stray session with it', async () => {
    const result = await run(
      `setsid bash -c 'echo $$ > stray; exec sleep 60' & while [ ! -s stray ]; do sleep 0.01; done`,
    );
    expect(result.exitCode).toBe(0);
    expect(result.durationMs).toBeLessThan(3_000);
    expect(runs('stray')).toBe(false);
  });

  it('does not wait for the output of a process that nobody can find', async () => {
    // A clean environment, a session of its own, adopted by init: it carries no mark of ours.
    const lost = `(env -i setsid bash -c 'echo $$ > lost; exec sleep 8' &) ; while [ ! -s lost ]; do sleep 0.01; done; echo done`;
    const result = await run(lost);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    expect(result.durationMs).toBeLessThan(3_000);
    if (runs('lost')) process.kill(Number(readFileSync(join(dir, 'lost'), 'utf8')), 'SIGKILL');
  });

  it('lets the tail of a pipe empty itself', async () => {
    const result = await run('echo one > >(sleep 0.03; cat > late.txt)');
    expect(result.exitCode).toBe(0);
    expect(readFileSync(join(dir, 'late.txt'), 'utf8')).toBe('one\n');
  });
});

describe('a line', () => {
  it('keeps characters that lie across two chunks, and loses what is beyond its limit', () => {
    const splitter = createLineSplitter(8);
    const bytes = Buffer.from('grüße\r\nmuch too long a line\n\nend');
    const lines: string[] = [];
    for (const byte of bytes) lines.push(...splitter.push(Buffer.from([byte])));
    expect(lines).toEqual(['grüße', 'much too', '']);
    expect(splitter.end()).toBe('end');
    expect(splitter.end()).toBeNull();
  });
});
