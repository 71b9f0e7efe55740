import { expect, test } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import { planOf } from './given.ts';
import { play, type World } from './world.ts';

const plan = planOf(`  - name: plan
    type: split
    prompt: cut
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [compile, test], retry: [{exit: 9}]}
      - {name: smoke, type: code, prompt: p, agent: claude, gate: [test]}`);

const tasks = Array.from({ length: 256 }, (_, index) => ({ name: `task-${index}`, description: 'd' }));
const world: World = {
  agent: ({ stepKind }) => (stepKind === 'split' ? { tasks } : { costPerTurnUsd: 0.001 }),
  gate: ({ label, attempt, path }) =>
    label === 'test' && attempt < 3 && path.endsWith('do') ? 'fail' : 'pass',
};
const { events } = play(plan, world);

/** The same run with so many more reports of every agent. */
function talkative(reports: number): readonly Event[] {
  const facts = events.flatMap((event): Fact[] => {
    if (event.type !== 'agent_launched') return [event];
    const { step, attempt } = event;
    const report: Fact = {
      type: 'agent_progress',
      step,
      attempt,
      turns: 1,
      tokens_in: 0,
      tokens_out: 0,
      cost: 0,
    };
    return [event, ...Array.from({ length: reports }, () => report)];
  });
  return facts.map((fact, index) => ({ ts: '2026-11-01T00:00:00.000Z', ...fact, v: 1, seq: index + 1 }));
}

function timed(all: readonly Event[]): number {
  const startedMs = performance.now();
  expect(fold(all).status).toBe('pass');
  return performance.now() - startedMs;
}

test('folding a ledger takes time in proportion to its length, for 100,000 events about a second', () => {
  const short = talkative(20);
  const long = talkative(90);
  timed(short);
  const shortMs = timed(short);
  const longMs = timed(long);
  console.log(
    `${short.length} events in ${Math.round(shortMs)} ms, ${long.length} in ${Math.round(longMs)} ms`,
  );
  expect(long.length).toBeGreaterThan(90_000);
  // Four times the events; the rest is for a machine that does other things besides.
  expect(longMs).toBeLessThan(shortMs * 12 + 500);
});

test('a decision in a run of 256 tasks takes far less than a git command', () => {
  const state = fold(events.slice(0, Math.floor(events.length * 0.9)));
  const startedMs = performance.now();
  for (let round = 0; round < 100; round++) decide(plan, state);
  const eachMs = (performance.now() - startedMs) / 100;
  console.log(`a decision takes ${eachMs.toFixed(2)} ms`);
  expect(eachMs).toBeLessThan(20);
});
