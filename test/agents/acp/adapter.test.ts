import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAcpAgent } from '../../../src/agents/acp-adapter.ts';
import type { AgentEvent, AgentOrder } from '../../../src/ports/agent.ts';
import type { Act, Play } from './toy.program.ts';

let top: string;
let dir: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gump-acp-'));
  dir = join(top, 'tree');
  mkdirSync(join(dir, 'src'), { recursive: true });
  writeFileSync(join(dir, 'src/kept.txt'), 'as it was\n');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const toy = [process.execPath, join(import.meta.dirname, 'toy.program.ts')];

async function launch(play: Play, more: Partial<AgentOrder> & { command?: readonly string[] } = {}) {
  const { command = toy, ...order } = more;
  const events: AgentEvent[] = [];
  const adapter = createAcpAgent({
    command,
    env: () => ({ PATH: process.env.PATH ?? '' }),
    priceOf: () => null,
    sandbox: null,
    version: '0',
  });
  let isBusy = false;
  const end = await adapter.launch(
    {
      agent: 'toy',
      step: 'build',
      attempt: 1,
      stepKind: 'code',
      session: { mode: 'new' },
      prompt: JSON.stringify(play),
      promptAnew: JSON.stringify(play),
      cwd: dir,
      access: 'read-write',
      scratch: top,
      resultFile: join(top, 'result.json'),
      signal: new AbortController().signal,
      ...order,
    },
    async (event) => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await sleep(2);
      isBusy = false;
      events.push(event);
    },
  );
  const denied = events.flatMap((event) => (event.type === 'write' && event.denied ? [event.path] : []));
  return { end, events, denied };
}

/** A process that has ended stays in the list until somebody collects it. */
function isAlive(pid: string): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}

/** An edit as agents announce one. */
function edit(path: string, more: Partial<Act> = {}): Act {
  const content = [{ type: 'diff' as const, path, newText: 'changed\n' }];
  return { call: { kind: 'edit', title: 'Edit', content }, write: { [path]: 'changed\n' }, ...more };
}

