import { expect, test } from 'vitest';
import type { AgentEffect, MergeEffect } from '../../src/engine/effect.ts';
import { fold } from '../../src/engine/evolve.ts';
import { lookUp } from '../../src/engine/values.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { eventsOf, one, only, placeAt, planOf, resumeOf, stepOf } from './given.ts';
import { carryOn, type Played, play, type World } from './world.ts';

const code = (name: string, more = '') =>
  `{name: ${name}, type: code, prompt: "do {error}", agent: claude${more}}`;
const group = (children: readonly string[], more = '', settings = {}) =>
  planOf(
    `  - {name: first, type: code, prompt: p, agent: claude}
  - name: side
    parallel: true
    steps:
${children.map((child) => `      - ${child}`).join('\n')}
${more}`,
    { settings },
  );
const abc = group([code('a', ', gate: [test]'), code('b', ', gate: [test]'), code('c', ', gate: [test]')]);
const late: World = { pick: (count) => count - 1 };
const failing = (path: string, attempts = Number.POSITIVE_INFINITY): World => ({
  gate: (effect) =>
    effect.path === path && effect.attempt <= attempts ? { status: 'fail', reason: 'red' } : 'pass',
});
const merged = ({ events }: Pick<Played, 'events'>) => only(events, 'task_merged').map(({ task }) => task);
const attempts = ({ events }: Pick<Played, 'events'>) =>
  only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);

/** The run, and every merge and launch that it asked for, each once. */
function watched(plan: Plan, world: World = {}) {
  const merges = new Map<string, MergeEffect>();
  const agents = new Map<string, AgentEffect>();
  const watch: World['watch'] = (_, effects) => {
    for (const effect of effects) {
      if (effect.kind === 'merge') merges.set(effect.id, effect);
      if (effect.kind === 'agent') agents.set(effect.id, effect);
    }
  };
  return { played: play(plan, { ...world, watch }), merges, agents };
}

test('the children of a parallel group start from the commit of its round, each in a tree of its own', () => {
  const { played, agents } = watched(abc, late);
  const start = one(played.events, 'group_started').base;
  expect(start).toBe(stepOf(played.events, 'first').commit);
  const scopes = ['side/a#1', 'side/b#1', 'side/c#1'].map((id) => [
    agents.get(id)?.scope,
    agents.get(id)?.base,
  ]);
  expect(scopes).toEqual(['side/a', 'side/b', 'side/c'].map((scope) => [scope, start]));
});

test('they are merged in declaration order, and the group passes with the line behind the last', () => {
  const { played, merges } = watched(abc, late);
  expect(merged(played)).toEqual(['a', 'b', 'c']);
  expect([...merges.values()].map(({ scope }) => scope)).toEqual(['', '', '']);
  expect(stepOf(played.events, 'side')).toMatchObject({
    status: 'pass',
    commit: only(played.events, 'task_merged').at(-1)?.commit,
  });
});

test("a child's failure leaves the others merged, and the run says what to do", () => {
  const played = play(abc, { ...late, ...failing('side/b') });
  expect(merged(played)).toEqual(['a', 'c']);
  const reason = 'side/b: test: red; 2 of 3 are merged, and a resume of the run does the rest on top of them';
  expect(stepOf(played.events, 'side')).toMatchObject({ status: 'fail', reason });
  expect(one(played.events, 'run_completed').commit).toBe(only(played.events, 'task_merged').at(-1)?.commit);
});

test('a resume does what failed again, in its own tree, and merges it on top of the rest', () => {
  const first = play(abc, failing('side/b'));
  const line = only(first.events, 'task_merged').at(-1)?.commit;
  const again = carryOn(abc, {}, { past: first.events, opening: [resumeOf(abc)] });
  const more = { events: again.events.slice(first.events.length) };
  expect(again.state.status).toBe('pass');
  expect(attempts(more)).toEqual(['side/b#2']);
  expect(only(more.events, 'step_started')[0]?.base).toBe(stepOf(first.events, 'side/b').commit);
  expect(again.state.steps.side?.merges.b?.onto).toBe(line);
});

