import { expect, test } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { fold } from '../../src/engine/evolve.ts';
import { timedCalls } from '../../src/engine/timed-calls.ts';
import type { Event } from '../../src/events/event.ts';
import { eventsOf, one, only, planOf, resumeOf, startOf, stepOf } from './given.ts';
import { carryOn, play, takeOver, type World } from './world.ts';

const attempts = (events: readonly Event[]) =>
  only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
const steps = `  - {name: a, type: code, prompt: p, agent: claude}
  - {name: b, type: code, prompt: p, agent: claude}`;
const planWith = (root: string, caller = '  - {name: c, workflow: w}\n  - {name: end, gate: [test]}') =>
  planOf(caller, { called: { w: steps }, calledRoots: { w: root } });
const spending: World = { agent: () => ({ turns: 2, costPerTurnUsd: 0.3, tokensPerTurn: 40 }) };

test.each([
  ['max_budget: 1', 'budget', "the called workflow's budget is used up: $1.20 of $1.00"],
  ['max_tokens: 100', 'tokens', "the called workflow's tokens are used up: 120 of 100"],
  ['max_timeout: 7s', 'time', "the called workflow's time is used up: 8 s of 7 s"],
])('with %s a call that needs more fails with a sentence, and ends its agents', (root, kind, reason) => {
  const { events, state } = play(planWith(root), spending);
  expect(state.status).toBe('fail');
  expect(one(events, 'budget_exceeded')).toMatchObject({ scope: 'call', step: 'c', kind });
  expect(stepOf(events, 'c')).toMatchObject({ status: 'fail', reason });
  expect(stepOf(events, 'c/b')).toMatchObject({ status: 'fail', reason });
  expect(one(events, 'run_completed').reason).toBe(`c: ${reason}`);
  expect(attempts(events)).toEqual(['c/a#1', 'c/b#1']);
});

test('a call within its limits passes', () => {
  expect(play(planWith('max_budget: 1.2\nmax_tokens: 160\nmax_timeout: 1h'), spending).state.status).toBe(
    'pass',
  );
});

test('each call has the whole limit, and so has each round of a group', () => {
  const twice = planWith('max_budget: 1.2', '  - {name: c, workflow: w}\n  - {name: d, workflow: w}');
  expect(play(twice, spending).state.status).toBe('pass');
  const loop = planWith(
    'max_budget: 1.2',
    '  - name: loop\n    steps: [{name: c, workflow: w}, {name: check, gate: [test]}]\n    retry: [{exit: 2}]',
  );
  const { state } = play(loop, {
    ...spending,
    gate: ({ attempt }) => (attempt === 1 ? { status: 'fail', reason: 'red' } : 'pass'),
  });
  expect(state.status).toBe('pass');
});

test('rounds of a group inside the called workflow count', () => {
  const plan = planOf('  - {name: c, workflow: w}', {
    called: {
      w: '  - name: loop\n    steps: [{name: a, type: code, prompt: p, agent: claude}, {name: check, gate: [test]}]\n    retry: [{exit: 5}]',
    },
    calledRoots: { w: 'max_budget: 1' },
  });
  const { events } = play(plan, { ...spending, gate: () => 'fail' });
  expect(attempts(events)).toEqual(['c/loop/a#1', 'c/loop/check#1', 'c/loop/a#2']);
  expect(stepOf(events, 'c').reason).toContain('budget is used up: $1.20 of $1.00');
});

test("a group around a call goes on with its next round, and a sibling's task is not touched", () => {
  const loop = planWith(
    'max_budget: 1',
    '  - name: loop\n    steps: [{name: c, workflow: w}]\n    retry: [{exit: 2}]',
  );
  const dear: World = {
    agent: ({ attempt }) => ({ turns: 2, costPerTurnUsd: attempt === 1 ? 0.3 : 0.1 }),
  };
  expect(play(loop, dear).state.status).toBe('pass');
  const split = planWith(
    'max_budget: 1',
    '  - {name: s, type: split, prompt: p, agent: claude, parallel: true, each: [{name: c, workflow: w}]}',
  );
  const { events, state } = play(split, {
    agent: ({ path, stepKind }) =>
      stepKind === 'split'
        ? { tasks: ['x', 'y'].map((name) => ({ name, description: name })) }
        : { turns: 2, costPerTurnUsd: path.startsWith('s/x') ? 0.3 : 0.1 },
  });
  expect(state.status).toBe('fail');
  expect(stepOf(events, 's/x/c').status).toBe('fail');
  expect(stepOf(events, 's/y/c').status).toBe('pass');
});

