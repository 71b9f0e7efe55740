import { expect, test } from 'vitest';
import { one, only, planOf } from './given.ts';
import { play, type World } from './world.ts';

const judge = '  - {name: judge, type: validate, prompt: p, agent: claude-opus}';
const reviewed = (validator = judge) =>
  planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude
    gate: [compile, {validate: validators/arch-review}, test]`,
    { validators: { 'validators/arch-review': validator } },
  );
const verdict = (given: object): World => ({
  agent: ({ stepKind }) => (stepKind === 'validate' ? { output: JSON.stringify(given) } : {}),
});

test('all gates run, in order, even after one failed', () => {
  const { events, state } = play(reviewed(), {
    gate: ({ label }) => (label === 'compile' ? 'fail' : 'pass'),
  });
  expect(only(events, 'gate_started').map(({ gate }) => gate)).toEqual(['compile', 'review', 'test']);
  expect(one(events, 'gate_failed').gate).toBe('compile');
  expect(state.status).toBe('fail');
});

test('a skipped gate does not fail the attempt, and stays visible', () => {
  const { events, state } = play(reviewed(), {
    gate: ({ label }) => (label === 'compile' ? { status: 'skip', reason: 'no tool' } : 'pass'),
  });
  expect(state.status).toBe('pass');
  expect(one(events, 'gate_skipped').reason).toBe('no tool');
});

test("a validator's verdict is its gate's, with comments and findings", () => {
  const findings = [{ path: 'a.js', line: 3, severity: 'error', body: 'wrong' }];
  const { events, state } = play(reviewed(), verdict({ pass: false, comments: 'no', findings }));
  expect(one(events, 'gate_failed')).toMatchObject({
    gate: 'review',
    reason: 'no',
    comments: 'no',
    findings,
  });
  expect(state.steps.do?.reason).toBe('review: no');
});

test('the comments of a positive verdict are kept too', () => {
  const { events } = play(reviewed(), verdict({ pass: true, comments: 'fine' }));
  const passed = only(events, 'gate_passed').find(({ gate }) => gate === 'review');
  expect(passed?.comments).toBe('fine');
});

test("a validator's step stands below its gate, has the number of the attempt that it judges, and judges its commit", () => {
  const plan = planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude
    gate: [{validate: validators/arch-review}]
    retry: [{exit: 3}]`,
    { validators: { 'validators/arch-review': judge } },
  );
  const world: World = {
    agent: ({ stepKind, attempt }) =>
      stepKind === 'validate' ? { verdict: { pass: attempt === 3, comments: 'no', findings: [] } } : {},
  };
  const { events } = play(plan, world);
  const judging = only(events, 'step_started').filter(({ step }) => step === 'do/review/judge');
  expect(judging.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  const made = only(events, 'agent_completed').filter(({ step }) => step === 'do');
  expect(judging.map(({ base }) => base)).toEqual(made.map(({ commit }) => commit));
});

test('a validator that crashed is a failed gate with the reason, never a pass', () => {
  const world: World = { agent: ({ stepKind }) => (stepKind === 'validate' ? { outcome: 'error' } : {}) };
  const { events, state } = play(reviewed(), world);
  expect(state.status).toBe('fail');
  expect(one(events, 'gate_failed').reason).toBe(
    'the validator gave no verdict: do/review/judge: the agent crashed',
  );
});

test('a validator with a malformed verdict is a failed gate', () => {
  const { events } = play(reviewed(), verdict({ pass: 'yes' }));
  expect(one(events, 'gate_failed').reason).toContain('the verdict has no "pass"');
});

test('a validator without a step that gives a verdict is a failed gate', () => {
  const { events } = play(reviewed('  - {name: look, gate: [compile]}'));
  expect(one(events, 'gate_failed').reason).toBe(
    'the validator gave no verdict: it has no step that gives one',
  );
});

test('a positive verdict does not count when another step of the validator fails', () => {
  const { state } = play(reviewed(`${judge}\n  - {name: look, gate: [lint]}`), {
    gate: ({ label }) => (label === 'lint' ? 'fail' : 'pass'),
  });
  expect(state.status).toBe('fail');
});

test('a validator may retry a malformed verdict by itself', () => {
  const world: World = {
    agent: ({ stepKind, attempt }) => (stepKind === 'validate' && attempt === 1 ? { output: 'hm' } : {}),
  };
  const { events, state } = play(
    reviewed(judge.replace('prompt: p', 'prompt: p, retry: [{exit: 2}]')),
    world,
  );
  expect(state.status).toBe('pass');
  expect(only(events, 'step_started').filter(({ step }) => step === 'do')).toHaveLength(1);
});

test('what a validator spends is booked to the step that it judges', () => {
  const { state } = play(reviewed(), { agent: () => ({ costPerTurnUsd: 1 }) });
  expect(state.steps.do?.usage.cost).toBe(2);
  expect(state.spent.cost).toBe(2);
});

test('a gate that is named like a member of every object is a gate like any other', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{bash: "true", name: constructor}]}',
  );
  const { events, state } = play(plan);
  expect(only(events, 'gate_passed').map(({ gate }) => gate)).toEqual(['constructor']);
  expect(state.status).toBe('pass');
});

test('a standalone validate step passes by its verdict', () => {
  const plan = planOf(judge);
  expect(play(plan, verdict({ pass: true })).state.status).toBe('pass');
  const failed = play(plan, verdict({ pass: false, comments: 'no' }));
  expect(failed.state.steps.judge?.reason).toBe('no');
});

test('a judge that tries again leaves no attempt of the next judgement with its number', () => {
  const plan = planOf(
    `  - name: loop
    steps:
      - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v}], retry: [{exit: 2}]}
      - {name: check, gate: [test]}
    retry: [{exit: 2}]`,
    {
      validators: {
        'validators/v':
          '  - {name: judge, type: validate, prompt: p, agent: codex, retry: [{exit: 3}]}\n  - {name: look, gate: [lint]}',
      },
    },
  );
  const { events } = play(plan, {
    agent: ({ stepKind, attempt }) => {
      if (stepKind !== 'validate') return {};
      return { verdict: attempt % 3 === 0 ? { pass: true } : { pass: false, comments: 'no' } };
    },
    gate: ({ label, attempt }) => (label === 'test' && attempt === 1 ? 'fail' : 'pass'),
  });
  const ids = only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids.filter((id) => id.includes('judge'))).toEqual([
    ...['loop/do/v/judge#1', 'loop/do/v/judge#2', 'loop/do/v/judge#3'],
    ...['loop/do/v/judge#4', 'loop/do/v/judge#5', 'loop/do/v/judge#6'],
  ]);
});
