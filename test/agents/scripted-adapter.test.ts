import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAgentScript } from '../../src/agents/script.ts';
import { createScriptedAgent } from '../../src/agents/scripted-adapter.ts';
import type { AgentEnd, AgentEvent, AgentOrder } from '../../src/ports/agent.ts';

const program = path.join(import.meta.dirname, 'scripted-agent.ts');
const env = { PATH: process.env.PATH ?? '' };
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'gump-adapter-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

function order(more: Partial<AgentOrder> = {}): AgentOrder {
  return {
    agent: 'claude-sonnet',
    step: 'build/greeting',
    attempt: 1,
    stepKind: 'code',
    session: { mode: 'new' },
    prompt: 'do it',
    promptAnew: 'do it',
    cwd,
    access: 'read-write',
    scratch: cwd,
    resultFile: path.join(cwd, 'result.json'),
    signal: new AbortController().signal,
    ...more,
  };
}

interface Launched {
  readonly end: AgentEnd;
  readonly events: readonly AgentEvent[];
}

async function launch(
  rules: string,
  more: Partial<AgentOrder> = {},
  self?: readonly string[],
): Promise<Launched> {
  const { script, diagnostics } = parseAgentScript({ file: 'script.yaml', text: `rules: ${rules}` });
  if (!script) throw new Error(JSON.stringify(diagnostics));
  const events: AgentEvent[] = [];
  const agent = createScriptedAgent({ script, self: self ?? [process.execPath, program], env });
  const end = await agent.launch(order(more), (event) => {
    events.push(event);
  });
  return { end, events };
}

/** A program that prints what it is told instead of playing the rule. */
function impostor(source: string): readonly string[] {
  return [process.execPath, '-e', `process.stdin.resume();${source}`];
}

