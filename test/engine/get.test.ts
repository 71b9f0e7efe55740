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

const research = {
  research: `  - {name: find, type: code, prompt: "{query}", agent: codex}
  - {name: sum, type: code, prompt: "{find.output}", agent: codex}`,
};
const impl = (more = '', called: Readonly<Record<string, string>> = research) =>
  planOf(
    `  - name: impl
    type: code
    get:
      prompt: "{impl.state.find.output} {impl.state.sum.output}"
      workflow: research
      with: {query: "best practices for {spec}, attempt {attempt}"}
    run: {agent: claude}
    gate: [test]
    ${more}
  - {name: next, type: code, prompt: p, agent: claude}`,
    { called },
  );
const speaking: World = {
  agent: ({ path, attempt }) => ({ output: `${path}#${attempt} said`, costPerTurnUsd: 0.25 }),
};
const redAt =
  (last: number): World['gate'] & object =>
  ({ attempt }) =>
    attempt <= last ? { status: 'fail', reason: 'red' } : 'pass';

test('the called workflow runs once, before the first attempt, and its tree is where the step starts', () => {
  const plan = impl();
  const { events, state } = play(plan, speaking);
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual(['impl/get/find#1', 'impl/get/sum#1', 'impl#1', 'next#1']);
  const sum = stepOf(events, 'impl/get/sum').commit;
  expect(only(events, 'step_started')[2]).toMatchObject({ step: 'impl', base: sum });
  expect(stepOf(events, 'impl').start).toBe(sum);
  expect(value(plan, events, 'next', 'impl.diff')).toEqual(['diff', sum, stepOf(events, 'impl').commit]);
});

test("its state has values in the step's own templates, and behind the step", () => {
  const plan = impl();
  const { events } = play(plan, speaking);
  const launch = events.findIndex((event) => event.type === 'agent_launched' && event.step === 'impl');
  for (const [path, then] of [
    ['impl', events.slice(0, launch)],
    ['next', events],
  ] as const) {
    expect(value(plan, then, path, 'impl.state.find.output')).toBe('impl/get/find#1 said');
    expect(value(plan, then, path, 'impl/get/sum.output')).toBe('impl/get/sum#1 said');
    expect(value(plan, then, path, 'impl/get.output')).toBe('impl/get/sum#1 said');
  }
  expect(value(plan, events, 'next', 'impl.cost')).toBe('0.75');
  expect(value(plan, events, 'next', 'get.output')).toBeUndefined();
});

test('what is given to it is said by the step', () => {
  const plan = impl();
  const { events } = play(plan, speaking);
  expect(value(plan, events, 'impl/get/find', 'query')).toEqual([
    'template',
    'best practices for {spec}, attempt {attempt}',
    'impl',
  ]);
});

test('a retry of the step does not run it again', () => {
  const { events, state } = play(impl('retry: [{attempt: 2, worktree: reset}, {exit: 3}]'), {
    ...speaking,
    gate: redAt(1),
  });
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual(['impl/get/find#1', 'impl/get/sum#1', 'impl#1', 'impl#2', 'next#1']);
  expect(one(events, 'tree_reset').to).toBe(stepOf(events, 'impl/get/sum').commit);
});

test('its failure fails the step, and no attempt of the step starts', () => {
  const { events, state } = play(impl('retry: [{exit: 3}]'), {
    agent: ({ path }) => ({ outcome: path.endsWith('/sum') ? 'error' : 'ok' }),
  });
  expect(state.status).toBe('fail');
  expect(attempts(events)).toEqual(['impl/get/find#1', 'impl/get/sum#1']);
  expect(stepOf(events, 'impl')).toMatchObject({
    status: 'fail',
    reason: 'impl/get/sum: the agent crashed',
  });
});

test('its own steps retry as they say', () => {
  const plan = impl('', {
    research: '  - {name: find, type: code, prompt: p, agent: codex, gate: [lint], retry: [{exit: 2}]}',
  });
  const { events } = play(plan, { gate: redAt(1) });
  expect(attempts(events).slice(0, 2)).toEqual(['impl/get/find#1', 'impl/get/find#2']);
});