test('retry starts the whole group again, from what is merged, with the error known', () => {
  const plan = group([code('a'), code('b', ', gate: [test]')], '    retry: [{exit: 3}]');
  const played = play(plan, failing('side/b', 1));
  expect(played.state.status).toBe('pass');
  const [, second] = only(played.events, 'group_started');
  expect(second).toMatchObject({ round: 2, reason: 'side/b: test: red' });
  expect(second?.base).toBe(only(played.events, 'task_merged')[0]?.commit);
  expect(attempts(played)).toEqual(['first#1', 'side/a#1', 'side/b#1', 'side/a#2', 'side/b#2']);
  expect(merged(played)).toEqual(['a', 'a', 'b']);
  const index = played.events.findIndex((event) => event.type === 'agent_launched' && event.attempt === 2);
  const state = fold(played.events.slice(0, index));
  expect(lookUp({ plan, state }, placeAt(plan, state, 'side/a'), 'error')).toEqual({
    kind: 'text',
    text: 'side/b: test: red',
  });
});

test('a child that conflicts is done again on a resume, on top of what is merged, and its numbers go on', () => {
  const conflicting: World = { conflicts: ({ branch }) => branch === 'b' };
  const first = play(abc, conflicting);
  expect(merged(first)).toEqual(['a', 'c']);
  expect(stepOf(first.events, 'side').reason).toContain('conflict; 2 of 3 are merged');
  const line = only(first.events, 'task_merged').at(-1)?.commit;
  const again = carryOn(abc, {}, { past: first.events, opening: [resumeOf(abc)] });
  const more = { events: again.events.slice(first.events.length) };
  expect(attempts(more)).toEqual(['side/b#2']);
  expect(only(more.events, 'step_started')[0]?.base).toBe(line);
  expect(again.state.status).toBe('pass');
});

test('as often as a child conflicts, a resume does it again', () => {
  const conflicting: World = { conflicts: ({ branch }) => branch !== 'a' };
  const first = play(abc, conflicting);
  const second = carryOn(abc, conflicting, { past: first.events, opening: [resumeOf(abc)] });
  expect(merged(second)).toEqual(['a', 'b']);
  expect(second.state.status).toBe('fail');
  const third = carryOn(abc, conflicting, { past: second.events, opening: [resumeOf(abc)] });
  expect(merged(third)).toEqual(['a', 'b', 'c']);
  expect(attempts(third).slice(4)).toEqual(['side/b#2', 'side/c#2', 'side/c#3']);
  expect(third.state.status).toBe('pass');
});

const split = (parallel: boolean, body: string) => `
          name: plan
          type: split
          parallel: ${parallel}
          prompt: cut
          agent: claude
          each:
            - ${body}`;
const cut = (...names: string[]): World => ({
  agent: ({ stepKind }) =>
    stepKind === 'split' ? { tasks: names.map((name) => ({ name, description: name })) } : {},
});

test('a parallel split in a parallel group merges its tasks into the line of its branch', () => {
  const plan = group([
    split(true, code('do'))
      .trimStart()
      .replace(/\n {10}/g, '\n        '),
    code('b'),
  ]);
  const { played, merges, agents } = watched(plan, { ...late, ...cut('x', 'y') });
  expect(played.state.status).toBe('pass');
  expect(agents.get('side/plan/x/do#1')?.scope).toBe('side/plan/x');
  expect(merges.get('side/plan/x/merge')?.scope).toBe('side/plan');
  expect(merges.get('side/plan/merge')).toMatchObject({
    scope: '',
    theirs: stepOf(played.events, 'side/plan').commit,
    base: one(played.events, 'group_started').base,
  });
});

test('a group in a parallel group runs in turn, in one tree', () => {
  const plan = group([
    `name: inner\n        steps:\n          - ${code('x')}\n          - ${code('y')}`,
    code('b'),
  ]);
  const { played, agents } = watched(plan, late);
  expect([agents.get('side/inner/x#1')?.scope, agents.get('side/inner/y#1')?.scope]).toEqual([
    'side/inner',
    'side/inner',
  ]);
  expect(agents.get('side/inner/y#1')?.base).toBe(stepOf(played.events, 'side/inner/x').commit);
});