describe('the scripted agent', () => {
  it('works in the tree and ends with its own success report', async () => {
    const { end, events } = await launch(
      '[{step: build/*, turns: [{say: hello, write: {a.txt: hi}, usage: {input_tokens: 7, output_tokens: 2, cost: 0.25}}, {say: bye}]}]',
    );
    expect(end).toMatchObject({
      outcome: 'ok',
      exitCode: 0,
      output: 'bye',
      error: null,
      usage: { turns: 2, tokens_in: 7, tokens_out: 2, cost: 0.25 },
    });
    expect(events[0]).toEqual({ type: 'session', id: end.sessionId });
    expect(events.map((event) => event.type)).toEqual([
      'session',
      'turn',
      'text',
      'write',
      'usage',
      'turn',
      'text',
      'usage',
    ]);
    expect(await readFile(path.join(cwd, 'a.txt'), 'utf8')).toBe('hi');
  });

  it('waits for whoever listens, event by event', async () => {
    const { script } = parseAgentScript({
      file: 's',
      text: 'rules: [{step: "**", turns: [{say: a}, {say: b}]}]',
    });
    if (!script) throw new Error('no script');
    let busy = false;
    let overlaps = 0;
    await createScriptedAgent({ script, self: [process.execPath, program], env }).launch(
      order(),
      async () => {
        if (busy) overlaps++;
        busy = true;
        await sleep(10);
        busy = false;
      },
    );
    expect(overlaps).toBe(0);
    expect(busy).toBe(false);
  });

  it('goes on in a session, and rules can tell that from a new one', async () => {
    const rules = '[{step: "**", session: new, exit: 9}, {step: "**", turns: [{say: again}]}]';
    const { end } = await launch(rules, { session: { mode: 'resume', id: 'session-1' } });
    expect(end).toMatchObject({ outcome: 'ok', sessionId: 'session-1', output: 'again' });
  });

  it('starts nothing where no rule fits, and says how to add one', async () => {
    const { end, events } = await launch('[{step: other}]', { attempt: 3 }, ['/does/not/exist']);
    expect(events).toEqual([]);
    expect(end).toMatchObject({ outcome: 'error', exitCode: 1, usage: { turns: 0 } });
    for (const part of [
      'script.yaml',
      'build/greeting',
      'attempt 3',
      'claude-sonnet',
      'add one under `rules:`',
    ]) {
      expect(end.error).toContain(part);
    }
  });

  it('throws what it is when its program cannot be started at all', async () => {
    await expect(launch('[{step: "**"}]', {}, ['/does/not/exist'])).rejects.toMatchObject({ code: 'agent' });
  });

  it.each([
    ['an exit code', '[{step: "**", exit: 4, turns: [{usage: {cost: 1}}]}]', 4, 'ended with exit code 4'],
    ['a crash', '[{step: "**", exit: crash, turns: [{usage: {cost: 1}}]}]', null, 'ended by SIGKILL'],
    [
      'a failed command',
      '[{step: "**", turns: [{run: "exit 2", usage: {cost: 1}}]}]',
      1,
      '`exit 2` ended with exit code 2',
    ],
  ])('is no success with %s, and what it spent is known', async (_what, rules, exitCode, error) => {
    const { end } = await launch(rules);
    expect(end).toMatchObject({ outcome: 'error', exitCode, usage: { turns: 1, cost: 1 } });
    expect(end.error).toContain(error);
  });

  it.each([
    ['a missing result', 'process.exitCode = 0', 'ended without a result'],
    ['no JSON', 'console.log("oops")', 'not JSON: oops'],
    ['a form that is unknown', `console.log('{"type":"usage","usage":{}}')`, 'unknown form'],
    [
      'a stream that goes on behind its result',
      `console.log('{"type":"result","output":"x"}\\n{"type":"turn","turn":1}')`,
      'goes on behind its result',
    ],
    ['a cut last line', `process.stdout.write('{"type":"result","outp')`, 'not JSON'],
    [
      'a result and a bad exit code',
      `console.log('{"type":"result","output":"x"}');process.exitCode = 3`,
      'exit code 3',
    ],
    [
      'words on its standard error',
      'console.error("the cause");process.exitCode = 3',
      'exit code 3: the cause',
    ],
  ])('is no success with %s', async (_what, source, error) => {
    const { end } = await launch('[{step: "**"}]', {}, impostor(source));
    expect(end.outcome).toBe('error');
    expect(end.error).toContain(error);
  });

  it('is killed with all that it started, and what it spent until then is known', async () => {
    const stop = new AbortController();
    const rules = '[{step: "**", turns: [{usage: {cost: 1}}, {run: "sleep 2; touch late"}], exit: hang}]';
    const { script } = parseAgentScript({ file: 's', text: `rules: ${rules}` });
    if (!script) throw new Error('no script');
    const agent = createScriptedAgent({ script, self: [process.execPath, program], env });
    const end = await agent.launch(order({ signal: stop.signal }), (event) => {
      if (event.type === 'tool') stop.abort();
    });
    expect(end).toMatchObject({ outcome: 'killed', usage: { turns: 1, cost: 1 } });
    await sleep(2_200);
    await expect(access(path.join(cwd, 'late'))).rejects.toThrow();
  });

  it('hangs until it is killed', async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 800);
    const { end } = await launch('[{step: "**", exit: hang}]', { signal: stop.signal });
    clearTimeout(timer);
    expect(end.outcome).toBe('killed');
    expect(end.durationMs).toBeGreaterThan(700);
  });

  it('does not change a tree that it may only read, and the try is told', async () => {
    await writeFile(path.join(cwd, 'a.txt'), 'old');
    const { end, events } = await launch('[{step: "**", turns: [{write: {a.txt: new}}]}]', {
      access: 'read-only',
    });
    expect(end).toMatchObject({ outcome: 'error', error: expect.stringContaining('may not write') });
    expect(events).toContainEqual({ type: 'write', path: 'a.txt', denied: true });
    expect(await readFile(path.join(cwd, 'a.txt'), 'utf8')).toBe('old');
  });

  it('leaves nothing of the prompt in its arguments or its environment', async () => {
    const { end } = await launch(
      `[{step: "**", turns: [{run: "tr '\\\\0' ' ' < /proc/$PPID/cmdline > args; env > env"}]}]`,
      { prompt: 'a secret plan' },
    );
    expect(end.error).toBeNull();
    expect(await readFile(path.join(cwd, 'args'), 'utf8')).toContain('scripted-agent.ts');
    for (const file of ['args', 'env'])
      expect(await readFile(path.join(cwd, file), 'utf8')).not.toContain('secret plan');
  });
});