describe('an agent that speaks the Agent Client Protocol', () => {
  it('writes what it asks for where it may, is put into the mode in which it asks, and tells what it did', async () => {
    const { end, events } = await launch({ acts: [edit('made.txt')] });
    expect(end).toMatchObject({ outcome: 'ok', exitCode: 0, error: null, sessionId: 'toy-1' });
    expect(end.output).toBe('done in mode default');
    expect(readFileSync(join(dir, 'made.txt'), 'utf8')).toBe('changed\n');
    expect(events).toContainEqual({ type: 'write', path: 'made.txt', denied: false });
    expect(events.map((event) => (event.type === 'text' ? event.text : ''))).toContain('[this]');
  });

  it('in a step that may not write is refused, by `no_write` and in the mode that only reads', async () => {
    const { end, denied } = await launch({ acts: [edit('made.txt')] }, { access: 'read-only' });
    expect(end).toMatchObject({ outcome: 'ok', output: 'done in mode plan' });
    expect(denied).toEqual(['made.txt']);
    expect(existsSync(join(dir, 'made.txt'))).toBe(false);
  });

  it("is refused what lies outside of the task's files, and may go on with the rest", async () => {
    const mayWrite = (path: string) => path.startsWith('src/');
    const acts = [edit('README.md'), edit('src/new.txt')];
    const { end, denied } = await launch({ acts }, { mayWrite });
    expect(end.outcome).toBe('ok');
    expect(denied).toEqual(['README.md']);
    expect(existsSync(join(dir, 'README.md'))).toBe(false);
    expect(existsSync(join(dir, 'src/new.txt'))).toBe(true);
  });

  it('comes no further by `..`, links, absolute paths, another kind, or an answer that allows all', async () => {
    writeFileSync(join(top, 'secret.txt'), 'mine\n');
    symlinkSync(top, join(dir, 'src/up'));
    symlinkSync(join(top, 'not-yet.txt'), join(dir, 'src/link.txt'));
    symlinkSync('../elsewhere', join(dir, 'src/side'));
    mkdirSync(join(dir, 'elsewhere'));
    const secret = join(top, 'secret.txt');
    const always = [{ optionId: 'all', name: 'Always', kind: 'allow_always' as const }];
    const acts: Act[] = [
      edit('../secret.txt'),
      edit(secret),
      edit('src/up/secret.txt'),
      edit('src/up/../secret.txt'),
      edit('src/link.txt'),
      edit('src/side/a.txt'),
      edit('src/../README.md'),
      { ...edit('README.md'), call: { ...edit('README.md').call, kind: 'read' } },
      {
        call: { kind: 'move', rawInput: { path: 'src/kept.txt', new_path: '../secret.txt' } },
        write: { [secret]: 'x' },
      },
      { call: { kind: 'delete', locations: [{ path: secret }] }, write: { [secret]: null } },
      { call: { kind: 'edit', title: 'says nothing' }, write: { [secret]: 'x' } },
      edit('src/kept.txt', { options: always }),
    ];
    const { end, denied } = await launch({ acts }, { mayWrite: (path) => path.startsWith('src/') });
    expect(end.outcome).toBe('ok');
    expect(readFileSync(secret, 'utf8')).toBe('mine\n');
    expect(readFileSync(join(dir, 'src/kept.txt'), 'utf8')).toBe('as it was\n');
    for (const path of [join(top, 'not-yet.txt'), join(dir, 'README.md'), join(dir, 'elsewhere/a.txt')])
      expect(existsSync(path)).toBe(false);
    expect(denied).toContain(secret);
    expect(denied.length).toBeGreaterThanOrEqual(10);
  });

  it('that writes although it was refused has told what it did: the refused write stays in the events', async () => {
    const { denied } = await launch({ acts: [edit('made.txt', { lies: true })] }, { access: 'read-only' });
    // Without a sandbox the tree shows the rest: runtime/ compares it behind every attempt.
    expect(denied).toEqual(['made.txt']);
    expect(existsSync(join(dir, 'made.txt'))).toBe(true);
  });

  it('goes on in its session, whose old words are not told again; one that is gone begins anew and says so', async () => {
    const resumed = await launch({ say: 'again' }, { session: { mode: 'resume', id: 'toy-1' } });
    expect(resumed.end).toMatchObject({ outcome: 'ok', output: 'again', sessionId: 'toy-1' });
    const lost = await launch(
      { say: 'go on' },
      { session: { mode: 'resume', id: 'gone' }, promptAnew: JSON.stringify({ say: 'the whole task' }) },
    );
    expect(lost.end).toMatchObject({ outcome: 'ok', output: 'the whole task', sessionId: 'toy-1' });
    expect(lost.events).toContainEqual({ type: 'session_lost', id: 'gone' });
  });

  it.each([
    ['crash', { outcome: 'error', exitCode: null }, 'SIGKILL'],
    ['refuse', { outcome: 'error' }, 'the model refused: {"details":"401 wrong key"}'],
  ] as const)('that does %s is an error that says why', async (kind, expected, why) => {
    const { end } = await launch({ end: kind });
    expect(end).toMatchObject(expected);
    expect(end.error).toContain(why);
  });

  it('that neither says nor does anything has not succeeded', async () => {
    const { end } = await launch({ say: ' ' });
    expect(end).toMatchObject({ outcome: 'error', error: expect.stringContaining('without a word') });
  });

  it('is asked to end its turn before it gets a signal, so that it can end what it has started', async () => {
    const controller = new AbortController();
    const launched = launch({ end: 'wait' }, { signal: controller.signal });
    while (!existsSync(join(dir, 'waits.txt'))) await sleep(10);
    controller.abort();
    const { end } = await launched;
    expect(end).toMatchObject({ outcome: 'killed', error: 'the agent was stopped' });
    expect(existsSync(join(dir, 'cancelled.txt'))).toBe(true);
  });

  it('that is stopped leaves nothing behind, not even what began a session of its own', async () => {
    const controller = new AbortController();
    const launched = launch({ end: 'hang' }, { signal: controller.signal });
    const file = join(dir, 'child.pid');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
    controller.abort();
    const { end } = await launched;
    expect(end).toMatchObject({ outcome: 'killed', error: 'the agent was stopped' });
    expect(isAlive(readFileSync(file, 'utf8'))).toBe(false);
  });

  it('that is no such agent at all is an error that says what it printed', async () => {
    const { end } = await launch({}, { command: ['sh', '-c', 'echo usage: toy; exit 2'] });
    expect(end.outcome).toBe('error');
    expect(end.error).toMatch(/exit code 2.*usage: toy/s);
  });
});
