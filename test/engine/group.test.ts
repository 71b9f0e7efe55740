import { expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { lookUp } from '../../src/engine/values.ts';
import { one, only, placeAt, planOf, resumeOf } from './given.ts';
import { carryOn, play, type World } from './world.ts';

const group = (retry: string) =>
  planOf(`  - name: loop
    steps:
      - {name: do, type: code, prompt: "fix {error}", agent: claude}
      - {name: check, gate: [test]}
${retry}`);
const passAt =
  (attempt: number): World['gate'] & object =>
  (effect) =>
    effect.attempt < attempt ? { status: 'fail', reason: 'red' } : 'pass';
const attempts = (events: Parameters<typeof only>[0]) =>
  only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);

test('children run one after another, each on the tree of the last', () => {
  const { events, state } = play(group(''));
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual(['loop/do#1', 'loop/check#1']);
  expect(only(events, 'step_started')[1]?.base).toBe(one(events, 'agent_completed').commit);
  expect(state.steps.loop?.commit).toBe(one(events, 'agent_completed').commit);
});

test('without retry a failed child is the end of the group', () => {
  const { events, state } = play(group(''), { gate: () => 'fail' });
  expect(state.status).toBe('fail');
  expect(only(events, 'group_started')).toHaveLength(1);
});

test('retry starts the group again from its beginning, at most exit times', () => {
  const { events, state } = play(group('    retry: [{exit: 3}]'), { gate: () => 'fail' });
  expect(state.status).toBe('fail');
  expect(only(events, 'group_started').map(({ round }) => round)).toEqual([1, 2, 3]);
});

test('a round goes on from where the one before ended, never behind it', () => {
  const { events, state } = play(group('    retry: [{exit: 3}]'), { gate: passAt(3) });
  expect(state.status).toBe('pass');
  const made = only(events, 'agent_completed');
  const started = only(events, 'step_started').filter(({ step }) => step === 'loop/do');
  expect(started.slice(1).map(({ base }) => base)).toEqual(made.slice(0, 2).map(({ commit }) => commit));
  expect(one(events, 'run_completed').commit).toBe(made.at(-1)?.commit);
});

test('attempt numbers go on through the rounds, so that no id stands for two attempts', () => {
  const { events } = play(group('    retry: [{exit: 3}]'), { gate: passAt(3) });
  expect(attempts(events)).toEqual([
    'loop/do#1',
    'loop/check#1',
    'loop/do#2',
    'loop/check#2',
    'loop/do#3',
    'loop/check#3',
  ]);
});

test('a new round begins new conversations and has its whole allowance of attempts', () => {
  const plan = planOf(`  - name: loop
    steps:
      - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{exit: 2}]}
    retry: [{exit: 2}]`);
  const { events } = play(plan, { gate: () => 'fail' });
  expect(attempts(events)).toEqual(['loop/do#1', 'loop/do#2', 'loop/do#3', 'loop/do#4']);
  expect(only(events, 'step_started').map(({ session_mode }) => session_mode)).toEqual([
    'new',
    'resume',
    'new',
    'resume',
  ]);
});

test('a new round knows the error of the one before', () => {
  const plan = group('    retry: [{exit: 2}]');
  const { events } = play(plan, { gate: passAt(2) });
  const index = events.findIndex((event) => event.type === 'agent_launched' && event.attempt === 2);
  const state = fold(events.slice(0, index));
  expect(lookUp({ plan, state }, placeAt(plan, state, 'loop/do'), 'error')).toEqual({
    kind: 'text',
    text: 'loop/check: test: red',
  });
});

test('tasks of a split in a group have numbers that go on, too', () => {
  const plan = planOf(`  - name: loop
    steps:
      - name: plan
        type: split
        prompt: p
        agent: claude
        each:
          - name: inner
            steps:
              - {name: do, type: code, prompt: p, agent: claude}
      - {name: check, gate: [test]}
    retry: [{exit: 3}]`);
  const world: World = {
    agent: ({ stepKind }) => (stepKind === 'split' ? { tasks: [{ name: 'a', description: 'a' }] } : {}),
    gate: passAt(3),
  };
  const { events, state } = play(plan, world);
  expect(state.status).toBe('pass');
  expect(attempts(events).filter((id) => id.includes('/do'))).toEqual([
    'loop/plan/a/inner/do#1',
    'loop/plan/a/inner/do#2',
    'loop/plan/a/inner/do#3',
  ]);
});

test('a resume after the last round goes on with the child that failed', () => {
  const plan = group('    retry: [{exit: 2}]');
  const first = play(plan, { gate: () => 'fail' });
  const again = carryOn(plan, {}, { past: first.events, opening: [resumeOf(plan)] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual(['loop/check#3']);
});
