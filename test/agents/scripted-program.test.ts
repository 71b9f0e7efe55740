import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/agents/script.ts';
import { type Play, readStreamLine, type StreamLine } from '../../src/agents/stream.ts';

const program = path.join(import.meta.dirname, 'scripted-agent.ts');
let folder: string;
let cwd: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gump-scripted-'));
  cwd = path.join(folder, 'tree');
  await mkdir(cwd);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Played {
  readonly code: number | null;
  readonly signal: string | null;
  readonly text: string;
  readonly lines: readonly StreamLine[];
}

function play(rule: Omit<Rule, 'step'>, more: Partial<Play> = {}): Promise<Played> {
  const child = spawn(process.execPath, [program], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const input: Play = {
    rule: { step: '**', ...rule },
    prompt: 'p',
    access: 'read-write',
    session: null,
    ...more,
  };
  child.stdin.end(JSON.stringify(input));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, text, lines: linesOf(text) }));
  });
}

function linesOf(text: string): StreamLine[] {
  const lines = text.split('\n').slice(0, -1).map(readStreamLine);
  return lines.filter((line): line is StreamLine => !('problem' in line));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

describe('the program of the scripted agent', () => {
  it('tells session, turns, acts, spending so far and at last its result', async () => {
    await writeFile(path.join(cwd, 'old.js'), 'old');
    const { code, lines } = await play({
      turns: [
        {
          say: 'one',
          write: { 'src/new.js': 'new\n' },
          usage: { input_tokens: 100, output_tokens: 5, cost: 0.5 },
        },
        { say: 'two', delete: ['old.js'], run: 'cp src/new.js copy.js', usage: { input_tokens: 10 } },
        {},
      ],
    });
    expect(code).toBe(0);
    expect(lines[0]).toEqual({ type: 'session', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(lines.slice(1)).toEqual([
      { type: 'turn', turn: 1 },
      { type: 'text', text: 'one' },
      { type: 'write', path: 'src/new.js', denied: false },
      { type: 'usage', usage: { turns: 1, tokens_in: 100, tokens_out: 5, cost: 0.5 } },
      { type: 'turn', turn: 2 },
      { type: 'text', text: 'two' },
      { type: 'write', path: 'old.js', denied: false },
      { type: 'tool', name: 'run', detail: 'cp src/new.js copy.js' },
      { type: 'usage', usage: { turns: 2, tokens_in: 110, tokens_out: 5, cost: 0.5 } },
      { type: 'turn', turn: 3 },
      { type: 'usage', usage: { turns: 3, tokens_in: 110, tokens_out: 5, cost: 0.5 } },
      { type: 'result', output: 'two' },
    ]);
    expect(await readdir(cwd)).toEqual(['copy.js', 'src']);
    expect(await readFile(path.join(cwd, 'copy.js'), 'utf8')).toBe('new\n');
  });

  it('goes on in the session that it is given', async () => {
    const { lines } = await play({}, { session: 'abc' });
    expect(lines[0]).toEqual({ type: 'session', id: 'abc' });
  });

  it('gives tasks and verdicts as JSON, also beside what it says', async () => {
    const tasks = await play({ tasks: [{ name: 'a', description: 'b' }], turns: [{ say: 'done' }] });
    expect(tasks.lines.at(-1)).toEqual({ type: 'result', output: '[{"name":"a","description":"b"}]' });
    const verdict = await play({ verdict: { pass: false, comments: 'no' } });
    expect(verdict.lines.at(-1)).toEqual({ type: 'result', output: '{"pass":false,"comments":"no"}' });
    expect(verdict.lines.at(-2)).toEqual({
      type: 'usage',
      usage: { turns: 1, tokens_in: 0, tokens_out: 0, cost: 0 },
    });
  });

  it('waits before the action of its turn, not behind it', async () => {
    const started = performance.now();
    const { lines } = await play({ turns: [{ sleep_ms: 300, say: 'late' }] });
    expect(performance.now() - started).toBeGreaterThan(290);
    expect(lines.map((line) => line.type)).toEqual(['session', 'turn', 'text', 'usage', 'result']);
  });

  it.each([
    ['a file above the working directory', '../escaped.txt'],
    ['an absolute path', '/tmp/gump-escaped.txt'],
    ['a file behind a link that leaves', 'link/escaped.txt'],
    ['a new folder behind a link that leaves', 'link/new/escaped.txt'],
    ['a link to a file outside', 'alias.txt'],
    ['a link that points nowhere', 'dangling.txt'],
    ['a folder behind a link that points nowhere', 'dangling.txt/escaped.txt'],
    ['the working directory itself', '.'],
  ])('does not write to %s', async (_what, target) => {
    await writeFile(path.join(folder, 'outside.txt'), 'untouched');
    await symlink(folder, path.join(cwd, 'link'));
    await symlink(path.join(folder, 'outside.txt'), path.join(cwd, 'alias.txt'));
    await symlink(path.join(folder, 'nowhere'), path.join(cwd, 'dangling.txt'));
    const { code, lines } = await play({ turns: [{ write: { [target]: 'x' } }, { say: 'never' }] });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({
      type: 'error',
      message: expect.stringContaining(`${target} was not changed`),
    });
    expect(lines.some((line) => line.type === 'write' || line.type === 'text')).toBe(false);
    expect(await readdir(folder)).toEqual(['outside.txt', 'tree']);
    expect(await readFile(path.join(folder, 'outside.txt'), 'utf8')).toBe('untouched');
    expect(await exists('/tmp/gump-escaped.txt')).toBe(false);
  });

  it('deletes nothing outside either', async () => {
    await writeFile(path.join(folder, 'outside.txt'), 'untouched');
    const { code } = await play({ turns: [{ delete: ['../outside.txt'] }] });
    expect(code).toBe(1);
    expect(await exists(path.join(folder, 'outside.txt'))).toBe(true);
  });

  it.each(['read-only', 'none'] as const)(
    'tries no write where the worktree is %s, and says so',
    async (access) => {
      const { code, lines } = await play({ turns: [{ write: { 'a.txt': 'x' } }] }, { access });
      expect(code).toBe(1);
      expect(lines).toContainEqual({ type: 'write', path: 'a.txt', denied: true });
      expect(lines.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining(access) });
      expect(await readdir(cwd)).toEqual([]);
    },
  );

  it.each([
    ['a file to delete is not there', { delete: ['gone.txt'] }, 'gone.txt was not changed: ENOENT'],
    ['a file to write is a folder', { write: { src: 'x' } }, 'src was not changed: EISDIR'],
    ['its command fails', { run: 'echo the cause >&2; exit 3' }, 'ended with exit code 3\nthe cause'],
  ])('ends with an error when %s, and what it spent is told', async (_what, turn, message) => {
    await mkdir(path.join(cwd, 'src'));
    const { code, lines } = await play({ turns: [{ ...turn, usage: { cost: 2 } }, { say: 'never' }] });
    expect(code).toBe(1);
    expect(lines.at(-2)).toMatchObject({ type: 'usage', usage: { turns: 1, cost: 2 } });
    expect(lines.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining(message) });
  });

  it('ends with the code that the script says, without a result', async () => {
    const { code, lines } = await play({ turns: [{ say: 'x' }], exit: 7 });
    expect(code).toBe(7);
    expect(lines.some((line) => line.type === 'result')).toBe(false);
  });

  it('crashes in the middle of a line', async () => {
    const { signal, text, lines } = await play({ turns: [{ say: 'x', write: { a: 'b' } }], exit: 'crash' });
    expect(signal).toBe('SIGKILL');
    expect(text.endsWith('\n')).toBe(false);
    expect(lines.some((line) => line.type === 'result')).toBe(false);
    expect(await readFile(path.join(cwd, 'a'), 'utf8')).toBe('b');
  });
});
