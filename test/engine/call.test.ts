import { expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { lookUp } from '../../src/engine/values.ts';
import type { Event } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { one, only, placeAt, planOf, resumeOf, stepOf } from './given.ts';
import { carryOn, play, takeOver, type World } from './world.ts';

const attempts = (events: readonly Event[]) =>
  only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);

function value(plan: Plan, events: readonly Event[], path: string, name: string): unknown {
  const state = fold(events);
  const found = lookUp({ plan, state }, placeAt(plan, state, path), name);
  if (found?.kind === 'text') return found.text;
  if (found?.kind === 'template') return ['template', found.template, found.place.path];
  return found ? [found.kind, found.from, found.to] : undefined;
}

const setup = {
  setup: `  - {name: plan, type: code, prompt: "{query} {spec}", agent: claude}
  - {name: check, type: validate, prompt: p, agent: codex}
  - {name: make, type: code, prompt: "{plan.output}", agent: claude, gate: [test], retry: [{exit: 2}]}`,
};
const caller = planOf(
  `  - {name: setup, workflow: setup, with: {query: "what about {spec}"}}
  - {name: impl, type: code, prompt: p, agent: claude}`,
  { called: setup },
);
const speaking: World = {
  agent: ({ path, attempt, stepKind }) =>
    stepKind === 'validate'
      ? { verdict: { pass: true, comments: `looked at by ${path}` }, turns: 2, costPerTurnUsd: 0.5 }
      : { output: `${path}#${attempt} said`, turns: 1, costPerTurnUsd: 0.25, tokensPerTurn: 10 },
};

test("a called workflow's steps run below the calling step, in the same tree, each on top of the last", () => {
  const { events, state } = play(caller, speaking);
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual(['setup/plan#1', 'setup/check#1', 'setup/make#1', 'impl#1']);
  const started = only(events, 'step_started');
  const [plan, , make] = only(events, 'agent_completed').map(({ commit }) => commit);
  expect(started.map(({ base }) => base)).toEqual(['b0', plan, plan, make]);
  expect(one(events, 'group_started')).toMatchObject({ step: 'setup', step_type: 'call', base: 'b0' });
  expect(stepOf(events, 'setup').commit).toBe(make);
});

test('its inputs are templates of the caller, and win over names of its own', () => {
  const plan = planOf(
    `  - {name: first, type: code, prompt: p, agent: claude}
  - {name: setup, workflow: setup, with: {query: "{first.output}", spec: "another {spec}"}}`,
    { called: setup, spec: 'the spec' },
  );
  const { events } = play(plan, speaking);
  expect(value(plan, events, 'setup/plan', 'query')).toEqual(['template', '{first.output}', 'setup']);
  expect(value(plan, events, 'setup/plan', 'spec')).toEqual(['template', 'another {spec}', 'setup']);
  expect(value(plan, events, 'setup', 'spec')).toBe('the spec');
  expect(value(plan, events, 'first', 'spec')).toBe('the spec');
});

test("names that are no input are found in the caller's scope, from the inside out", () => {
  const plan = planOf(
    `  - {name: first, type: code, prompt: p, agent: claude}
  - {name: setup, workflow: w, with: {query: q}}`,
    { called: { w: '  - {name: look, type: code, prompt: "{first.output}", agent: claude}' } },
  );
  const { events } = play(plan, speaking);
  expect(value(plan, events, 'setup/look', 'first.output')).toBe('first#1 said');
});

test.each([
  ['setup.state.plan.output', 'setup/plan#1 said'],
  ['setup.state.check.comments', 'looked at by setup/check'],
  ['setup.state.make.gate.test', 'true'],
  ['setup.state.make.status', 'pass'],
  ['setup/plan.output', 'setup/plan#1 said'],
  ['setup.output', 'setup/make#1 said'],
  ['setup.status', 'pass'],
  ['setup.cost', '1.5'],
  ['setup.turns', '4'],
  ['setup.tokens_in', '20'],
  ['setup.duration', '3'],
  ['setup.state.nothing.output', undefined],
  ['setup.state.constructor.output', undefined],
])('after the call, {%s} is %j', (name, expected) => {
  const { events } = play(caller, speaking);
  expect(value(caller, events, 'impl', name)).toBe(expected);
});

test('.diff and .files of a call are those of everything in it', () => {
  const { events } = play(caller, speaking);
  const commit = stepOf(events, 'setup').commit;
  expect(value(caller, events, 'impl', 'setup.diff')).toEqual(['diff', 'b0', commit]);
  expect(value(caller, events, 'impl', 'setup.files')).toEqual(['files', 'b0', commit]);
});

