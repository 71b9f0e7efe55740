import { expect, test } from 'vitest';
import { one, only, planOf, resumeOf } from './given.ts';
import { carryOn, play, type World } from './world.ts';

const two = `  - {name: first, type: code, prompt: p, agent: claude}
  - {name: second, type: code, prompt: p, agent: claude}`;
const dollars = (costPerTurnUsd: number, turns = 5): World => ({ agent: () => ({ turns, costPerTurnUsd }) });

test('a run within its budget is left alone, to the last cent', () => {
  const { state, events } = play(planOf(two, { root: 'max_budget: 1' }), dollars(0.1));
  expect(state.status).toBe('pass');
  expect(state.spent.cost).toBe(1);
  expect(only(events, 'budget_exceeded')).toEqual([]);
});

test('the first report that exceeds stops the running agent, not only the next step', () => {
  const { state, events } = play(planOf(two, { root: 'max_budget: 0.65' }), dollars(0.1));
  expect(state.status).toBe('fail');
  expect(one(events, 'budget_exceeded')).toMatchObject({
    scope: 'run',
    kind: 'budget',
    max: 0.65,
    current: 0.7,
  });
  expect(one(events, 'agent_killed').step).toBe('second');
  expect(one(events, 'run_completed').reason).toBe("the run's budget is used up: $0.70 of $0.65");
});

test('tokens have a budget too', () => {
  const world: World = { agent: () => ({ tokensPerTurn: 100 }) };
  const { events } = play(planOf(two, { root: 'max_tokens: 150' }), world);
  expect(one(events, 'budget_exceeded')).toMatchObject({ kind: 'tokens', max: 150, current: 200 });
});

test('time has a budget too, and only the time in which an engine worked counts', () => {
  const plan = planOf(two, { root: 'max_timeout: 5s' });
  const { events } = play(plan);
  expect(one(events, 'budget_exceeded')).toMatchObject({ kind: 'time', max: 5000 });
});

test('--budget stands for the budget of the file', () => {
  const plan = planOf(two, { root: 'max_budget: 100', settings: { max_budget: 0.2 } });
  expect(one(play(plan, dollars(0.1)).events, 'budget_exceeded').max).toBe(0.2);
});

test('an exceeded budget is not retried', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{exit: 9}]}',
    {
      root: 'max_budget: 0.2',
    },
  );
  const { events } = play(plan, dollars(0.1));
  expect(only(events, 'retry_triggered')).toEqual([]);
});

const parallel = planOf(
  `  - name: plan
    type: split
    prompt: cut
    agent: claude
    parallel: true
    each:
      - {name: do, type: code, prompt: p, agent: claude}`,
  { root: 'max_budget: 1' },
);
const tasks = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, description: name }));

test('parallel tasks share the one budget, which is not overspent by more than the calls in flight', () => {
  const world: World = {
    agent: ({ stepKind }) => (stepKind === 'split' ? { tasks } : { turns: 9, costPerTurnUsd: 0.07 }),
    pick: (count, seq) => seq % count,
  };
  const { state, flightsMax, events } = play(parallel, world);
  expect(flightsMax).toBe(4);
  expect(state.spent.cost).toBeGreaterThan(1);
  expect(state.spent.cost).toBeLessThanOrEqual(1 + 4 * 0.07);
  expect(only(events, 'agent_killed')).toHaveLength(4);
});

test('a resume without a raised budget stops at once and spends nothing more', () => {
  const plan = planOf(two, { root: 'max_budget: 0.65' });
  const first = play(plan, dollars(0.1));
  const again = carryOn(plan, dollars(0.1), { past: first.events, opening: [resumeOf(plan)] });
  expect(again.state.status).toBe('fail');
  expect(again.state.spent).toEqual(first.state.spent);
});

test('a resume with a raised budget goes on with the step that was stopped', () => {
  const plan = planOf(two, { root: 'max_budget: 0.65' });
  const first = play(plan, dollars(0.1));
  const again = carryOn(plan, dollars(0.1), {
    past: first.events,
    opening: [resumeOf(plan, { max_budget: 5 })],
  });
  expect(again.state.status).toBe('pass');
  expect(only(again.events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`)).toEqual([
    'first#1',
    'second#1',
    'second#2',
  ]);
});
