import { expect, test } from 'vitest';
import { only, planOf } from './given.ts';
import { play, type World } from './world.ts';

const agents = (plan: ReturnType<typeof planOf>, world: World = {}) =>
  only(play(plan, world).events, 'step_started').map(({ step, agent }) => `${step}: ${agent}`);

const validators = {
  'validators/arch-review': `  - name: judge
    type: validate
    prompt: judge
    agent: "{agent}"`,
  'validators/plain': `  - name: judge
    type: validate
    prompt: judge`,
};

test("a step's own agent is launched", () => {
  expect(agents(planOf('  - {name: do, type: code, prompt: p, agent: claude-opus}'))).toEqual([
    'do: claude-opus',
  ]);
});

test('a step that names none gets the default', () => {
  const plan = planOf('  - {name: do, type: code, prompt: p}', { settings: { default_agent: 'codex' } });
  expect(agents(plan)).toEqual(['do: codex']);
});

test('--agent stands for every agent of the workflow, overrides and templates included', () => {
  const plan = planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude-opus
    gate: [test, {validate: validators/arch-review, agent: claude-haiku}]
    retry:
      - {attempt: 2, agent: gemini}
      - exit: 2
  - {name: after, type: code, prompt: p, agent: "{do.agent}"}`,
    { settings: { agent: 'codex' }, validators },
  );
  const world: World = { gate: ({ attempt }) => (attempt === 1 ? 'fail' : 'pass') };
  expect(new Set(agents(plan, world).map((line) => line.split(': ')[1]))).toEqual(new Set(['codex']));
});

test('--agent stands for a step that names none, without any default', () => {
  const plan = planOf('  - {name: do, type: code, prompt: p}', { settings: { agent: 'codex' } });
  const { events, state } = play(plan);
  expect(only(events, 'agent_launched').map(({ agent }) => agent)).toEqual(['codex']);
  expect(state.status).toBe('pass');
});

test('--agent launches nothing where the workflow says pass', () => {
  const plan = planOf('  - {name: do, type: code, agent: pass, gate: [test]}', {
    settings: { agent: 'codex' },
  });
  const { events, state } = play(plan);
  expect(only(events, 'agent_launched')).toEqual([]);
  expect(only(events, 'gate_passed')).toHaveLength(1);
  expect(state.status).toBe('pass');
});

test('pass launches nothing, and gates and retry still apply', () => {
  const plan = planOf('  - {name: do, type: code, agent: pass, gate: [test], retry: [{exit: 2}]}');
  const { events, state } = play(plan, { gate: () => 'fail' });
  expect(only(events, 'agent_launched')).toEqual([]);
  expect(only(events, 'gate_failed')).toHaveLength(2);
  expect(state.status).toBe('fail');
});

const chain = planOf(`  - name: converge
    type: code
    prompt: p
    agent: claude-sonnet
    gate: [test]
    retry:
      - {attempt: 2, agent: claude-opus}
      - exit: 3
  - name: smoke
    type: code
    prompt: p
    agent: {converge.agent}`);

test('a template takes the agent of another step', () => {
  expect(agents(chain)).toEqual(['converge: claude-sonnet', 'smoke: claude-sonnet']);
});

test('a template takes the agent that was escalated to', () => {
  const world: World = { gate: ({ attempt }) => (attempt === 1 ? 'fail' : 'pass') };
  expect(agents(chain, world).at(-1)).toBe('smoke: claude-opus');
});

test("a validator's step gets the gate's agent input, by template or because it names none itself", () => {
  const plan = planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude-sonnet
    gate:
      - {validate: validators/arch-review, agent: claude-opus}
      - {validate: validators/plain, agent: codex}`,
    { validators },
  );
  expect(agents(plan)).toEqual([
    'do: claude-sonnet',
    'do/review/judge: claude-opus',
    'do/plain/judge: codex',
  ]);
});

test("a validator's agent input may be a template of the judged step", () => {
  const plan = planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude-sonnet
    gate: [{validate: validators/arch-review, agent: "{do.agent}"}]`,
    { validators },
  );
  expect(agents(plan)).toEqual(['do: claude-sonnet', 'do/review/judge: claude-sonnet']);
});

test('an agent template without a value fails the attempt with the reason, and launches nothing', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: "{after.agent}"}\n  - {name: after, type: code, prompt: p, agent: codex}',
  );
  const { events, state } = play(plan);
  expect(only(events, 'agent_launched')).toEqual([]);
  expect(state.steps.do?.reason).toContain('no agent is named');
});

test('a validate or split whose agent turns out to be pass has failed: nothing gave a verdict or tasks', () => {
  const judging =
    '  - {name: judge, type: validate, prompt: p, agent: codex, retry: [{attempt: 2, agent: pass}, {exit: 2}]}';
  const { state } = play(planOf(judging), { agent: () => ({ output: '{"pass": false, "comments": "no"}' }) });
  expect(state.status).toBe('fail');
  expect(state.steps.judge?.reason).toMatch(/pass.*verdict/);
});
