import { expect, test } from 'vitest';
import { evolve, fold } from '../../src/engine/evolve.ts';
import { initialState } from '../../src/engine/state.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import { eventsOf, planOf, resumeOf, startOf } from './given.ts';
import { stepAt } from './step-at.ts';
import { play, takeOver, type World } from './world.ts';

const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, gate: [test]}');
const begin: Fact[] = [
  startOf(plan),
  {
    type: 'step_started',
    step: 'do',
    step_type: 'code',
    attempt: 1,
    agent: 'claude',
    task: null,
    session_mode: 'new',
    base: 'b0',
  },
  { type: 'agent_launched', step: 'do', attempt: 1, agent: 'claude', prompt_hash: 'p', session_id: null },
];
const usage = (cost: number) => ({ turns: cost * 10, tokens_in: cost * 100, tokens_out: cost, cost });
const progress = (cost: number): Fact => ({ type: 'agent_progress', step: 'do', attempt: 1, ...usage(cost) });
const killed = (cost?: number): Fact => ({
  type: 'agent_killed',
  step: 'do',
  attempt: 1,
  reason: 'r',
  ...(cost === undefined ? {} : usage(cost)),
});
const completed = (cost: number): Fact => ({
  type: 'agent_completed',
  step: 'do',
  attempt: 1,
  agent: 'claude',
  outcome: 'ok',
  exit_code: 0,
  duration_ms: 5,
  session_id: null,
  output: '',
  error: null,
  commit: 'c1',
  files: [],
  step_files: [],
  denied: [],
  ...usage(cost),
});
const spent = (...facts: Fact[]) => fold(eventsOf([...begin, ...facts])).spent.cost;

test('no events give the initial state', () => {
  expect(fold([])).toEqual(initialState);
});

test('the past is never changed in place', () => {
  const { events } = play(plan);
  const states = [initialState];
  for (const event of events) states.push(evolve(states.at(-1) ?? initialState, event));
  const before = states.map((state) => JSON.stringify(state));
  fold(events);
  expect(states.map((state) => JSON.stringify(state))).toEqual(before);
});

test('an unknown event changes nothing but the place in the ledger, with or without a step', () => {
  const { events, state } = play(plan);
  for (const more of [
    {},
    { step: 'do' },
    { step: 'do', attempt: 1 },
    { step: 7 },
    { step: 'nowhere/at/all' },
  ]) {
    const unknown = {
      v: 1,
      seq: state.seq + 1,
      ts: state.at,
      type: 'from_the_future',
      ...more,
    } as unknown as Event;
    expect(fold([...events, unknown])).toEqual({ ...state, seq: state.seq + 1 });
  }
});

test('events about steps that were never started change nothing', () => {
  const state = fold(eventsOf([startOf(plan)]));
  const strange: Fact[] = [
    progress(1),
    completed(2),
    killed(3),
    { type: 'gate_passed', step: 'do', attempt: 1, gate: 'test', commit: 'c', duration_ms: 1 },
    { type: 'step_completed', step: 'do', attempt: 1, status: 'pass', commit: 'c', reason: null },
    { type: 'task_merged', step: 'do', task: 'x', commit: 'c' },
    { type: 'retry_triggered', step: 'do/x', attempt: 2, overrides: {}, reason: '' },
    {
      type: 'step_started',
      step: 'do/x/y',
      step_type: 'code',
      attempt: 1,
      agent: null,
      task: null,
      session_mode: 'new',
      base: 'c',
    },
  ];
  const after = fold(eventsOf([startOf(plan), ...strange]));
  expect(after.steps).toEqual(state.steps);
  expect(after.spent).toEqual(state.spent);
});

test.each(['constructor', '__proto__', 'toString'])(
  'an event about a step named %s changes nothing of the language itself',
  (name) => {
    const state = fold(
      eventsOf([
        startOf(plan),
        { ...progress(1), step: `${name}/x` } as Fact,
        { ...progress(1), step: name } as Fact,
      ]),
    );
    expect(stepAt(state, name)).toBeUndefined();
    expect(({} as Record<string, unknown>).attempt).toBeUndefined();
  },
);

test('a launch is booked by what it reports, cumulatively', () => {
  expect(spent(progress(1), progress(3), completed(4))).toBe(4);
});

test('agent_killed and agent_completed of one launch never book twice', () => {
  expect(spent(progress(1), killed(2), completed(2))).toBe(2);
  expect(spent(progress(1), killed(), completed(1))).toBe(1);
  expect(spent(killed(2), killed(2))).toBe(2);
});

test('usage that goes backwards is never booked twice', () => {
  expect(spent(progress(3), progress(1), progress(3))).toBe(3);
  expect(spent(progress(3), completed(1))).toBe(3);
  expect(spent(progress(3), killed(0), completed(3))).toBe(3);
});

test('a second launch of an attempt is booked on top of the lost one', () => {
  expect(spent(progress(2), killed(), begin[2] as Fact, progress(1), completed(3))).toBe(5);
});

test('money is exact to the millionth of a dollar', () => {
  const facts = Array.from({ length: 1000 }, (_, index) => progress(Math.round((index + 1) * 1e3) / 1e6));
  expect(spent(...facts)).toBe(1);
});

test('a guard is triggered once, the first stands', () => {
  const guard = (name: string): Fact => ({
    type: 'guard_triggered',
    step: 'do',
    attempt: 1,
    guard: name,
    reason: name,
  });
  expect(
    fold(eventsOf([...begin, guard('max_turns'), guard('max_time')])).steps.do?.attempt?.guard?.guard,
  ).toBe('max_turns');
});

test('the time between a lost engine and the next is no time of the run', () => {
  const past = eventsOf(begin);
  const day = 24 * 3600_000;
  const later = eventsOf(takeOver(past, [resumeOf(plan)]), past).map((event) => ({
    ...event,
    ts: new Date(Date.parse(event.ts) + day).toISOString(),
  }));
  expect(later.map(({ type }) => type)).toEqual(['run_resumed', 'agent_killed']);
  expect(fold([...past, ...later]).activeMs).toBeLessThan(10_000);
});

test('a time stamp that is no time does not spoil the clock', () => {
  const [first, second, third] = eventsOf(begin) as [Event, Event, Event];
  expect(fold([first, { ...second, ts: 'yesterday' }, third]).activeMs).toBeGreaterThanOrEqual(0);
});

test('the state behind a run is the fold of its events, whatever was asked of it in between', () => {
  const world: World = { gate: ({ attempt }) => (attempt === 1 ? 'fail' : 'pass') };
  const { events, state } = play(plan, world);
  expect(fold(events)).toEqual(state);
});
