/** Guards on the streams of the real CLIs, as recorded: each ends the attempt at the event where it must. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Cli, Told } from '../../src/agents/cli.ts';
import { isWanted, readLine } from '../../src/agents/cli-line.ts';
import { clis } from '../../src/agents/clis.ts';
import { type Play, startPlayer } from '../agents/player.ts';
import { recorded } from '../agents/transcripts.ts';
import { one, only, planOf } from '../engine/given.ts';
import { bench } from './fakes.ts';

const made: { close(): void }[] = [];
afterEach(() => {
  for (const one of made.splice(0).toReversed()) one.close();
});

async function guarded(play: Play, guard: string, kind = 'code') {
  const plan = planOf(`  - {name: do, type: ${kind}, prompt: p, agent: claude${guard}}`);
  const player = startPlayer(play);
  const run = bench(plan, { agent: (order, tell) => player.adapter.launch(order, tell) });
  made.push(player, run);
  const state = await run.run();
  const events = await run.events();
  return { state, events, printed: player.printed(), guards: only(events, 'guard_triggered') };
}

/** What the stream has told behind each of its lines. */
function tellings(cli: Cli, scenario: string): readonly Told[] {
  const reader = cli.reader();
  return recorded(cli.family, scenario).lines.flatMap((text) => {
    if (text.trim() === '' || !isWanted(reader, Buffer.from(text))) return [];
    const line = readLine(text);
    if ('problem' in line) return [];
    reader.read(line.value);
    return [reader.told()];
  });
}

const tokensOf = ({ tokens }: Told) => tokens.input + tokens.output;
const costOf = (told: Told) => told.costUsd ?? tokensOf(told) / 1000;
const grown = (figures: readonly number[]) => [...new Set(figures)].filter((figure) => figure > 0);
const recordedClis = clis.filter(({ family }) => family !== 'cursor');

describe.each(recordedClis.map((cli) => [cli.family, cli] as const))('the stream of %s', (family, cli) => {
  const told = tellings(cli, 'write');
  const play = { cli, scenario: 'write' };
  const lines = recorded(family, 'write').lines.filter((line) => line.trim() !== '').length;

  test.skipIf(told.at(-1)?.turns === null)('max_turns: the turn behind the last allowed one', async () => {
    const { events, guards } = await guarded(play, ', guard: {max_turns: 2}');
    expect(guards.map(({ reason }) => reason)).toEqual(['max_turns: turn 3 began, 2 are allowed']);
    expect(one(events, 'agent_completed').outcome).toBe('killed');
  });

  const tokens = grown(told.map(tokensOf));
  test.skipIf(tokens.length === 0)('max_tokens: the first report above the limit', async () => {
    // Where there is one report only, that one.
    const [first = 0, second] = tokens;
    const max = second === undefined ? first - 1 : first;
    const { guards } = await guarded(play, `, guard: {max_tokens: ${max}}`);
    expect(guards.map(({ reason }) => reason)).toEqual([`max_tokens: ${second ?? first} of ${max} tokens`]);
  });

  const costs = grown(told.map(costOf));
  test.skipIf(costs.length === 0)('max_budget: the first report above the limit', async () => {
    const [first = 0, second] = costs;
    const max = second === undefined ? first / 2 : first;
    const { guards } = await guarded(play, `, guard: {max_budget: ${max}}`);
    expect(guards.map(({ reason }) => reason)).toEqual([
      `max_budget: $${(second ?? first).toFixed(2)} of $${max.toFixed(2)}`,
    ]);
  });

  test('no_write: the first file that is written in a tree that may only be read', async () => {
    const { state, guards } = await guarded(play, '', 'validate');
    const reason = 'no_write: the agent has written hello.txt, and this step may write nothing';
    expect(guards).toMatchObject([{ guard: 'no_write', reason }]);
    expect(state.steps.do?.reason).toContain(reason);
  });

  test('max_time and idle_timeout: whatever comes afterwards is not waited for', async () => {
    const [timed, idle] = await Promise.all([
      guarded({ ...play, pauseS: 0.4 }, ', guard: {max_time: 1s}'),
      guarded({ ...play, pauseS: 30 }, ', guard: {idle_timeout: 1s}'),
    ]);
    expect(timed.guards).toMatchObject([{ guard: 'max_time' }]);
    expect(timed.printed).toBeLessThan(lines);
    expect(idle.guards).toMatchObject([{ guard: 'idle_timeout' }]);
    expect(idle.printed).toBe(1);
  });

  test('a run within its limits is ended by none of them', async () => {
    const wide =
      'max_turns: 1000, max_tokens: 100000000, max_budget: 1000000, max_time: 10m, idle_timeout: 5m';
    const { state, guards } = await guarded(play, `, guard: {${wide}}`);
    expect(guards).toEqual([]);
    expect(state.status).toBe('pass');
  });
});
