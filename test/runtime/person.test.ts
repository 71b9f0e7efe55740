import { expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { one, planOf } from '../engine/given.ts';
import { hang } from './fakes.ts';
import { open, simple, types, usage } from './given.ts';

const asking = planOf(
  '  - {name: do, type: code, prompt: p, agent: claude, hitl: before_gate, gate: [test]}',
);

test('a person at the terminal is asked, and the answer is an event', async () => {
  const made = open(asking, { ask: async () => 'approve' });
  expect((await made.run()).status).toBe('pass');
  expect(one(await made.events(), 'hitl_resumed').approved).toBe(true);
});

test('where nobody answers the run pauses', async () => {
  const made = open(asking);
  expect((await made.run()).status).toBe('paused');
});

test('a paused run tells of all that the next yes is for', async () => {
  const step = (name: string) =>
    `      - {name: ${name}, type: code, prompt: p, agent: claude, hitl: before_gate, gate: [test]}\n`;
  const plan = planOf(`  - name: all\n    parallel: true\n    steps:\n${step('a')}${step('b')}`);
  const made = open(plan);
  expect((await made.run()).status).toBe('paused');
  const { reason } = one(await made.events(), 'run_paused');
  expect(reason).toBe('all/a waits for a person (before_gate)\nall/b waits for a person (before_gate)');
});

test('a stop while a person is asked ends the run at once, resumable', async () => {
  const stop = new AbortController();
  const made = open(asking, {
    ask: () => {
      stop.abort('SIGTERM');
      return new Promise(() => undefined);
    },
  });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
  expect(types(await made.events()).at(-1)).toBe('run_interrupted');
});

test('a limit that a person lowers while an agent works ends it there, and what comes later is for the next engine', async () => {
  let tell: (facts: readonly Fact[]) => Promise<void> = async () => undefined;
  const set = (max_budget: number): Fact => {
    return { type: 'budget_set', run: simple.run, max_budget, by: 'mara', order: '7' };
  };
  const made = open(simple, {
    agent: async (order, report) => {
      await report({ type: 'usage', usage: usage(2, 0.5) });
      void tell([set(0.1)]);
      return hang(order, usage(2, 0.5));
    },
  });
  let stopped = 0;
  const listen = (given: typeof tell) => {
    tell = given;
    return () => void stopped++;
  };
  expect((await made.run({ listen })).status).toBe('fail');
  expect(stopped).toBe(1);
  const events = await made.events();
  expect(one(events, 'budget_exceeded')).toMatchObject({ scope: 'run', kind: 'budget', max: 0.1 });
  await tell([set(5)]);
  expect(await made.events()).toEqual(events);
});
