import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claude } from '../../src/agents/claude.ts';
import type { Cli } from '../../src/agents/cli.ts';
import { codex } from '../../src/agents/codex.ts';
import { gemini } from '../../src/agents/gemini.ts';
import { opencode } from '../../src/agents/opencode.ts';
import { launchCli } from './launch.ts';

const mebibyte = 1024 * 1024;
const good = `echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gump-hostile-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function launch(script: string, cli: Cli = claude) {
  const program = join(dir, 'program');
  writeFileSync(program, `#!/bin/bash\ncat > /dev/null\n${script}\n`, { mode: 0o755 });
  return launchCli({ cli, program, dir });
}

const oneLine = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x`;
const call = `{"type":"assistant","message":{"id":"m&","usage":{"input_tokens":1},"content":[{"type":"tool_use","id":"t&","name":"Write","input":{"file_path":"a&"}}]}}`;

describe('a program that floods', () => {
  it.each([
    ['one line of 1 GiB', oneLine(1024 * mebibyte), 'a line that is longer than 8 MiB: xxx'],
    [
      '1 GiB of lines that mean nothing',
      `yes '{"type":"stream_event","event":{"text":"${'x'.repeat(500)}"}}' | head -c ${256 * mebibyte}; echo; ${good}`,
      null,
    ],
    [
      'a line of 100 MiB in good form',
      `printf '{"type":"result","subtype":"success","result":"'; ${oneLine(100 * mebibyte)}; echo '"}'`,
      'a line that is longer than 8 MiB: {"type":"result"',
    ],
    ['a hundred thousand calls that are never answered', `seq 100000 | sed 's/.*/${call}/'; ${good}`, null],
  ])('%s takes less than 150 MB, comes to its end and says what was wrong', async (_, script, error) => {
    const { stdout } = await execa(process.execPath, [join(import.meta.dirname, 'flood.program.ts'), script]);
    const { end, grownBytes } = JSON.parse(stdout);
    expect(grownBytes).toBeLessThan(150 * mebibyte);
    if (error === null) expect(end).toMatchObject({ outcome: 'ok', output: 'done', error: null });
    else expect(end).toMatchObject({ outcome: 'error', error: expect.stringContaining(error) });
  });
});

describe('a stream', () => {
  it('with events that nobody knows is read without them, and kept with them', async () => {
    const unknown = '{"type":"of_a_later_version","more":[1]}';
    const { end } = await launch(`echo '${unknown}'; ${good}`);
    expect(end).toMatchObject({ outcome: 'ok', output: 'done', printed: expect.stringContaining(unknown) });
  });

  it('with bytes that are no UTF-8 is read with a mark in their place', async () => {
    const { end } = await launch(
      `printf '{"type":"result","subtype":"success","result":"gr\\xfc\\xdfe \\xf0\\x9f"}\\n'`,
    );
    expect(end).toMatchObject({ outcome: 'ok', output: 'gr\ufffd\ufffde \ufffd' });
  });

  it('with NUL bytes is no JSON, and the failure says so', async () => {
    const { end } = await launch(`printf '{"type":"result",\\0"subtype":"success"}\\n'`);
    expect(end).toMatchObject({ outcome: 'error', error: expect.stringContaining('not JSON') });
  });

  it('whose events come in no order is read without harm, and its last report counts', async () => {
    const { end, events } = await launch(
      [
        `echo '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1"}]}}'`,
        good,
        `echo '${call.replaceAll('&', '1')}'`,
        `echo '{"type":"system","subtype":"init","session_id":"late"}'`,
        `echo '{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["after all"]}'`,
      ].join('\n'),
    );
    expect(end).toMatchObject({ outcome: 'error', sessionId: 'late' });
    expect(end.error).toContain('after all');
    expect(events.filter(({ type }) => type === 'write')).toEqual([]);
  });

  it('whose usage goes backwards does not give back what was used', async () => {
    const turn = (input: number, output: number) =>
      `echo '{"type":"turn.completed","usage":{"input_tokens":${input},"output_tokens":${output}}}'`;
    const { end, events } = await launch(
      [turn(5_000, 100), turn(10, 900), turn(-7, 1e300), `echo '{"type":"turn.completed"}'`].join('\n'),
      codex,
    );
    expect(end.usage).toMatchObject({ tokens_in: 5_000, tokens_out: 900, cost: 5.9 });
    const told = events.flatMap((event) => (event.type === 'usage' ? [event.usage.tokens_in] : []));
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('whose one text has no end is kept up to the size of a result', async () => {
    const message = `{"type":"message","role":"assistant","delta":true,"content":"${'x'.repeat(4_000)}"}`;
    const { end } = await launch(
      `yes '${message}' | head -n 2000; echo '{"type":"result","status":"success"}'`,
      gemini,
    );
    expect(end.outcome).toBe('ok');
    expect(end.output.length).toBeGreaterThan(1_000_000);
    expect(end.output.length).toBeLessThan(1_100_000);
  });

  it('that ends in the middle of a line is no success, whatever the exit code', async () => {
    const { end } = await launch(`printf '{"type":"step_finish","part":{"reason":"st'`, opencode);
    expect(end).toMatchObject({ outcome: 'error', exitCode: 0, error: expect.stringContaining('not JSON') });
  });
});

describe('a session', () => {
  const talk = (id: string) =>
    `echo "$@" > args; echo '{"type":"step_start","sessionID":"${id}"}'; echo '{"type":"step_finish","sessionID":"${id}","part":{"reason":"stop"}}'`;

  it('goes on in the tree in which it was held, and nowhere else where tools would leave for that tree', async () => {
    await launch(talk('one'), opencode);
    const more = { session: { mode: 'resume' as const, id: 'one' } };
    const program = join(dir, 'program');
    const here = await launchCli({ cli: opencode, program, dir, more });
    expect(here.end).toMatchObject({ outcome: 'ok', sessionId: 'one' });
    expect(readFileSync(join(dir, 'args'), 'utf8')).toContain('-s one');
    const elsewhere = join(dir, 'other');
    mkdirSync(elsewhere);
    const there = await launchCli({ cli: opencode, program, dir, more: { ...more, cwd: elsewhere } });
    expect(there.events).toContainEqual({ type: 'session_lost', id: 'one' });
    expect(readFileSync(join(elsewhere, 'args'), 'utf8')).not.toContain('-s one');
  });
});

describe('what a program leaves behind', () => {
  it.each([
    ['a session of its own', 'setsid sleep 300 &'],
    ['a session of its own and another parent', '(setsid sleep 300 &)'],
    ['neither our variable nor our session', '(env -i setsid sleep 6 &)'],
  ])('with %s and the output in its hands does not hold the attempt', async (_, child) => {
    const { end } = await launch(
      `${child.replace('sleep', 'sh -c \'echo $$ > left; exec sleep "$0"\'')}\nwhile [ ! -s left ]; do sleep 0.01; done\n${good}`,
    );
    expect(end).toMatchObject({ outcome: 'ok', output: 'done' });
    expect(end.durationMs).toBeLessThan(60_000);
    if (!child.includes('env -i'))
      expect(isAlive(readFileSync(join(dir, 'left'), 'utf8').trim())).toBe(false);
  });
});

/** A process that has ended stays in the list until somebody collects it. */
function isAlive(pid: string): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}