test('a called workflow calls another, and its state is a key of the state', () => {
  const plan = planOf(
    `  - {name: outer, workflow: one}
  - {name: impl, type: code, prompt: p, agent: claude}`,
    {
      called: {
        one: '  - {name: inner, workflow: two, with: {x: "{spec}"}}',
        two: '  - {name: deep, type: code, prompt: "{x}", agent: claude}\n  - name: g\n    steps: [{name: child, type: code, prompt: p, agent: claude}]',
      },
      spec: 'the spec',
    },
  );
  const { events, state } = play(plan, speaking);
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual(['outer/inner/deep#1', 'outer/inner/g/child#1', 'impl#1']);
  expect(value(plan, events, 'impl', 'outer.state.inner.state.deep.output')).toBe('outer/inner/deep#1 said');
  expect(value(plan, events, 'impl', 'outer.state.inner.state.g/child.output')).toBe(
    'outer/inner/g/child#1 said',
  );
  expect(value(plan, events, 'impl', 'outer.output')).toBe('outer/inner/g/child#1 said');
  expect(value(plan, events, 'outer/inner/deep', 'x')).toEqual(['template', '{spec}', 'outer/inner']);
});

test('a call that fails fails as a sequence does, and the rest does not run', () => {
  const { events, state } = play(caller, { gate: () => ({ status: 'fail', reason: 'red' }) });
  expect(state.status).toBe('fail');
  expect(attempts(events)).toEqual(['setup/plan#1', 'setup/check#1', 'setup/make#1', 'setup/make#2']);
  expect(stepOf(events, 'setup')).toMatchObject({ status: 'fail', reason: 'setup/make: test: red' });
});

test('a call in a group that begins again is called again, with attempt numbers that go on', () => {
  const plan = planOf(
    `  - name: loop
    steps:
      - {name: setup, workflow: setup, with: {query: "{error}"}}
      - {name: check, gate: [lint]}
    retry: [{exit: 3}]`,
    { called: setup },
  );
  const { events, state } = play(plan, {
    gate: ({ label, attempt }) =>
      label === 'lint' && attempt === 1 ? { status: 'fail', reason: 'red' } : 'pass',
  });
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual([
    ...['loop/setup/plan#1', 'loop/setup/check#1', 'loop/setup/make#1', 'loop/check#1'],
    ...['loop/setup/plan#2', 'loop/setup/check#2', 'loop/setup/make#2', 'loop/check#2'],
  ]);
  const index = events.findIndex((event) => event.type === 'agent_launched' && event.attempt === 2);
  const then = events.slice(0, index);
  expect(value(plan, then, 'loop/setup/plan', 'query')).toEqual(['template', '{error}', 'loop/setup']);
  expect(value(plan, then, 'loop/setup', 'error')).toBe('loop/check: lint: red');
});

const split = {
  w: `  - name: cut
    type: split
    prompt: p
    agent: claude
    each: [{name: do, type: code, prompt: "{task.name}", agent: claude}]
  - {name: after, type: code, prompt: "{cut/one/do.output} {build/task-2/do.output}", agent: claude}`,
};
const twoTasks: World = {
  agent: ({ stepKind, path }) =>
    stepKind === 'split'
      ? { tasks: ['one', 'two'].map((name) => ({ name, description: name })) }
      : { output: `${path} said` },
};

test('a split in a called workflow runs its tasks there, and paths begin at the steps of the file', () => {
  const plan = planOf('  - {name: setup, workflow: w}\n  - {name: end, gate: [test]}', { called: split });
  const { events, state } = play(plan, twoTasks);
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual([
    ...['setup/cut#1', 'setup/cut/one/do#1', 'setup/cut/two/do#1', 'setup/after#1', 'end#1'],
  ]);
  expect(value(plan, events, 'setup/after', 'cut/one/do.output')).toBe('setup/cut/one/do said');
  expect(value(plan, events, 'setup/after', 'build/task-2/do.output')).toBe('setup/cut/two/do said');
  expect(value(plan, events, 'end', 'setup/cut/task-1/do.output')).toBe('setup/cut/one/do said');
  expect(value(plan, events, 'end', 'setup.state.cut/two/do.output')).toBe('setup/cut/two/do said');
});

test("a call in each task knows the task, and keeps to the task's files", () => {
  const plan = planOf(
    `  - name: cut
    type: split
    prompt: p
    agent: claude
    parallel: true
    each:
      - {name: work, workflow: w}
      - {name: use, type: code, prompt: "{work.output}", agent: claude}`,
    { called: { w: '  - {name: do, type: code, prompt: "{task.name}", agent: claude}' } },
  );
  const world = (changes: readonly string[]): World => ({
    agent: ({ stepKind, path }) =>
      stepKind === 'split'
        ? { tasks: [{ name: 'one', description: 'one', files: ['src'] }] }
        : { output: `${path} said`, changes },
  });
  const good = play(plan, world(['src/a.js']));
  expect(good.state.status).toBe('pass');
  expect(value(plan, good.events, 'cut/one/work/do', 'task.name')).toBe('one');
  expect(value(plan, good.events, 'cut/one/use', 'work.output')).toBe('cut/one/work/do said');
  const bad = play(plan, world(['lib/a.js']));
  expect(bad.state.status).toBe('fail');
  expect(stepOf(bad.events, 'cut/one/work').reason).toContain('outside the task "one": lib/a.js');
});