test('a parallel group in a task merges into the tree of the task', () => {
  const plan = planOf(`  - name: plan
    type: split
    parallel: true
    prompt: cut
    agent: claude
    each:
      - name: pair
        parallel: true
        steps: [${code('x')}, ${code('y')}]
      - ${code('last')}`);
  const { played, merges, agents } = watched(plan, { ...late, ...cut('t', 'u') });
  expect(played.state.status).toBe('pass');
  expect(merges.get('plan/t/pair/x/merge')?.scope).toBe('plan/t');
  expect(agents.get('plan/t/last#1')).toMatchObject({
    scope: 'plan/t',
    base: stepOf(played.events, 'plan/t/pair').commit,
  });
});

const nested = (max_parallel: number) =>
  planOf(
    `  - name: outer
    type: split
    parallel: true
    prompt: cut
    agent: claude
    each:
      - name: inner
        parallel: true
        steps: [${code('x')}, ${code('y')}, ${code('z')}]`,
    { settings: { max_parallel } },
  );

test.each([1, 2, 3, 5, 9])(
  'nested branches share max_parallel (%i), they do not multiply it',
  (max_parallel) => {
    const played = play(nested(max_parallel), {
      ...cut('a', 'b', 'c'),
      pick: (count, seq) => (seq * 7) % count,
    });
    expect(played.flightsMax).toBe(max_parallel);
    expect(played.state.status).toBe('pass');
  },
);

test('places are given in declaration order: a task is finished before a later one is begun', () => {
  const played = play(nested(2), cut('a', 'b', 'c'));
  const works = attempts(played).filter((id) => id !== 'outer#1');
  expect(works).toEqual(
    ['a', 'b', 'c'].flatMap((task) => ['x', 'y', 'z'].map((step) => `outer/${task}/inner/${step}#1`)),
  );
});

test('an attempt keeps its place while its gates run', () => {
  const two = group([code('a', ', gate: [test]'), code('b')], '', { max_parallel: 1 });
  const { events } = play(two, {});
  const order = events.flatMap((event) =>
    event.type === 'gate_passed' || event.type === 'agent_launched' ? [`${event.type} ${event.step}`] : [],
  );
  expect(order).toEqual([
    'agent_launched first',
    'agent_launched side/a',
    'gate_passed side/a',
    'agent_launched side/b',
  ]);
});

test('whatever a sibling has said, it has no value beside it', () => {
  const { events, state } = play(abc, {});
  const at = (path: string) => placeAt(abc, state, path);
  for (const name of ['b.output', 'side/b.output'])
    expect(lookUp({ plan: abc, state }, at('side/a'), name)).toBeUndefined();
  expect(lookUp({ plan: abc, state }, at('side/a'), 'first.output')).toEqual({ kind: 'text', text: 'done' });
  expect(lookUp({ plan: abc, state }, at('first'), 'side/b.output')).toEqual({ kind: 'text', text: 'done' });
  expect(only(events, 'notice')).toEqual([]);
});

test('a limit of the run closes every branch, and what was merged stays', () => {
  const plan = planOf(
    `  - name: side
    parallel: true
    steps: [${code('a')}, ${code('b')}, ${code('c')}]`,
    { root: 'max_budget: 3' },
  );
  const dear: World = {
    pick: (count, seq) => seq % count,
    agent: ({ path }) => (path === 'side/a' ? {} : { turns: 9, costPerTurnUsd: 0.5 }),
  };
  const { events, state } = play(plan, dear);
  expect(state.status).toBe('fail');
  expect(merged({ events })).toEqual(['a']);
  expect(only(events, 'step_completed').map(({ step, status }) => `${step} ${status}`)).toEqual([
    'side/a pass',
    'side/b fail',
    'side/c fail',
    'side fail',
  ]);
  expect(one(events, 'run_completed').commit).toBe(one(events, 'task_merged').commit);
  const again = carryOn(plan, {}, { past: events, opening: [resumeOf(plan, { max_budget: 10 })] });
  expect(again.state.status).toBe('pass');
  expect(attempts({ events: again.events.slice(events.length) })).toEqual(['side/b#2', 'side/c#2']);
});

test('a merge of a branch that nobody knows changes nothing', () => {
  const { events, state } = play(abc, {});
  const [stray] = eventsOf([{ type: 'task_merged', step: 'side', task: 'nobody', commit: 'x' }], events);
  if (!stray) throw new Error('no event');
  const { seq: _, at: __, activeMs: ___, ...rest } = fold([...events, stray]);
  expect({ ...state, ...rest }).toEqual(state);
});
