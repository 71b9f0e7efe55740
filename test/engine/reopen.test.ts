import { expect, test } from 'vitest';
import { only, planOf, resumeOf } from './given.ts';
import { carryOn, play, takeOver, type World } from './world.ts';

const plan = planOf(`  - name: plan
    type: split
    prompt: cut
    agent: claude
    gate: [schema]
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{exit: 2}]}
      - {name: smoke, type: code, prompt: p, agent: claude}
  - {name: last, gate: [lint]}`);
const tasks: World['agent'] = ({ stepKind }) =>
  stepKind === 'split' ? { tasks: ['a', 'b'].map((name) => ({ name, description: name })) } : {};
const failB: World = { agent: tasks, gate: ({ path }) => (path === 'plan/b/do' ? 'fail' : 'pass') };
const attempts = (events: Parameters<typeof only>[0]) =>
  only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);

test('a resume after a failure repeats no finished step and grants the failed one new attempts', () => {
  const first = play(plan, failB);
  const again = carryOn(plan, { agent: tasks }, { past: first.events, opening: [resumeOf(plan)] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual([
    'plan/b/do#3',
    'plan/b/smoke#1',
    'last#1',
  ]);
});

test('the granted attempt stands on the commit of the last one', () => {
  const first = play(plan, failB);
  const again = carryOn(plan, { agent: tasks }, { past: first.events, opening: [resumeOf(plan)] });
  const last = only(first.events, 'agent_completed').at(-1);
  expect(only(again.events.slice(first.events.length), 'step_started')[0]?.base).toBe(last?.commit);
});

test('a failed split list is asked for again', () => {
  const first = play(plan, { agent: () => ({ output: 'no list' }) });
  const again = carryOn(plan, { agent: tasks }, { past: first.events, opening: [resumeOf(plan)] });
  expect(attempts(again.events)[1]).toBe('plan#2');
  expect(again.state.status).toBe('pass');
});

test('a gate-only step that failed is judged again', () => {
  const first = play(plan, { agent: tasks, gate: ({ label }) => (label === 'lint' ? 'fail' : 'pass') });
  const again = carryOn(plan, { agent: tasks }, { past: first.events, opening: [resumeOf(plan)] });
  expect(attempts(again.events.slice(first.events.length))).toEqual(['last#2']);
  expect(again.state.status).toBe('pass');
});

test('a run may be resumed as often as it fails', () => {
  let { events } = play(plan, failB);
  for (let round = 0; round < 3; round++)
    events = carryOn(plan, failB, { past: events, opening: [resumeOf(plan)] }).events;
  expect(attempts(events).filter((id) => id.startsWith('plan/b/do'))).toHaveLength(8);
});

test('an attempt in flight when its engine was lost is launched again with the same number, and what it spent stays booked', () => {
  const dear: World = { agent: (effect) => ({ ...tasks?.(effect), costPerTurnUsd: 1 }) };
  const { events } = play(plan, dear);
  const cut = events.findIndex((event) => event.type === 'agent_progress' && event.step === 'plan/a/do');
  const past = events.slice(0, cut + 1);
  const again = carryOn(plan, dear, { past, opening: takeOver(past, [resumeOf(plan)]) });
  expect(attempts(again.events)).toEqual(attempts(events));
  expect(again.state.spent.cost).toBe(6);
});

const guarded = planOf(
  '  - {name: do, type: code, prompt: p, agent: claude, guard: {max_turns: 1}, retry: [{exit: 2}]}',
);
const tooMuch: World = { agent: ({ attempt }) => ({ turns: attempt === 1 ? 3 : 1 }) };

test.each(['guard_triggered', 'agent_killed'])(
  'an engine that is lost right behind %s leaves a run that goes on',
  (type) => {
    const { events } = play(guarded, tooMuch);
    const past = events.slice(0, events.findIndex((event) => event.type === type) + 1);
    const again = carryOn(guarded, tooMuch, { past, opening: takeOver(past, [resumeOf(guarded)]) });
    expect(again.state.status).toBe('pass');
    expect(only(again.events, 'guard_triggered')).toHaveLength(1);
    expect(attempts(again.events)).toEqual(['do#1', 'do#2']);
  },
);