test('a validator that calls a workflow judges with it, and nothing in it may write', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v, diff: "{diff}"}]}',
    {
      validators: {
        'validators/v':
          '  - {name: look, workflow: w, with: {d: "{diff}"}}\n  - {name: judge, type: validate, prompt: "{look.output}", agent: codex}',
      },
      called: { w: '  - {name: read, type: code, prompt: "{d}", agent: claude}' },
    },
  );
  const judging: string[] = [];
  const { events, state } = play(plan, {
    agent: (effect) => {
      if (effect.judging) judging.push(effect.id);
      return effect.stepKind === 'code' ? { output: `${effect.path} said` } : {};
    },
  });
  expect(judging).toEqual(['do/v/look/read#1', 'do/v/judge#1']);
  expect(state.status).toBe('pass');
  const looked = events.findIndex((event) => event.type === 'step_started' && event.step === 'do/v/judge');
  const then = events.slice(0, looked + 1);
  expect(value(plan, then, 'do/v/judge', 'look.output')).toBe('do/v/look/read said');
  expect(value(plan, then, 'do/v/look/read', 'd')).toEqual(['template', '{diff}', 'do/v/look']);
  expect(value(plan, then, 'do/v/look', 'diff')).toEqual(['template', '{diff}', 'do']);
});

test('the input `agent` is who works where a step of the called workflow names nobody', () => {
  const plan = planOf(
    '  - {name: a, workflow: w, with: {agent: codex-x}}\n  - {name: b, workflow: w, with: {agent: "{a.state.do.agent}"}}',
    {
      called: {
        w: '  - {name: do, type: code, prompt: p}\n  - {name: own, type: code, prompt: p, agent: claude}',
      },
    },
  );
  const { events } = play(plan);
  expect(only(events, 'step_started').map(({ step, agent }) => [step, agent])).toEqual([
    ['a/do', 'codex-x'],
    ['a/own', 'claude'],
    ['b/do', 'codex-x'],
    ['b/own', 'claude'],
  ]);
});

test('a session cannot be continued out of a called workflow, nor into one', () => {
  const plan = planOf('  - {name: one, type: code, prompt: p, agent: claude}\n  - {name: c, workflow: w}', {
    called: {
      w: '  - {name: one, type: code, prompt: p, agent: claude}\n  - {name: two, type: code, prompt: p, agent: claude, session: {from: one}}',
    },
  });
  const { events } = play(plan);
  const launched = only(events, 'agent_launched').map(({ step, session_id }) => [step, session_id]);
  expect(launched).toEqual([
    ['one', null],
    ['c/one', null],
    ['c/two', 's-c/one#1'],
  ]);
});

test('a person is asked within a called workflow as anywhere', () => {
  const plan = planOf('  - {name: c, workflow: w}', {
    called: { w: '  - {name: do, type: code, prompt: p, agent: claude, hitl: after_gate}' },
    settings: { pause_after: 'c/do' },
  });
  const asked: string[] = [];
  const { state } = play(plan, { person: (step) => asked.push(step) > 0 });
  expect(asked).toEqual(['c/do', 'c/do']);
  expect(state.status).toBe('pass');
});

const everything = planOf(
  `  - {name: setup, workflow: setup, with: {query: q}}
  - name: loop
    steps:
      - {name: cut, workflow: w}
      - {name: impl, type: code, agent: claude, prompt: p, gate: [lint]}
    retry: [{exit: 2}]`,
  { called: { ...setup, ...split } },
);
const hard: World = {
  agent: (effect) =>
    effect.stepKind === 'validate' ? {} : { ...twoTasks.agent?.(effect), turns: 2, costPerTurnUsd: 0.1 },
  gate: ({ label, attempt }) =>
    attempt === 1 && label !== 'schema' ? { status: 'fail', reason: 'red' } : 'pass',
};

test('an engine that is lost behind any event of a called workflow is followed by one that comes to the same end', () => {
  const whole = play(everything, hard);
  expect(whole.state.status).toBe('pass');
  for (let cut = 1; cut < whole.events.length; cut++) {
    const past = whole.events.slice(0, cut);
    const again = carryOn(everything, hard, { past, opening: takeOver(past, [resumeOf(everything)]) });
    expect(again.state.status).toBe('pass');
    expect(one(again.events, 'run_completed').commit).toBe(one(whole.events, 'run_completed').commit);
    expect(attempts(again.events)).toEqual([...new Set(attempts(again.events))]);
    const done = new Set(only(past, 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`));
    const more = only(again.events.slice(cut), 'agent_launched');
    expect(more.filter(({ step, attempt }) => done.has(`${step}#${attempt}`))).toEqual([]);
  }
});

test('a run that failed in a called workflow goes on there, with a new allowance', () => {
  const first = play(caller, { ...speaking, gate: () => 'fail' });
  const again = carryOn(caller, speaking, { past: first.events, opening: [resumeOf(caller)] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual(['setup/make#3', 'impl#1']);
});
