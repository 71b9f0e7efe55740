import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { summarize } from '../../src/report/summarize.ts';
import { renderText } from '../../src/report/text.ts';
import { record } from '../events/record.ts';
import {
  completed,
  condition,
  ended,
  gate,
  launched,
  referenceRun,
  retry,
  review,
  runCompleted,
  runStarted,
  started,
  taskStarted,
  tasks,
  updated,
  usage,
  worked,
} from './facts.ts';
import { implementSpec, makeGate, makeNode, makePlan } from './plan.ts';

const reference = summarize(implementSpec(), record(referenceRun()));
const stepOf = (facts: readonly Fact[], path: string, plan = implementSpec()) =>
  summarize(plan, record(facts)).steps.find((step) => step.path === path);

describe('the reference run', () => {
  test('it has its steps in the order of their start, validators none of their own', () => {
    expect(reference.steps.map((step) => [step.path, step.shown, step.status, step.attempts.length])).toEqual(
      [
        ['decompose', 'decompose', 'pass', 1],
        ['decompose/greeting/converge', 'build/task-1/converge', 'pass', 2],
        ['decompose/greeting/smoke', 'build/task-1/smoke', 'pass', 1],
        ['quality', 'quality', 'pass', 1],
      ],
    );
  });

  test('attempts have their gates, the failed one its cause', () => {
    const converge = reference.steps[1];
    expect(converge?.attempts.map((one) => one.gates.map(({ name, status }) => `${name} ${status}`))).toEqual(
      [
        ['compile pass', 'test pass', 'review fail'],
        ['compile pass', 'test pass', 'review pass'],
      ],
    );
    expect(converge?.attempts.map(({ status, error }) => [status, error])).toEqual([
      ['fail', 'no'],
      ['pass', null],
    ]);
    expect(converge?.attempts[0]?.gates[2]?.reason).toBe('the error path is missing');
  });

  test('what a validator spends is counted to the step that it judges, its turns are not', () => {
    expect(reference.steps.map((step) => step.costUsd)).toEqual([0.5, 1.5, 0.5, 0]);
    expect(reference.steps[1]?.attempts.map((one) => [one.costUsd, one.tokensIn, one.turns])).toEqual([
      [0.75, 2000, 2],
      [0.75, 2000, 2],
    ]);
  });

  test("the run's own account stands where it has ended", () => {
    expect(reference).toMatchObject({
      run: 'r1',
      status: 'pass',
      costUsd: 8.42,
      durationMs: 754_000,
      maxBudgetUsd: 20,
      base: 'b0',
      commit: 'c1',
      reason: null,
      notReached: [],
      notChecked: [],
    });
  });

  test('tasks that never started are cancelled when the run ends, and queued while it runs', () => {
    const statuses = (facts: readonly Fact[]) =>
      summarize(implementSpec(), record(facts)).tasks.map(({ shown, name, status }) => [shown, name, status]);
    expect(statuses(referenceRun())).toEqual([
      ['build/task-1', 'greeting', 'pass'],
      ['build/task-2', 'farewell', 'cancelled'],
      ['build/task-3', 'cli', 'cancelled'],
    ]);
    expect(statuses(referenceRun().slice(0, 10))[1]).toEqual(['build/task-2', 'farewell', 'queued']);
  });

  test('any beginning of it gives a summary whose costs only grow', () => {
    const events = record(referenceRun());
    let cost = 0;
    for (let count = 0; count < events.length; count++) {
      const summary = summarize(count % 2 === 0 ? implementSpec() : null, events.slice(0, count));
      expect(summary.status).toBe('running');
      expect(summary.costUsd).toBeGreaterThanOrEqual(cost);
      cost = summary.costUsd;
    }
    expect(cost).toBe(2.5);
  });

  test("without a plan paths keep the split's own name", () => {
    const summary = summarize(null, record(referenceRun()));
    expect(summary.steps[1]?.shown).toBe('decompose/task-1/converge');
    expect(summary.tasks[0]?.status).toBe('pass');
    expect(summary.maxBudgetUsd).toBeNull();
  });
});

