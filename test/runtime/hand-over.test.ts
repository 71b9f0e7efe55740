/** An engine whose time ends leaves the run to the next one, and loses as little as it can. */
import { afterEach, expect, test } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planOf } from '../engine/given.ts';
import { type Bench, bench, type Fakes, hang, write } from './fakes.ts';

const benches: Bench[] = [];
afterEach(() => {
  for (const made of benches.splice(0)) made.close();
});
function open(plan: Plan, fakes: Fakes = {}): Bench {
  const made = bench(plan, fakes);
  benches.push(made);
  return made;
}

const two = planOf(`  - {name: one, type: code, prompt: x, agent: claude, gate: [test]}
  - {name: two, type: code, prompt: y, agent: claude}`);
const types = (events: readonly Event[]) => events.map(({ type }) => type);
const launched = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'agent_launched' ? [`${event.step}#${event.attempt}`] : []));

/** What a host gives: the two moments, to be brought about by hand. */
function time() {
  const [soon, now] = [new AbortController(), new AbortController()];
  return { soon, now, handOver: { soon: soon.signal, now: now.signal } };
}

test('what runs when the time is near ends and is kept, nothing else begins, and the next engine goes on behind it', async () => {
  const { soon, handOver } = time();
  const made = open(two, {
    agent: (order) => {
      soon.abort();
      write(order, `${order.step}.js`, 'x\n');
      return undefined;
    },
  });
  expect((await made.run({ handOver })).status).toBe('running');
  const before = await made.events();
  expect(types(before).slice(-2)).toEqual(['state_updated', 'run_handed_over']);
  expect(types(before)).not.toContain('gate_started');
  expect((await made.run()).status).toBe('pass');
  expect(launched(await made.events())).toEqual(['one#1', 'two#1']);
});

test('what does not end in time is ended and done again, and has cost no attempt', async () => {
  const { soon, now, handOver } = time();
  let isFirst = true;
  const made = open(two, {
    agent: (order) => {
      if (!isFirst) return undefined;
      isFirst = false;
      soon.abort();
      setTimeout(() => now.abort(), 5);
      return hang(order);
    },
  });
  expect((await made.run({ handOver })).status).toBe('running');
  expect(types(await made.events()).at(-1)).toBe('run_handed_over');
  expect((await made.run()).status).toBe('pass');
  expect(launched(await made.events())).toEqual(['one#1', 'one#1', 'two#1']);
});

test('a run that ends before its time is over ends as ever', async () => {
  const { soon, handOver } = time();
  const made = open(planOf('  - {name: one, type: code, prompt: x, agent: claude}'), {
    agent: () => {
      soon.abort();
      return undefined;
    },
  });
  expect((await made.run({ handOver })).status).toBe('pass');
  expect(types(await made.events())).not.toContain('run_handed_over');
});

test('a run that asks a person when its time is near waits for the answer, and is not handed over', async () => {
  const { soon, handOver } = time();
  const made = open(planOf('  - {name: one, type: code, prompt: x, agent: claude, hitl: true}'), {
    agent: () => {
      soon.abort();
      return undefined;
    },
  });
  expect((await made.run({ handOver })).status).toBe('paused');
});

test('a person who stops the run meanwhile is obeyed', async () => {
  const { soon, handOver } = time();
  const stop = new AbortController();
  const made = open(two, {
    agent: (order) => {
      soon.abort();
      setTimeout(() => stop.abort('SIGINT'), 5);
      return hang(order);
    },
  });
  expect((await made.run({ handOver, signal: stop.signal })).status).toBe('cancelled');
  expect(types(await made.events()).at(-1)).toBe('run_interrupted');
});
