import { expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { one, only, planOf, resumeOf } from './given.ts';
import { carryOn, play, type World } from './world.ts';

const asking = (when: string) =>
  planOf(
    `  - {name: do, type: code, prompt: p, agent: claude, hitl: ${when}, gate: [test], retry: [{exit: 3}]}`,
  );
const nobody: World = {};
const order = (events: readonly { type: string }[]) =>
  events
    .map(({ type }) => type)
    .filter((type) => ['hitl_paused', 'hitl_resumed', 'gate_started', 'gate_passed'].includes(type));
const approve = (attempt = 1, step = 'do'): Fact => ({
  type: 'hitl_resumed',
  step,
  attempt,
  approved: true,
  by: null,
  reason: null,
});

test('before_gate asks before the gates run', () => {
  const { events, state } = play(asking('before_gate'), { person: () => true });
  expect(order(events)).toEqual(['hitl_paused', 'hitl_resumed', 'gate_started', 'gate_passed']);
  expect(state.status).toBe('pass');
});

test('after_gate asks behind gates that passed', () => {
  const { events } = play(asking('after_gate'), { person: () => true });
  expect(order(events)).toEqual(['gate_started', 'gate_passed', 'hitl_paused', 'hitl_resumed']);
});

test('after_gate asks nobody about an attempt whose gates failed', () => {
  const { events } = play(asking('after_gate'), { person: () => true, gate: () => 'fail' });
  expect(only(events, 'hitl_paused')).toEqual([]);
});

test('every attempt is asked about anew', () => {
  const world: World = { person: () => true, gate: ({ attempt }) => (attempt < 3 ? 'fail' : 'pass') };
  const { events } = play(asking('before_gate'), world);
  expect(only(events, 'hitl_paused').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test("a person's no is final: it is not retried", () => {
  const { events, state } = play(asking('before_gate'), { person: () => false });
  expect(state.status).toBe('fail');
  expect(only(events, 'retry_triggered')).toEqual([]);
  expect(state.steps.do?.reason).toBe('a person said no');
});

test('where nobody is there the run pauses, and nothing has been decided', () => {
  const { events, state } = play(asking('before_gate'), nobody);
  expect(state.status).toBe('paused');
  expect(one(events, 'run_paused').step).toBe('do');
  expect(only(events, 'hitl_resumed')).toEqual([]);
});

test('a paused run goes on with the consent, without another attempt', () => {
  const plan = asking('before_gate');
  const first = play(plan, nobody);
  const { events, state } = carryOn(plan, nobody, {
    past: first.events,
    opening: [resumeOf(plan), approve()],
  });
  expect(state.status).toBe('pass');
  expect(only(events, 'agent_launched')).toHaveLength(1);
  expect(only(events, 'hitl_paused')).toHaveLength(1);
});

test('a paused run that is resumed without an answer asks again and pauses again', () => {
  const plan = asking('before_gate');
  const first = play(plan, nobody);
  const { state } = carryOn(plan, nobody, { past: first.events, opening: [resumeOf(plan)] });
  expect(state.status).toBe('paused');
});

test("a resume after a person's no is a new attempt, and asks about it", () => {
  const plan = asking('before_gate');
  const first = play(plan, { person: () => false });
  const { events, state } = carryOn(
    plan,
    { person: () => true },
    { past: first.events, opening: [resumeOf(plan)] },
  );
  expect(only(events, 'hitl_paused').map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(state.status).toBe('pass');
});

const two = (pause_after: string) =>
  planOf(
    `  - name: plan
    type: split
    prompt: cut
    agent: claude
    each: [{name: do, type: code, prompt: p, agent: claude}]
  - {name: last, gate: [lint]}`,
    { settings: { pause_after } },
  );
const tasks: World['agent'] = ({ stepKind }) =>
  stepKind === 'split' ? { tasks: ['a', 'b'].map((name) => ({ name, description: name })) } : {};

test('--pause-after asks once the step has passed, and the next one waits', () => {
  const plan = two('plan');
  const { events, state } = play(plan, { agent: tasks });
  expect(state.status).toBe('paused');
  expect(one(events, 'hitl_paused')).toMatchObject({ step: 'plan', when: 'after_step' });
  expect(only(events, 'gate_started')).toEqual([]);
  const yes = carryOn(
    plan,
    { agent: tasks },
    { past: events, opening: [resumeOf(plan), approve(1, 'plan')] },
  );
  expect(yes.state.status).toBe('pass');
});

test.each(['plan/b/do', 'build/task-2/do', 'build/b/do'])('--pause-after understands the path %s', (path) => {
  const { events } = play(two(path), { agent: tasks });
  expect(one(events, 'hitl_paused').step).toBe('plan/b/do');
});

test('a no behind a step ends the run on the commit of that step', () => {
  const { events } = play(two('plan'), { agent: tasks, person: () => false });
  const end = one(events, 'run_completed');
  expect(end).toMatchObject({ status: 'fail', reason: 'plan: a person said no' });
  expect(end.commit).toBe(only(events, 'agent_completed').at(-1)?.commit);
});

test('a resume after a no behind a step asks again', () => {
  const plan = two('plan');
  const first = play(plan, { agent: tasks, person: () => false });
  const again = carryOn(
    plan,
    { agent: tasks, person: () => true },
    { past: first.events, opening: [resumeOf(plan)] },
  );
  expect(again.state.status).toBe('pass');
  expect(only(again.events, 'agent_launched')).toHaveLength(3);
});