describe('money', () => {
  const progress = (cost: number): Fact => ({
    type: 'agent_progress',
    step: 'a',
    attempt: 1,
    ...usage(cost),
  });
  const killed = (cost?: number): Fact => ({
    type: 'agent_killed',
    step: 'a',
    attempt: 1,
    reason: 'lost',
    ...(cost === undefined ? {} : usage(cost)),
  });
  const plan = makePlan([makeNode('a')]);
  test.each<[string, readonly Fact[], number]>([
    ['progress is cumulative', [progress(0.1), progress(0.3)], 0.3],
    ['a smaller report says nothing new', [progress(0.3), progress(0.1), progress(0.4)], 0.4],
    ['the end replaces the progress before it', [progress(0.3), completed('a', usage(0.5))], 0.5],
    ['an end that reports less takes nothing back', [progress(0.3), completed('a', usage(0.1))], 0.3],
    ['a kill without amounts keeps what was reported', [progress(0.3), killed()], 0.3],
    ['a kill with amounts books what is new', [progress(0.3), killed(0.4)], 0.4],
    [
      'an end behind a kill is not booked twice',
      [progress(0.3), killed(0.4), completed('a', usage(0.4))],
      0.4,
    ],
    ['a second launch adds', [completed('a', usage(0.5)), launched('a', 'x'), progress(0.2)], 0.7],
  ])('%s', (_, facts, cost) => {
    const summary = summarize(plan, record([started('a', 'x'), launched('a', 'x'), ...facts]));
    expect(summary.costUsd).toBe(cost);
    expect(summary.steps[0]?.attempts[0]?.costUsd).toBe(cost);
  });

  test('a thousand small sums do not drift', () => {
    const facts = Array.from({ length: 1000 }, () => [
      launched('a', 'x'),
      completed('a', usage(0.001)),
    ]).flat();
    expect(summarize(plan, record([started('a', 'x'), ...facts])).costUsd).toBe(1);
  });
});

describe('time', () => {
  test("the time between two engines is nobody's", () => {
    const first = record([runStarted(), started('a', 'x')]);
    const second = record([{ type: 'run_resumed', run: 'r1', reason: 'again' }], {
      firstSeq: 3,
      secondsApart: 3600,
    });
    const third = {
      ...second[0],
      seq: 4,
      ts: new Date(Date.parse(second[0]?.ts ?? '') + 5000).toISOString(),
    };
    const notice = { ...third, type: 'notice', message: 'm' } as const;
    const summary = summarize(makePlan([makeNode('a')]), [...first, ...second, notice as never]);
    expect(summary.durationMs).toBe(6000);
    expect(summary.steps[0]?.attempts[0]?.durationMs).toBe(5000);
  });
});