test('a call whose limit was exceeded has its whole allowance again when the run is resumed', () => {
  const plan = planWith('max_budget: 1');
  const first = play(plan, spending);
  const cheap: World = { agent: () => ({ turns: 1, costPerTurnUsd: 0.1 }) };
  const again = carryOn(plan, cheap, { past: first.events, opening: [resumeOf(plan)] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual(['c/b#2', 'end#1']);
});

test('an engine that is lost while a call is being closed is followed by one that closes it', () => {
  const plan = planWith('max_budget: 1');
  const whole = play(plan, spending);
  for (let cut = 1; cut < whole.events.length; cut++) {
    const past = whole.events.slice(0, cut);
    const again = carryOn(plan, spending, { past, opening: takeOver(past, [resumeOf(plan)]) });
    expect(again.state.status).toBe('fail');
    expect(stepOf(again.events, 'c').status).toBe('fail');
    expect(only(again.events, 'step_completed').filter(({ step }) => step === 'c')).toHaveLength(1);
  }
});

test('while an agent of it runs nothing is closed, and nothing else is wanted', () => {
  const plan = planWith('max_budget: 1');
  const { events } = play(plan, spending);
  const told = events.findIndex((event) => event.type === 'budget_exceeded');
  const state = fold(events.slice(0, told + 1));
  expect(decide(plan, state)).toEqual([]);
});

test('a limit of a validator fails its gate, and the step may try again', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v}], retry: [{exit: 2}]}',
    {
      validators: { 'validators/v': '  - {name: judge, type: validate, prompt: p, agent: codex}' },
      calledRoots: { 'validators/v': 'max_budget: 0.5' },
    },
  );
  const { events, state } = play(plan, {
    agent: ({ stepKind, attempt }) =>
      stepKind === 'validate' ? { turns: 2, costPerTurnUsd: attempt === 1 ? 0.3 : 0.1 } : {},
  });
  expect(state.status).toBe('pass');
  expect(one(events, 'budget_exceeded')).toMatchObject({ scope: 'call', step: 'do/v' });
  expect(one(events, 'gate_failed').reason).toBe(
    "the validator gave no verdict: the called workflow's budget is used up: $0.60 of $0.50",
  );
  expect(state.overdrawn).toEqual({});
});

test('a limit holds for get.workflow too', () => {
  const plan = planWith('max_budget: 1', '  - {name: do, type: code, prompt: p, agent: claude, workflow: w}');
  const { events } = play(plan, spending);
  expect(stepOf(events, 'do').reason).toContain("do/get: the called workflow's budget is used up");
});

test('what is limited in time and runs is told with what is left of it', () => {
  const plan = planOf('  - {name: out, workflow: one}', {
    called: { one: '  - {name: in, workflow: two}', two: steps },
    calledRoots: { one: 'max_timeout: 1m', two: 'max_timeout: 10s' },
  });
  const opened = (step: string) =>
    ({ type: 'group_started', step, step_type: 'call', round: 1, base: 'b0' }) as const;
  const state = fold(eventsOf([startOf(plan), opened('out'), opened('out/in')]));
  expect(timedCalls(plan, state)).toEqual([
    { path: 'out', maxMs: 60_000, leftMs: 59_000 },
    { path: 'out/in', maxMs: 10_000, leftMs: 10_000 },
  ]);
  expect(timedCalls(plan, play(plan).state)).toEqual([]);
});

test("an excess that is told late says nothing about the call's next round", () => {
  const plan = planWith('max_timeout: 1h');
  const { events } = play(plan);
  const late = eventsOf(
    [{ type: 'budget_exceeded', scope: 'call', step: 'c', kind: 'time', max: 1, current: 1 }],
    events,
  );
  const begun = eventsOf(
    [{ type: 'group_started', step: 'c', step_type: 'call', round: 1, base: 'b0' }],
    [...events, ...late],
  );
  expect(fold([...events, ...late, ...begun]).overdrawn).toEqual({});
});
