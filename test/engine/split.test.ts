import { expect, test } from 'vitest';
import { one, only, planOf, resumeOf } from './given.ts';
import { carryOn, play, type World } from './world.ts';

const plan = (parallel: boolean, more = '', settings = {}) =>
  planOf(
    `  - name: plan
    type: split
    parallel: ${parallel}
    prompt: cut
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [test]}
${more}`,
    { settings },
  );
const named = (names: readonly string[]) => names.map((name) => ({ name, description: name }));
const tasks =
  (...names: string[]): NonNullable<World['agent']> =>
  ({ stepKind }) =>
    stepKind === 'split' ? { tasks: named(names) } : {};

test('tasks run in declaration order, each on top of the last', () => {
  const { events, state } = play(plan(false), { agent: tasks('b', 'a', 'c') });
  const ends = only(events, 'agent_completed').filter(({ step }) => step.endsWith('/do'));
  const starts = only(events, 'step_started').filter(({ step }) => step.endsWith('/do'));
  expect(starts.map(({ step }) => step)).toEqual(['plan/b/do', 'plan/a/do', 'plan/c/do']);
  expect(starts.slice(1).map(({ base }) => base)).toEqual(ends.slice(0, 2).map(({ commit }) => commit));
  expect(one(events, 'run_completed').commit).toBe(ends[2]?.commit);
  expect(state.status).toBe('pass');
});

test.each([
  ['10', '9', '1'],
  ['constructor', 'toString', '__proto__'],
])('task names such as %s, %s and %s are names like any other', (...names) => {
  const { events, state } = play(plan(false), { agent: tasks(...names) });
  expect(state.status).toBe('pass');
  expect(only(events, 'task_started').map(({ task, index }) => `${index} ${task}`)).toEqual(
    names.map((name, index) => `${index + 1} ${name}`),
  );
  expect(play(plan(true), { agent: tasks(...names) }).state.status).toBe('pass');
});

test('an empty plan is told as a warning, once', () => {
  const plan = planOf(
    '  - {name: plan, type: split, prompt: p, agent: claude, each: [{name: do, type: code, prompt: p, agent: claude}]}',
  );
  const { events, state } = play(plan, { agent: () => ({ tasks: [] }) });
  expect(state.status).toBe('pass');
  expect(only(events, 'notice')).toMatchObject([
    { step: 'plan', message: 'the list of tasks is empty: the steps of `each` do not run' },
  ]);
});

test('an empty plan runs the body zero times and passes', () => {
  const { events, state } = play(plan(false), { agent: tasks() });
  expect(state.status).toBe('pass');
  expect(only(events, 'task_started')).toEqual([]);
});

test('in turn, a failed task ends the split, and the reason names the step', () => {
  const world: World = {
    agent: tasks('a', 'b'),
    gate: ({ path }) => (path === 'plan/a/do' ? 'fail' : 'pass'),
  };
  const { events, state } = play(plan(false), world);
  expect(only(events, 'task_started')).toHaveLength(1);
  expect(state.steps.plan?.reason).toContain('plan/a/do');
});

test('tasks whose names cannot be paths fail the split, even without a schema gate', () => {
  const { state, events } = play(plan(false), { agent: tasks('../../etc') });
  expect(state.status).toBe('fail');
  expect(only(events, 'task_started')).toEqual([]);
});

test("the split's own retry asks for a new list; it does not run the tasks again", () => {
  const retried = plan(false, '    gate: [schema]\n    retry: [{exit: 2}]');
  const world: World = {
    agent: tasks('a'),
    gate: ({ label, attempt }) => (label === 'schema' && attempt === 1 ? 'fail' : 'pass'),
  };
  expect(
    only(play(retried, world).events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`),
  ).toEqual(['plan#1', 'plan#2', 'plan/a/do#1']);
  const failing: World = { agent: tasks('a'), gate: ({ label }) => (label === 'test' ? 'fail' : 'pass') };
  expect(only(play(retried, failing).events, 'retry_triggered')).toEqual([]);
});

const sideBySide: World = {
  agent: tasks('a', 'b', 'c', 'd', 'e', 'f'),
  pick: (count, seq) => (seq * 7) % count,
};

test('parallel tasks all start from the commit of the split', () => {
  const { events } = play(plan(true), sideBySide);
  expect(new Set(only(events, 'task_started').map(({ base }) => base))).toEqual(new Set(['b0']));
});

test.each([1, 2, 4, 6])('at most max_parallel (%i) run at once', (max_parallel) => {
  expect(play(plan(true, '', { max_parallel }), sideBySide).flightsMax).toBe(max_parallel);
});

test('branches are merged in declaration order, whichever ends first', () => {
  const world: World = { ...sideBySide, pick: (count) => count - 1 };
  const { events, state } = play(plan(true), world);
  expect(only(events, 'task_merged').map(({ task }) => task)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(state.steps.plan?.commit).toBe(only(events, 'task_merged').at(-1)?.commit);
});

test("one task's failure never touches another's finished work", () => {
  const world: World = { ...sideBySide, gate: ({ path }) => (path === 'plan/b/do' ? 'fail' : 'pass') };
  const { events, state } = play(plan(true), world);
  expect(state.status).toBe('fail');
  expect(only(events, 'task_merged').map(({ task }) => task)).toEqual(['a', 'c', 'd', 'e', 'f']);
  expect(state.steps.plan?.commit).toBe(only(events, 'task_merged').at(-1)?.commit);
});

test('a conflict fails its task, the rest stays merged', () => {
  const { events, state } = play(plan(true), { ...sideBySide, conflicts: ({ branch }) => branch === 'c' });
  expect(state.steps.plan?.reason).toBe(
    'conflict; 5 of 6 are merged, and a resume of the run does the rest on top of them',
  );
  expect(only(events, 'task_merged').map(({ task }) => task)).toEqual(['a', 'b', 'd', 'e', 'f']);
});

test('a task that passes after a resume is merged on top of what was merged before', () => {
  const split = plan(true);
  const first = play(split, { ...sideBySide, gate: ({ path }) => (path === 'plan/b/do' ? 'fail' : 'pass') });
  const line = only(first.events, 'task_merged').at(-1)?.commit;
  const ours: string[] = [];
  const watch: World['watch'] = (_, effects) => {
    for (const effect of effects) if (effect.kind === 'merge') ours.push(effect.ours);
  };
  const again = carryOn(split, { ...sideBySide, watch }, { past: first.events, opening: [resumeOf(split)] });
  expect(again.state.status).toBe('pass');
  expect(new Set(ours)).toEqual(new Set([line]));
  expect(one(again.events.slice(first.events.length), 'run_completed').commit).toBe(
    only(again.events, 'task_merged').at(-1)?.commit,
  );
});