describe('how runs stand', () => {
  test('a step that still ran when the run was stopped is cancelled, its attempt killed', () => {
    const facts: Fact[] = [
      runStarted(),
      ...worked('quality', 'x'),
      { type: 'run_interrupted', run: 'r1', signal: 'SIGTERM' },
    ];
    const summary = summarize(implementSpec(), record(facts));
    expect(summary).toMatchObject({ status: 'cancelled', reason: 'interrupted by SIGTERM' });
    expect(summary.steps[0]).toMatchObject({ status: 'cancelled', attempts: [{ status: 'killed' }] });
  });

  test('what a run that failed has not come to is named, in its reports too', () => {
    const facts: Fact[] = [
      runStarted(),
      ...worked('decompose', 'x', { step_type: 'split' }),
      ended('decompose', 'fail', { reason: 'red' }),
    ];
    expect(summarize(implementSpec(), record(facts)).notReached).toEqual([]);
    const summary = summarize(
      implementSpec(),
      record([...facts, runCompleted({ status: 'fail', reason: 'red' })]),
    );
    expect(summary.notReached).toEqual(['quality']);
    expect(renderText(summary)).toContain('\nNot reached\n  quality\n');
    expect(renderMarkdown(summary)).toContain('### Not reached\n\n- quality\n');
  });

  test('an attempt whose engine was lost, and that was launched once more, is what it came to then', () => {
    const facts: Fact[] = [
      runStarted(),
      ...worked('quality', 'x').slice(0, 2),
      { type: 'run_resumed', run: 'r1', reason: 'was lost' },
      { type: 'agent_killed', step: 'quality', attempt: 1, reason: 'its engine was lost while it ran' },
    ];
    const lost = summarize(implementSpec(), record(facts)).steps[0]?.attempts;
    expect(lost).toMatchObject([{ status: 'killed', error: 'its engine was lost while it ran' }]);
    const again = [...facts, launched('quality', 'x'), completed('quality'), ended('quality', 'pass')];
    expect(summarize(implementSpec(), record(again)).steps[0]?.attempts).toMatchObject([
      { attempt: 1, status: 'pass', error: null },
    ]);
  });

  test('a resume takes up what had failed', () => {
    const failed = [
      runStarted(),
      ...worked('quality', 'x'),
      ended('quality', 'fail', { reason: 'red' }),
      runCompleted({ status: 'fail', reason: 'red' }),
    ];
    expect(summarize(implementSpec(), record(failed))).toMatchObject({ status: 'fail', reason: 'red' });
    const resumed: Fact = { type: 'run_resumed', run: 'r1', reason: 'again', max_budget: 30 };
    const again = summarize(implementSpec(), record([...failed, resumed]));
    expect(again).toMatchObject({ status: 'running', reason: null, costUsd: 0.5, maxBudgetUsd: 30 });
    expect(again.steps[0]).toMatchObject({ status: 'running', reason: null, attempts: [{ status: 'fail' }] });
  });

  test('what failed in a run that was lost stays failed when another engine goes on', () => {
    const failed = [runStarted(), ...worked('quality', 'x'), ended('quality', 'fail', { reason: 'red' })];
    const resumed: Fact = { type: 'run_resumed', run: 'r1', reason: 'was lost' };
    const { status, steps } = summarize(implementSpec(), record([...failed, resumed]));
    expect([status, steps[0]?.status]).toEqual(['running', 'fail']);
  });

  test('a paused run shows which step waits', () => {
    const facts: Fact[] = [
      runStarted(),
      ...worked('quality', 'x'),
      { type: 'hitl_paused', step: 'quality', attempt: 1, when: 'before_gate' },
      { type: 'run_paused', run: 'r1', reason: 'asks', step: 'quality' },
    ];
    expect(summarize(implementSpec(), record(facts))).toMatchObject({
      status: 'paused',
      steps: [{ path: 'quality', status: 'paused' }],
    });
  });

  test('an attempt that a guard ended is killed, with the guard as its cause', () => {
    const facts: Fact[] = [
      started('quality', 'x'),
      { type: 'guard_triggered', step: 'quality', attempt: 1, guard: 'max_turns', reason: 'turn 3 of 2' },
      completed('quality', { outcome: 'killed', error: 'killed by us' }),
      retry('quality', 2, {}),
    ];
    expect(stepOf(facts, 'quality')?.attempts[0]).toMatchObject({
      status: 'killed',
      error: 'max_turns: turn 3 of 2',
    });
  });

  test("a split's own attempt has passed when its first task starts, whatever becomes of the tasks", () => {
    const facts = [
      started('decompose', 'x', { step_type: 'split' }),
      updated('decompose', { tasks: tasks('one', 'two') }),
      taskStarted('decompose', 'one', 1),
      ...worked('decompose/one/converge', 'x'),
      ended('decompose/one/converge', 'fail', { reason: 'red' }),
      ended('decompose', 'fail', { reason: 'one: red' }),
      runCompleted({ status: 'fail' }),
    ];
    const summary = summarize(implementSpec(), record(facts));
    expect(summary.steps[0]).toMatchObject({
      status: 'fail',
      reason: 'one: red',
      attempts: [{ status: 'pass', error: null }],
    });
    expect(summary.tasks.map((task) => task.status)).toEqual(['fail', 'cancelled']);
  });

  test('a split that starts again has new tasks', () => {
    const facts = [
      updated('decompose', { tasks: tasks('one', 'two') }),
      taskStarted('decompose', 'one', 1),
      started('decompose', 'x', { step_type: 'split' }),
      updated('decompose', { tasks: tasks('three') }),
      taskStarted('decompose', 'three', 1),
    ];
    expect(summarize(implementSpec(), record(facts)).tasks.map((task) => task.path)).toEqual([
      'decompose/three',
    ]);
  });

  test("commits of a parallel task stand in the run's line only once merged", () => {
    const split = makeNode('cut', { kind: 'split', parallel: true }, { children: [makeNode('a')] });
    const facts: Fact[] = [
      runStarted(),
      started('cut', 'x', { step_type: 'split' }),
      updated('cut', { tasks: tasks('one') }),
      taskStarted('cut', 'one', 1),
      started('cut/one/a', 'x'),
      completed('cut/one/a', { commit: 'aside' }),
      ended('cut/one/a', 'pass', { commit: 'aside' }),
    ];
    const plan = makePlan([split]);
    expect(summarize(plan, record(facts)).commit).toBe('b0');
    const merged: Fact = { type: 'task_merged', step: 'cut', task: 'one', commit: 'merge' };
    expect(summarize(plan, record([...facts, merged])).commit).toBe('merge');
  });

  test('commits inside a parallel group stand in the line once merged, those of a fork inside a branch never', () => {
    const inner = makeNode('cut', { kind: 'split', parallel: true }, { children: [makeNode('a')] });
    const side = makeNode('side', { kind: 'group', parallel: true }, { children: [inner, makeNode('b')] });
    const facts: Fact[] = [
      runStarted(),
      { type: 'group_started', step: 'side', step_type: 'group', round: 1, base: 'b0' },
      started('side/b', 'x'),
      completed('side/b', { commit: 'aside' }),
      ended('side/b', 'pass', { commit: 'aside' }),
      { type: 'task_merged', step: 'side/cut', task: 'one', commit: 'aside' },
    ];
    const plan = makePlan([side]);
    expect(summarize(plan, record(facts)).commit).toBe('b0');
    const merged: Fact = { type: 'task_merged', step: 'side', task: 'b', commit: 'merge' };
    expect(summarize(plan, record([...facts, merged])).commit).toBe('merge');
  });

  test('a task and a validator of one name are told apart by when they run', () => {
    const facts = [
      started('decompose', 'x', { step_type: 'split' }),
      updated('decompose', { tasks: tasks('review') }),
      ...review('decompose', 'review ✓'),
      taskStarted('decompose', 'review', 1),
      ...worked('decompose/review/converge', 'x'),
    ];
    const paths = summarize(implementSpec(), record(facts)).steps.map((step) => step.path);
    expect(paths).toEqual(['decompose', 'decompose/review/converge']);
  });
});

