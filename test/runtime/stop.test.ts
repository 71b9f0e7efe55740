import { expect, test } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import { only } from '../engine/given.ts';
import { hang, stillOpen } from './fakes.ts';
import { open, rich, simple, team, types, usage } from './given.ts';

test('a stop leaves the attempt open, records why, and repeats at most that one', async () => {
  const stop = new AbortController();
  const launched: string[] = [];
  let calm = 0;
  const made = open(rich, {
    agent: async (order, tell) => {
      launched.push(`${order.step}#${order.attempt}`);
      calm++;
      if (order.step === 'plan/b/do' && !stop.signal.aborted) {
        await tell({ type: 'usage', usage: usage(2, 0.5) });
        stop.abort('SIGTERM');
        return hang(order, usage(2, 0.5));
      }
      return team(order, tell);
    },
  });
  const state = await made.run({ signal: stop.signal });
  expect(state.status).toBe('cancelled');
  const before = await made.events();
  expect(before.at(-1)).toMatchObject({ type: 'run_interrupted', signal: 'SIGTERM' });
  expect(await stillOpen(made)).toEqual([]);
  const done = only(before, 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`);
  expect(done).not.toContain('plan/b/do#1');
  launched.length = 0;
  const after = await made.run();
  expect(after.status).toBe('pass');
  expect(launched.filter((id) => done.includes(id))).toEqual([]);
  expect(launched).toContain('plan/b/do#1');
  // What the stopped launch had spent stays booked.
  expect(calm).toBe(6);
  expect(after.spent.cost).toBeCloseTo(0.5 + 0.1 * 5, 6);
});

test('a gate that was stopped has judged nothing and runs again', async () => {
  const stop = new AbortController();
  const made = open(simple, {
    gate: async () => {
      if (!stop.signal.aborted) stop.abort('SIGINT');
      return { status: 'fail', reason: 'killed' };
    },
  });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
  expect(only(await made.events(), 'gate_failed')).toEqual([]);
});

test('a stop before the run has begun starts nothing', async () => {
  const stop = new AbortController();
  stop.abort('SIGINT');
  const made = open(simple, { agent: () => expect.fail('launched') });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
});

test('a stop that comes behind the end of the run leaves its end as it is', async () => {
  const stop = new AbortController();
  const sink = {
    name: 'stopper',
    open: () => undefined,
    event: ({ type }: Event) => {
      if (type === 'run_completed') stop.abort('SIGINT');
    },
    close: async () => undefined,
  };
  const made = open(simple, { sinks: [sink] });
  expect((await made.run({ signal: stop.signal })).status).toBe('pass');
  expect(types(await made.events()).at(-1)).toBe('run_completed');
});
