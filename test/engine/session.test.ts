import { expect, test } from 'vitest';
import { only, planOf } from './given.ts';
import { play, type World } from './world.ts';

const failOnce: World = { gate: ({ attempt }) => (attempt === 1 ? 'fail' : 'pass') };

const withRetry = (entry: string) =>
  planOf(`  - name: do
    type: code
    prompt: build
    agent: claude-sonnet
    gate: [test]
    retry:
      - {attempt: 2, ${entry}}
      - exit: 2`);

const modes = (plan: ReturnType<typeof planOf>, world: World) =>
  only(play(plan, world).events, 'step_started').map(({ session_mode }) => session_mode);
const sessions = (plan: ReturnType<typeof planOf>, world: World) =>
  only(play(plan, world).events, 'agent_launched').map(({ session_id }) => session_id);
const notices = (plan: ReturnType<typeof planOf>, world: World) =>
  only(play(plan, world).events, 'notice').map(({ message }) => message);

test('the first attempt begins a new conversation', () => {
  expect(modes(withRetry('prompt: x'), {})).toEqual(['new']);
});

test('a retry continues its own last session', () => {
  const plan = withRetry('prompt: x');
  expect(modes(plan, failOnce)).toEqual(['new', 'resume']);
  expect(sessions(plan, failOnce)).toEqual([null, 's-do#1']);
});

test('session: new begins a new one', () => {
  expect(modes(withRetry('session: new'), failOnce)).toEqual(['new', 'new']);
  expect(notices(withRetry('session: new'), failOnce)).toEqual([]);
});

test('another model of the same family continues the session', () => {
  expect(sessions(withRetry('agent: claude-opus'), failOnce)).toEqual([null, 's-do#1']);
});

test('another family begins a new session, with a notice that names both', () => {
  const plan = withRetry('agent: codex-mini');
  expect(modes(plan, failOnce)).toEqual(['new', 'new']);
  expect(sessions(plan, failOnce)).toEqual([null, null]);
  expect(notices(plan, failOnce)).toEqual([
    'its own last session cannot be continued: it was held with claude-sonnet, this is codex-mini; a new one begins',
  ]);
});

test('a session that cannot be found is a notice and a new session, never a failure', () => {
  const world: World = { ...failOnce, agent: () => ({ session: null }) };
  const { state } = play(withRetry('prompt: x'), world);
  expect(state.status).toBe('pass');
  expect(notices(withRetry('prompt: x'), world)[0]).toContain('there is none; a new one begins');
});

test('an agent that names no session is told of once, not at every attempt', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: build, agent: claude, gate: [test], retry: [{exit: 5}]}',
    {},
  );
  const failing: World = {
    gate: ({ attempt }) => (attempt < 5 ? { status: 'fail', reason: 'x'.repeat(attempt) } : 'pass'),
  };
  expect(modes(plan, { ...failing, agent: () => ({ session: null }) })).toHaveLength(5);
  expect(notices(plan, { ...failing, agent: () => ({ session: null }) })).toEqual([
    'its own last session cannot be continued: there is none; a new one begins',
  ]);
});

const each = (more: string) =>
  planOf(`  - name: plan
    type: split
    prompt: cut it
    agent: claude-opus
    each:
      - name: converge
        type: code
        prompt: build
        agent: claude-sonnet
        gate: [test]
        retry: [{exit: 3}]
${more}`);

const twoTasks: World['agent'] = ({ stepKind }) =>
  stepKind === 'split'
    ? {
        tasks: [
          { name: 'a', description: 'a' },
          { name: 'b', description: 'b' },
        ],
      }
    : {};

test("from: continues that step's newest session, of the same task", () => {
  const plan = each(`      - name: smoke
        type: code
        prompt: smoke
        agent: claude-sonnet
        session: {from: converge}`);
  const { events } = play(plan, { agent: twoTasks });
  const smokes = only(events, 'step_started').filter(({ step }) => step.endsWith('smoke'));
  expect(smokes.map(({ session_mode, session_from }) => [session_mode, session_from])).toEqual([
    ['from', 'converge'],
    ['from', 'converge'],
  ]);
  const launched = only(events, 'agent_launched').filter(({ step }) => step.endsWith('smoke'));
  expect(launched.map(({ session_id }) => session_id)).toEqual([
    's-plan/a/converge#1',
    's-plan/b/converge#1',
  ]);
});

test('from: another family is a new session with a notice', () => {
  const plan = each(`      - name: smoke
        type: code
        prompt: smoke
        agent: codex
        session: {from: converge}`);
  const { events, state } = play(plan, { agent: twoTasks });
  expect(state.status).toBe('pass');
  expect(only(events, 'notice')).toHaveLength(2);
  expect(only(events, 'step_started').filter(({ step }) => step.endsWith('smoke'))[0]?.session_mode).toBe(
    'new',
  );
});

test('a retry of a step with from: continues its own session, not the other step again', () => {
  const plan = each(`      - name: smoke
        type: code
        prompt: smoke
        agent: claude-sonnet
        gate: [lint]
        session: {from: converge}
        retry: [{exit: 2}]`);
  const world: World = {
    agent: twoTasks,
    gate: ({ label, attempt }) => (label === 'lint' && attempt === 1 ? 'fail' : 'pass'),
  };
  const smokes = only(play(plan, world).events, 'step_started').filter(({ step }) => step.endsWith('smoke'));
  expect(smokes.map(({ session_mode }) => session_mode)).toEqual(['from', 'resume', 'from', 'resume']);
});

test('from: is found across a group within the task', () => {
  const plan = each(`      - name: after
        steps:
          - name: smoke
            type: code
            prompt: smoke
            agent: claude-sonnet
            session: {from: converge}`);
  const { events } = play(plan, { agent: twoTasks });
  const launched = only(events, 'agent_launched').filter(({ step }) => step.endsWith('smoke'));
  expect(launched.map(({ session_id }) => session_id)).toEqual([
    's-plan/a/converge#1',
    's-plan/b/converge#1',
  ]);
});