test('a retry condition is no gate and no step: it is told with the attempt that it judged, and what it spent counts there', () => {
  const step = makeNode('do', {}, { gates: [makeGate('test')] });
  const summary = summarize(
    makePlan([step]),
    record([
      runStarted(),
      started('do', 'x'),
      launched('do', 'x'),
      completed('do'),
      ...gate('do', 'test ✗'),
      ...condition('do', 'retry.is-flaky', false),
      retry('do', 2, {}),
    ]),
  );
  expect(summary.steps.map(({ path }) => path)).toEqual(['do']);
  const [attempt] = summary.steps[0]?.attempts ?? [];
  expect(attempt).toMatchObject({ status: 'fail', error: 'no', costUsd: 0.75, turns: 2 });
  expect(attempt?.gates.map(({ name, status }) => `${name} ${status}`)).toEqual(['test fail']);
  expect(attempt?.conditions).toMatchObject([
    { name: 'is-flaky', status: 'fail', comments: 'so', durationMs: 20, costUsd: 0.25 },
  ]);
  expect(summary.costUsd).toBe(0.75);
});

describe('what was not checked', () => {
  const of = (facts: readonly Fact[]) => summarize(implementSpec(), record(facts)).notChecked;

  test('a step without gates, a skipped gate and a remark of a passed one are told', () => {
    const remark: Fact = {
      type: 'gate_passed',
      step: 'c',
      attempt: 1,
      gate: 'test',
      commit: 'c1',
      duration_ms: 1,
      reason: 'the command came from the head',
    };
    expect(
      of([
        ...worked('a', 'x'),
        ended('a', 'pass'),
        ...worked('b', 'x'),
        ...gate('b', 'lint –', 1, 'no script lint'),
        ended('b', 'pass'),
        ...worked('c', 'x'),
        remark,
        ended('c', 'pass'),
      ]),
    ).toEqual([
      'a: no gate measured its change.',
      'b: lint was skipped: no script lint.',
      'c: test passed, but: the command came from the head.',
    ]);
  });

  test('only the attempt that stands counts, and only of steps that passed', () => {
    expect(
      of([
        ...worked('a', 'x'),
        ...gate('a', 'lint –'),
        retry('a', 2, {}),
        ...worked('a', 'x', { attempt: 2 }),
        ...gate('a', 'lint ✓', 2),
        ended('a', 'pass', { attempt: 2 }),
        ...worked('b', 'x'),
        ended('b', 'fail'),
      ]),
    ).toEqual([]);
  });
});

test('no order of events makes it throw', () => {
  const facts = [...referenceRun(), ...gate('quality', 'lint –')];
  fc.assert(
    fc.property(fc.shuffledSubarray(facts), fc.boolean(), (some, withPlan) => {
      const summary = summarize(withPlan ? implementSpec() : null, record(some));
      expect(summary.steps.every((step) => step.costUsd >= 0)).toBe(true);
    }),
  );
});

test('events of later versions are passed over', () => {
  const events = record([runStarted(), { type: 'moon_landed', step: 'a/b' } as unknown as Fact]);
  expect(summarize(makePlan([makeNode('a', {}, { gates: [makeGate('test')] })]), events).steps).toEqual([]);
});

test('a notice that comes at every attempt is told once, with how often', () => {
  const notice = (message: string): Fact => ({ type: 'notice', step: 'quality', message });
  const facts = [runStarted(), notice('no file'), notice('slow'), notice('no file')];
  expect(summarize(implementSpec(), record(facts)).notices).toEqual([
    'quality: no file (2 times)',
    'quality: slow',
  ]);
});