test('a run that failed in it goes on there', () => {
  const first = play(impl(), { agent: ({ path }) => ({ outcome: path.endsWith('/sum') ? 'error' : 'ok' }) });
  const again = carryOn(impl(), speaking, { past: first.events, opening: [resumeOf(impl())] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual(['impl/get/sum#2', 'impl#1', 'next#1']);
});

test('a run that failed behind it does not run it again', () => {
  const first = play(impl(), { ...speaking, gate: () => 'fail' });
  const again = carryOn(impl(), speaking, { past: first.events, opening: [resumeOf(impl())] });
  expect(again.state.status).toBe('pass');
  expect(attempts(again.events.slice(first.events.length))).toEqual(['impl#2', 'next#1']);
});

test('in a group that begins again it runs again, with attempt numbers that go on', () => {
  const plan = planOf(
    `  - name: loop
    steps:
      - {name: impl, type: code, prompt: p, agent: claude, workflow: research, with: {query: q}}
      - {name: check, gate: [test]}
    retry: [{exit: 2}]`,
    { called: research },
  );
  const { events } = play(plan, { gate: redAt(1) });
  expect(attempts(events).filter((id) => id.includes('/get/'))).toEqual([
    ...['loop/impl/get/find#1', 'loop/impl/get/sum#1', 'loop/impl/get/find#2', 'loop/impl/get/sum#2'],
  ]);
});

test.each(['split', 'validate'])('a %s asks before its agent, and nothing there may write', (kind) => {
  const each = kind === 'split' ? ', each: [{name: do, type: code, prompt: p, agent: claude}]' : '';
  const plan = planOf(
    `  - {name: plan, type: ${kind}, prompt: "{plan.state.find.output}", agent: claude, workflow: research, with: {query: q}${each}}`,
    { called: research },
  );
  const judging: string[] = [];
  const { events, state } = play(plan, {
    agent: (effect) => {
      if (effect.judging) judging.push(effect.id);
      if (effect.stepKind === 'split') return { tasks: [{ name: 'one', description: 'one' }] };
      return effect.stepKind === 'validate' ? {} : { output: 'found' };
    },
  });
  expect(state.status).toBe('pass');
  expect(judging).toEqual(['plan/get/find#1', 'plan/get/sum#1']);
  expect(stepOf(events, 'plan').start).toBe('b0');
});

test('a task cannot take the place where the called workflow has run', () => {
  const plan = planOf(
    '  - {name: plan, type: split, prompt: p, agent: claude, workflow: research, with: {query: q}, each: [{name: find, type: code, prompt: p, agent: claude}]}',
    { called: research },
  );
  const { state } = play(plan, {
    agent: ({ stepKind }) => (stepKind === 'split' ? { tasks: [{ name: 'get', description: 'd' }] } : {}),
  });
  expect(state.steps.plan).toMatchObject({ status: 'fail' });
  expect(state.steps.plan?.reason).toContain('no task may be named `get`');
});

test('inside a validator it counts with the judged attempt, and nothing in it may write', () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v}], retry: [{exit: 2}]}',
    {
      validators: {
        'validators/v':
          '  - {name: judge, type: validate, prompt: "{judge.state.find.output}", agent: codex, workflow: research, with: {query: q}}',
      },
      called: research,
    },
  );
  const { events, state } = play(plan, {
    agent: ({ stepKind, attempt, path }) => {
      if (stepKind !== 'validate') return { output: `${path} said` };
      return { verdict: attempt === 1 ? { pass: false, comments: 'no' } : { pass: true } };
    },
  });
  expect(state.status).toBe('pass');
  expect(attempts(events)).toEqual([
    ...['do#1', 'do/v/judge/get/find#1', 'do/v/judge/get/sum#1', 'do/v/judge#1'],
    ...['do#2', 'do/v/judge/get/find#2', 'do/v/judge/get/sum#2', 'do/v/judge#2'],
  ]);
});

test('an engine that is lost behind any event is followed by one that comes to the same end', () => {
  const plan = impl('retry: [{exit: 2}]');
  const world: World = { ...speaking, gate: redAt(1) };
  const whole = play(plan, world);
  expect(whole.state.status).toBe('pass');
  for (let cut = 1; cut < whole.events.length; cut++) {
    const past = whole.events.slice(0, cut);
    const again = carryOn(plan, world, { past, opening: takeOver(past, [resumeOf(plan)]) });
    expect(again.state.status).toBe('pass');
    expect(one(again.events, 'run_completed').commit).toBe(one(whole.events, 'run_completed').commit);
    expect(attempts(again.events)).toEqual([...new Set(attempts(again.events))]);
  }
});

test('of a branch beside others, what its called workflow has made is merged too', () => {
  const plan = planOf(
    `  - name: both
    parallel: true
    steps:
      - {name: one, type: code, prompt: p, agent: claude, workflow: research, with: {query: q}}
      - {name: two, type: code, prompt: p, agent: claude}`,
    { called: research },
  );
  const merges: unknown[] = [];
  const { events, state } = play(plan, {
    watch: (_, effects) => {
      for (const effect of effects) if (effect.kind === 'merge') merges.push([effect.branch, effect.base]);
    },
  });
  expect(state.status).toBe('pass');
  expect(stepOf(events, 'both/one').start).not.toBe('b0');
  expect(merges).toEqual([
    ['one', 'b0'],
    ['two', 'b0'],
  ]);
});
