import { expect, test } from 'vitest';
import { only, planOf, resumeOf, stepOf } from './given.ts';
import { carryOn, play, type World } from './world.ts';

const failing: World = { gate: () => 'fail' };

const code = (retry: string, gates = '[compile, test]') =>
  planOf(`  - name: do
    type: code
    prompt: build
    agent: claude-sonnet
    gate: ${gates}
${retry}`);

const overridesOf = (steps: string, world: World = failing) =>
  only(play(code(steps), world).events, 'retry_triggered').map(({ attempt, overrides }) => [
    attempt,
    overrides,
  ]);

test('without a retry list a failure is final', () => {
  const { state, events } = play(code(''), failing);
  expect(state.status).toBe('fail');
  expect(only(events, 'step_started')).toHaveLength(1);
});

test('exit names the last attempt, and the run ends behind it', () => {
  const { state, events } = play(code('    retry: [{exit: 3}]'), failing);
  expect(only(events, 'step_started').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect(state.status).toBe('fail');
});

test('attempt N applies from attempt N on', () => {
  const retry = '    retry:\n      - {attempt: 3, agent: claude-opus}\n      - exit: 5';
  expect(overridesOf(retry)).toEqual([
    [2, {}],
    [3, { agent: 'claude-opus' }],
    [4, { agent: 'claude-opus' }],
    [5, { agent: 'claude-opus' }],
  ]);
});

test('overrides of all matching entries are merged, and later entries win', () => {
  const retry =
    '    retry:\n      - {attempt: 2, prompt: first, agent: claude-opus}\n      - {attempt: 3, prompt: second, session: new}\n      - exit: 3';
  expect(overridesOf(retry)).toEqual([
    [2, { prompt: 'first', agent: 'claude-opus' }],
    [3, { prompt: 'second', agent: 'claude-opus', session: 'new' }],
  ]);
});

test('not: gate.x applies when that gate did not pass last time, and its overrides stay when it does', () => {
  const retry = '    retry:\n      - {not: gate.compile, prompt: make it compile}\n      - exit: 4';
  const world: World = {
    gate: ({ label, attempt }) => (label === 'compile' && attempt !== 2 ? 'pass' : 'fail'),
  };
  expect(overridesOf(retry, world)).toEqual([
    [2, {}],
    [3, { prompt: 'make it compile' }],
    [4, { prompt: 'make it compile' }],
  ]);
});

test('a gate that was skipped counts as passed for not:', () => {
  const retry = '    retry:\n      - {not: gate.compile, prompt: p}\n      - exit: 2';
  expect(overridesOf(retry, { gate: ({ label }) => (label === 'compile' ? 'skip' : 'fail') })).toEqual([
    [2, {}],
  ]);
});

test('a gate that was never reached did not pass', () => {
  const retry = '    retry:\n      - {not: gate.compile, prompt: p}\n      - exit: 2';
  expect(overridesOf(retry, { agent: () => ({ outcome: 'error' }) })).toEqual([[2, { prompt: 'p' }]]);
});

test('the agent of an override is the one that is launched', () => {
  const { events } = play(
    code('    retry:\n      - {attempt: 2, agent: claude-opus}\n      - exit: 2'),
    failing,
  );
  expect(only(events, 'agent_launched').map(({ agent }) => agent)).toEqual(['claude-sonnet', 'claude-opus']);
});

test.each([
  ['an agent error', { agent: () => ({ outcome: 'error' }) }],
  ['a failed gate', failing],
  ['a write where none is allowed', { agent: () => ({ denied: ['a.js'] }) }],
] as [string, World][])('%s is retried', (_, world) => {
  expect(only(play(code('    retry: [{exit: 2}]'), world).events, 'step_started')).toHaveLength(2);
});

test('a retry ends as soon as an attempt passes', () => {
  const world: World = { gate: ({ attempt }) => (attempt < 3 ? 'fail' : 'pass') };
  const { state, events } = play(code('    retry: [{exit: 6}]'), world);
  expect(state.status).toBe('pass');
  expect(only(events, 'agent_launched')).toHaveLength(3);
});

test('a resume after a failure grants the whole allowance again, and its overrides begin anew', () => {
  const plan = code('    retry:\n      - {attempt: 2, agent: claude-opus}\n      - exit: 2');
  const first = play(plan, failing);
  const { events, state } = carryOn(plan, failing, { past: first.events, opening: [resumeOf(plan)] });
  expect(only(events, 'step_started').map(({ attempt, agent }) => [attempt, agent])).toEqual([
    [1, 'claude-sonnet'],
    [2, 'claude-opus'],
    [3, 'claude-sonnet'],
    [4, 'claude-opus'],
  ]);
  expect(state.status).toBe('fail');
  expect(stepOf(events, 'do').offset).toBe(2);
});
