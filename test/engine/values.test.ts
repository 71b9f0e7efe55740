import { expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { lookUp } from '../../src/engine/values.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { type NameGroupId, templateNames, writtenNames } from '../../src/workflow/template-names.ts';
import { placeAt, planOf } from './given.ts';
import { play, type World } from './world.ts';

const plan = planOf(
  `  - name: decompose
    type: split
    prompt: cut
    agent: claude-opus
    each:
      - name: converge
        type: code
        prompt: build
        agent: claude-sonnet
        gate:
          - test
          - validate: validators/arch-review
            diff: "{diff}"
            task: "{task.name} of {spec}"
        retry: [{exit: 3}]
      - name: smoke
        type: code
        prompt: smoke
        agent: "{converge.agent}"
        gate: [lint]
        retry: [{exit: 2}]
  - name: quality
    gate: [lint]`,
  {
    spec: 'the spec with {id}',
    validators: {
      'validators/arch-review': '  - {name: judge, type: validate, prompt: "{task}", agent: claude-opus}',
    },
  },
);

/** Task one passes its tests at attempt 2 and its review then; task two passes at once; everything costs a dollar. */
const world: World = {
  agent: ({ stepKind, path, attempt }) => {
    const cost = { turns: 2, costPerTurnUsd: 0.5, tokensPerTurn: 10 };
    if (stepKind === 'split')
      return {
        ...cost,
        tasks: [
          { name: 'greet', description: 'say hello', files: ['src/x.js', 'test/x.js'] },
          { name: 'leave', description: 'say bye' },
        ],
      };
    if (stepKind === 'validate')
      return { ...cost, verdict: { pass: true, comments: `looked at ${path}#${attempt}`, findings: [] } };
    return { ...cost, output: `did ${path}#${attempt}` };
  },
  gate: ({ path, label, attempt }) =>
    path === 'decompose/greet/converge' && label === 'test' && attempt === 1
      ? { status: 'fail', reason: 'one test failed' }
      : 'pass',
};
const { events } = play(plan, world);

/** The state right before the first event that fits. */
function before(fits: (event: (typeof events)[number]) => boolean) {
  return fold(events.slice(0, events.findIndex(fits)));
}
const at = (type: string, step: string, attempt: number) => (event: (typeof events)[number]) =>
  event.type === type &&
  'step' in event &&
  event.step === step &&
  'attempt' in event &&
  event.attempt === attempt;

function value(state: ReturnType<typeof fold>, path: string, name: string, of: Plan = plan): unknown {
  const found = lookUp({ plan: of, state }, placeAt(of, state, path), name);
  if (!found) return undefined;
  if (found.kind === 'text') return found.text;
  return found.kind === 'template'
    ? ['template', found.template, found.place.path]
    : ['diff', found.from, found.to];
}

const second = before(at('agent_launched', 'decompose/greet/converge', 2));
const inSmoke = before(at('agent_launched', 'decompose/greet/smoke', 1));
const inJudge = before(at('agent_launched', 'decompose/greet/converge/review/judge', 2));
const end = fold(events);
const converge = 'decompose/greet/converge';
const base = second.steps.decompose?.tasks.greet?.steps.converge;

test.each([
  ['spec', 'the spec with {id}'],
  ['task.name', 'greet'],
  ['task.description', 'say hello'],
  ['task.files', 'src/x.js, test/x.js'],
  ['attempt', '2'],
  ['error', 'test: one test failed'],
  ['gate.test', 'false'],
  ['gate.test.error', 'one test failed'],
  ['gate.review', 'true'],
  ['gate.arch-review', 'true'],
  ['gate.review.comments', 'looked at decompose/greet/converge/review/judge#1'],
  ['gate.review.error', ''],
  ['prev.attempt', '1'],
  ['prev.error', 'test: one test failed'],
  ['prev.gate.test', 'false'],
  ['prev.gate.review.comments', 'looked at decompose/greet/converge/review/judge#1'],
  ['prev.output', 'did decompose/greet/converge#1'],
  ['prev.agent', 'claude-sonnet'],
  ['run.id', 'r1'],
  ['run.cost', '3'],
  ['run.tokens', '60'],
])('on a retry, {%s} is %j', (name, expected) => {
  expect(value(second, converge, name)).toBe(expected);
});

test('run.duration is in whole seconds of work', () => {
  expect(value(second, converge, 'run.duration')).toBe(String(second.seq - 1));
});

test.each([
  'error',
  'gate.test',
  'gate.review.comments',
  'prev.error',
  'prev.diff',
  'prev.gate.review.comments',
])('at the first attempt, {%s} has no value', (name) => {
  const first = before(at('agent_launched', converge, 1));
  expect(value(first, converge, name)).toBeUndefined();
});

test("diff is the step's change so far, from the step's start", () => {
  const diff = value(second, converge, 'diff');
  expect(diff).toEqual(['diff', 'b0', base?.previous?.end?.commit]);
  expect(value(second, converge, 'prev.diff')).toEqual(diff);
});

test('diff of a step that changes nothing itself is what it and its gates judge: the change of the run, not an empty one', () => {
  const judging = planOf(
    `  - {name: make, type: code, prompt: p, agent: claude}
  - name: quality
    gate: [{bash: "x {diff}"}]
  - {name: again, type: code, agent: pass, gate: [{bash: "x {diff}"}]}
  - {name: judge, type: validate, prompt: "{diff}", agent: claude}
  - {name: further, type: split, prompt: "{diff}", agent: claude, each: [{name: m, type: code, prompt: p, agent: claude}]}`,
  );
  const played = play(judging, {
    agent: ({ path }) => (path === 'judge' ? { verdict: { pass: true } } : { output: 'done' }),
  });
  const last = fold(played.events);
  const made = last.steps.make?.commit;
  expect(made).not.toBe(judging.base);
  expect(value(last, 'quality', 'diff', judging)).toEqual(['diff', judging.base, made]);
  expect(value(last, 'again', 'diff', judging)).toEqual(['diff', judging.base, made]);
  expect(value(last, 'judge', 'diff', judging)).toEqual(['diff', judging.base, made]);
  expect(value(last, 'further', 'diff', judging)).toEqual(['diff', judging.base, made]);
  expect(value(last, 'quality', 'make.diff', judging)).toEqual(['diff', judging.base, made]);
});

test('a name that means nothing has no value', () => {
  expect(value(second, converge, 'nothing')).toBeUndefined();
  expect(value(second, converge, 'nothing.at.all')).toBeUndefined();
  expect(value(second, converge, 'task.nothing')).toBeUndefined();
  expect(value(second, converge, 'smoke.output')).toBeUndefined();
});

test.each([
  ['output', 'did decompose/greet/converge#2'],
  ['files', 'src/x.js'],
  ['agent', 'claude-sonnet'],
  ['session_id', 's-decompose/greet/converge#1'],
  ['cost', '4'],
  ['turns', '8'],
  ['tokens_in', '80'],
  ['tokens_out', '0'],
  ['duration', '2'],
  ['status', 'pass'],
  ['attempt', '2'],
  ['gate.test', 'true'],
  ['gate.review', 'true'],
  ['gate.review.comments', 'looked at decompose/greet/converge/review/judge#2'],
])('a sibling that ran before: {converge.%s} is %j', (field, expected) => {
  expect(value(inSmoke, 'decompose/greet/smoke', `converge.${field}`)).toBe(expected);
});

test("a sibling's diff goes from its start to its commit", () => {
  const step = inSmoke.steps.decompose?.tasks.greet?.steps.converge;
  expect(value(inSmoke, 'decompose/greet/smoke', 'converge.diff')).toEqual(['diff', 'b0', step?.commit]);
});

test('an enclosing scope is looked through from the inside out', () => {
  expect(value(inSmoke, 'decompose/greet/smoke', 'decompose.agent')).toBe('claude-opus');
});

test('another task is not in scope by its step name, but a full path always works', () => {
  const state = before(at('agent_launched', 'decompose/leave/smoke', 1));
  expect(value(state, 'decompose/leave/smoke', 'converge.output')).toBe('did decompose/leave/converge#1');
  expect(value(state, 'decompose/leave/smoke', 'decompose/greet/converge.output')).toBe(
    'did decompose/greet/converge#2',
  );
});

test.each([
  'build/task-1/converge.output',
  'decompose/task-1/converge.output',
  'build/greet/converge.output',
])('the shown path {%s} works like the stored one', (name) => {
  expect(value(end, 'quality', name)).toBe('did decompose/greet/converge#2');
});

test('a task that does not exist has no value by its number either', () => {
  expect(value(end, 'quality', 'build/task-3/converge.output')).toBeUndefined();
});

test("a validator's inputs win over every built-in name, as templates of the step that it judges", () => {
  const judge = `${converge}/review/judge`;
  expect(value(inJudge, judge, 'diff')).toEqual(['template', '{diff}', converge]);
  expect(value(inJudge, judge, 'task')).toEqual(['template', '{task.name} of {spec}', converge]);
  expect(value(inJudge, converge, 'diff')).toEqual([
    'diff',
    'b0',
    inJudge.steps.decompose?.tasks.greet?.steps.converge?.attempt?.end?.commit,
  ]);
});

test('what a validator is not given, it finds as the step does', () => {
  const judge = `${converge}/review/judge`;
  expect(value(inJudge, judge, 'spec')).toBe('the spec with {id}');
  expect(value(inJudge, judge, 'task.name')).toBe('greet');
  expect(value(inJudge, judge, 'attempt')).toBe('2');
});

const reason = (of: World, name = 'error', kind = 'code') => {
  const small = planOf(
    `  - {name: plan, type: split, prompt: p, agent: claude, each: [{name: do, type: ${kind}, prompt: p, agent: claude, retry: [{exit: 2}]}]}`,
  );
  const all = play(small, of).events;
  const start = all.findIndex((event) => event.type === 'agent_launched' && event.attempt === 2);
  return value(fold(all.slice(0, start)), 'plan/a/do', name, small);
};
const tasks = [{ name: 'a', description: 'a', files: ['a.js'] }];

test('error tells of files outside the task', () => {
  const error = reason({
    agent: ({ stepKind }) => (stepKind === 'split' ? { tasks } : { changes: ['b.js'] }),
  });
  expect(error).toContain('outside the task "a": b.js');
});

test('error tells of a write where none is allowed', () => {
  const error = reason({
    agent: ({ stepKind }) => (stepKind === 'split' ? { tasks } : { denied: ['c.js'] }),
  });
  expect(error).toBe('wrote where nothing may be written: c.js');
});

test("error tells of a validate step's own negative verdict", () => {
  const verdict = { pass: false, comments: 'not good' };
  const error = reason(
    { agent: ({ stepKind }) => (stepKind === 'split' ? { tasks } : { verdict }) },
    'error',
    'validate',
  );
  expect(error).toBe('not good');
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'constructor.name', '__proto__.output'])(
  'the name %s, which every object of the language has, has no value',
  (name) => {
    expect(value(inJudge, `${converge}/review/judge`, name)).toBeUndefined();
    expect(value(inJudge, converge, `gate.${name}`)).toBeUndefined();
    expect(value(end, 'quality', `decompose/${name}/converge.output`)).toBeUndefined();
  },
);

const calling = planOf('  - {name: look, workflow: w}\n  - {name: end, gate: [test]}', {
  called: { w: '  - {name: judge, type: validate, prompt: p, agent: claude}' },
});
const called = play(calling, world).state;

test.each(Object.keys(templateNames) as NameGroupId[])('every name of the table has a value: %s', (group) => {
  const [state, path, of] =
    group === 'verdict' || group === 'called'
      ? [called, 'end', calling]
      : group === 'step'
        ? [inSmoke, 'decompose/greet/smoke', plan]
        : [second, converge, plan];
  const step = { verdict: 'look/judge', called: 'look' }[group as string] ?? 'converge';
  const names = writtenNames(group).map(([name]) =>
    name.replace('<gate>', 'review').replace('<step>', step).replace('<step>.<field>', 'judge.comments'),
  );
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => value(state, path, name, of) === undefined)).toEqual([]);
});
