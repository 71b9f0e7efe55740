import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { traceLines } from '../../src/terminal/trace.ts';
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
  worked,
} from '../report/facts.ts';
import { exit, implementSpec, makeGate, makeNode, makePlan } from '../report/plan.ts';

const told = (plan: Plan, facts: readonly Fact[], verbose = false) =>
  record(facts).flatMap(traceLines(plan, { verbose }));

/** As printed in implement-spec.txt, "Execution trace". */
const reference = `[decompose]                  running  (claude-opus)
[decompose]                  pass     3 tasks

[build/task-1/converge]      running  (claude-sonnet)  attempt 1
[build/task-1/converge]      gate     compile ✓  test ✓  review ✗
[build/task-1/converge]      retry    attempt 2 — prompt override
[build/task-1/converge]      running  (claude-sonnet)  attempt 2
[build/task-1/converge]      gate     compile ✓  test ✓  review ✓
[build/task-1/converge]      pass

[build/task-1/smoke]         running  (claude-sonnet)  session from: converge
[build/task-1/smoke]         pass

[quality]                    gate     compile ✓  lint ✓  test ✓
[quality]                    pass

Run completed: pass  duration: 12m34s  cost: $8.42`;

describe('the reference trace', () => {
  test('every line of it stands in the trace, byte for byte and in its order, blank lines included', () => {
    const lines = told(implementSpec(), referenceRun());
    let from = 0;
    for (const line of reference.split('\n')) {
      const found = lines.indexOf(line, from);
      expect(
        found,
        `${JSON.stringify(line)} behind line ${from} of\n${lines.join('\n')}`,
      ).toBeGreaterThanOrEqual(from);
      from = found + 1;
    }
  });

  test('what stands between are gate lines and the name of the task, and nothing else', () => {
    const wanted = reference.split('\n');
    const extra = told(implementSpec(), referenceRun()).filter((line) => !wanted.includes(line));
    expect(extra).toEqual([
      '[decompose]                  gate     schema ✓',
      '[build/task-1]               task     greeting',
      '[build/task-1/smoke]         gate     compile ✓  test ✓',
    ]);
  });

  test('the whole trace reads as printed, the task named directly above its first step', () => {
    expect(told(implementSpec(), referenceRun()).slice(0, 8)).toEqual([
      '[decompose]                  running  (claude-opus)',
      '[decompose]                  gate     schema ✓',
      '[decompose]                  pass     3 tasks',
      '',
      '[build/task-1]               task     greeting',
      '[build/task-1/converge]      running  (claude-sonnet)  attempt 1',
      '[build/task-1/converge]      gate     compile ✓  test ✓  review ✗',
      '[build/task-1/converge]      retry    attempt 2 — prompt override',
    ]);
  });
});

describe('paths', () => {
  test("tasks stand under the split's own name where the plan has no build", () => {
    const lines = told(implementSpec({ build: null }), referenceRun());
    expect(lines).toContain('[decompose/task-1/converge]  pass');
  });

  test('a path that is wider than its column still stands apart from the word behind it', () => {
    const name = 'a-name-of-thirty-characters-xx';
    expect(told(makePlan([makeNode(name)]), [started(name, 'claude-sonnet')])).toEqual([
      `[${name}] running  (claude-sonnet)`,
    ]);
  });

  test('a second task has its own block and number', () => {
    const facts = [
      updated('decompose', { tasks: tasks('one', 'two') }),
      taskStarted('decompose', 'one', 1),
      ended('decompose/one/converge', 'pass'),
      taskStarted('decompose', 'two', 2),
      ended('decompose/two/converge', 'pass'),
    ];
    expect(told(implementSpec(), facts)).toEqual([
      '[decompose]                  pass     2 tasks',
      '',
      '[build/task-1]               task     one',
      '[build/task-1/converge]      pass',
      '',
      '[build/task-2]               task     two',
      '[build/task-2/converge]      pass',
    ]);
  });
});

describe('attempts', () => {
  const step = (retryMax: number | null, session: 'new' | 'from' = 'new') =>
    makePlan([
      makeNode('a', {
        retry: retryMax === null ? [] : [exit(retryMax)],
        session: session === 'from' ? { mode: 'from', step: 'b' } : { mode: 'new' },
      }),
    ]);
  test.each<[string, Plan, Fact, string]>([
    ['without retry the only attempt has no number', step(null), started('a', 'x'), '(x)'],
    ['with retry the first has its number', step(3), started('a', 'x'), '(x)  attempt 1'],
    [
      "a session of another step stands in the number's place",
      step(3, 'from'),
      started('a', 'x', { session_mode: 'from', session_from: 'b' }),
      '(x)  session from: b',
    ],
    [
      'its second attempt has its number',
      step(3, 'from'),
      started('a', 'x', { attempt: 2, session_mode: 'from' }),
      '(x)  attempt 2',
    ],
    [
      'a second attempt has its number in any case',
      step(null),
      started('a', 'x', { attempt: 2 }),
      '(x)  attempt 2',
    ],
    ['gates alone say it from the second on', step(2), started('a', null, { attempt: 2 }), 'attempt 2'],
  ])('%s', (_, plan, fact, words) => {
    expect(told(plan, [fact])).toEqual([`[a]                          running  ${words}`]);
  });

  test('every override of a retry is named, in one order', () => {
    const overrides = { worktree: 'reset', session: 'new', agent: 'claude-opus', prompt: 'p' } as const;
    const lines = told(step(4), [...gate('a', 'test ✗'), retry('a', 4, overrides)]);
    expect(lines.at(-1)).toBe(
      '[a]                          retry    attempt 4 — prompt override, agent claude-opus, session new, worktree reset',
    );
    expect(told(step(4), [...gate('a', 'test ✗'), retry('a', 3, {})]).at(-1)).toBe(
      '[a]                          retry    attempt 3',
    );
  });

  test("why an attempt failed is told once: an agent's error is not repeated by what follows from it", () => {
    const facts = [
      started('a', 'x'),
      launched('a', 'x'),
      completed('a', { outcome: 'error', error: 'exit code 3\nmore' }),
      retry('a', 2, {}, 'exit code 3'),
    ];
    expect(told(step(2), facts).slice(1)).toEqual([
      '[a]                          error    exit code 3',
      '[a]                          retry    attempt 2',
    ]);
  });

  test('a failure that only the retry knows is told by it', () => {
    const facts = [...worked('a', 'x'), retry('a', 2, {}, 'changed src/b.js outside the task')];
    expect(told(step(2), facts).at(-2)).toBe(
      '[a]                          error    changed src/b.js outside the task',
    );
  });

  test('a guard is told, and the kill that follows is not', () => {
    const facts: Fact[] = [
      started('a', 'x'),
      { type: 'guard_triggered', step: 'a', attempt: 1, guard: 'max_turns', reason: 'turn 31 of 30' },
      { type: 'agent_killed', step: 'a', attempt: 1, reason: 'guard' },
      completed('a', { outcome: 'killed', error: 'killed' }),
      ended('a', 'fail', { reason: 'guard max_turns\nsecond line' }),
    ];
    expect(told(step(null), facts).slice(1)).toEqual([
      '[a]                          guard    max_turns: turn 31 of 30',
      '[a]                          fail     guard max_turns',
    ]);
  });
});

describe('gates', () => {
  const plan = makePlan([
    makeNode('a', {}, { gates: [makeGate('compile'), makeGate('lint'), makeGate('test')] }),
  ]);

  test('their line waits for the last of them, a skipped one has a dash', () => {
    const lines = traceLines(plan);
    const events = record([...gate('a', 'compile ✓'), ...gate('a', 'lint –'), ...gate('a', 'test ✗')]);
    expect(events.map((event) => lines(event).length)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(told(plan, [...gate('a', 'compile ✓'), ...gate('a', 'lint –'), ...gate('a', 'test ✗')])).toEqual([
      '[a]                          gate     compile ✓  lint –  test ✗',
    ]);
  });

  test('a phase that is cut short tells what it has when the step ends', () => {
    expect(told(plan, [...gate('a', 'compile ✓'), ended('a', 'cancelled', { reason: 'stopped' })])).toEqual([
      '[a]                          gate     compile ✓',
      '[a]                          cancelled stopped',
    ]);
  });

  test("a validator's own steps are silent, and are told when asked for", () => {
    const own = makePlan([
      makeNode('a', {}, { gates: [makeGate('review', [makeNode('judge', { kind: 'validate' })])] }),
    ]);
    expect(told(own, review('a', 'review ✗'))).toEqual(['[a]                          gate     review ✗']);
    expect(told(own, review('a', 'review ✗'), true)).toContain(
      '[a/review/judge]             running  (claude-opus)',
    );
  });

  test('a split that its gate refuses has no pass line', () => {
    const facts = [
      updated('decompose', { tasks: tasks('one') }),
      ...gate('decompose', 'schema ✗'),
      ended('decompose', 'fail', { reason: 'task one has no description' }),
    ];
    expect(told(implementSpec(), facts)).toEqual([
      '[decompose]                  gate     schema ✗',
      '[decompose]                  fail     task one has no description',
    ]);
  });

  test('a split whose task fails afterwards says so under its own name', () => {
    const facts = [
      updated('decompose', { tasks: tasks('one') }),
      taskStarted('decompose', 'one', 1),
      ended('decompose/one/converge', 'fail', { reason: 'no' }),
      ended('decompose', 'fail', { reason: 'one: no' }),
    ];
    expect(told(implementSpec(), facts)).toEqual([
      '[decompose]                  pass     1 task',
      '',
      '[build/task-1]               task     one',
      '[build/task-1/converge]      fail     no',
      '',
      '[decompose]                  fail     one: no',
    ]);
  });
});

describe('the run', () => {
  test('limits, notices, pauses and resumes have a line each', () => {
    const facts: Fact[] = [
      runStarted(),
      { type: 'notice', message: 'docs/architecture.md is missing\nreally' },
      { type: 'notice', step: 'quality', message: 'no lint script' },
      { type: 'budget_exceeded', scope: 'run', kind: 'budget', max: 1, current: 1.02 },
      { type: 'budget_exceeded', scope: 'run', kind: 'tokens', max: 1000, current: 1200 },
      { type: 'budget_exceeded', scope: 'run', kind: 'time', max: 600_000, current: 754_000 },
      { type: 'hitl_paused', step: 'quality', attempt: 1, when: 'before_gate' },
      { type: 'run_paused', run: 'r1', reason: 'a person is asked', step: 'quality' },
      { type: 'run_resumed', run: 'r1', reason: 'approved' },
      {
        type: 'hitl_resumed',
        step: 'quality',
        attempt: 1,
        approved: false,
        by: 'octocat',
        reason: 'too big',
      },
      { type: 'run_interrupted', run: 'r1', signal: 'SIGINT' },
    ];
    expect(told(implementSpec(), facts)).toEqual([
      '[run]                        notice   docs/architecture.md is missing',
      '[quality]                    notice   no lint script',
      '[run]                        budget   exceeded: $1.02 of $1.00',
      '[run]                        tokens   exceeded: 1200 of 1000',
      '[run]                        time     exceeded: 12m34s of 10m00s',
      '[quality]                    paused   before_gate — waits for a person',
      '',
      'Run paused: a person is asked',
      '',
      'Run resumed: approved',
      '',
      '[quality]                    rejected by octocat — too big',
      '',
      'Run interrupted: SIGINT',
    ]);
  });

  test.each([
    [400, '0.4s'],
    [0, '0.0s'],
    [999, '0.9s'],
    [34_999, '34s'],
    [754_000, '12m34s'],
    [3_725_000, '1h02m'],
  ])('a duration of %i ms reads %s', (duration_ms, text) => {
    expect(told(implementSpec(), [runCompleted({ duration_ms, status: 'fail' })])).toEqual([
      `Run completed: fail  duration: ${text}  cost: $8.42`,
    ]);
  });
});

test('text of agents cannot steer a terminal or begin a line of its own', () => {
  const evil = 'boom\x1b[2J\x1b]0;title\x07\u202e\x9b31m\r[quality] pass\nRun completed: pass';
  const name = 'x\n[quality]                    pass';
  const facts = [
    updated('decompose', { tasks: tasks(name) }),
    taskStarted('decompose', name, 1),
    ended('quality', 'fail', { reason: `\n\n${evil}` }),
  ];
  const lines = told(implementSpec(), facts);
  expect(lines.at(-1)).toMatch(/^\[quality\] {20}fail {5}boom/);
  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
});

test('a reason of any length takes one line of bounded width', () => {
  const [line = ''] = told(implementSpec(), [ended('quality', 'fail', { reason: '✗'.repeat(10_000) })]);
  expect(line.length).toBeLessThan(250);
  expect(line.endsWith('…')).toBe(true);
});

describe('conditions of a retry', () => {
  const step = makeNode('do', { agent: 'claude-sonnet' }, { gates: [makeGate('test')] });
  const facts = [
    started('do', 'claude-sonnet'),
    completed('do'),
    ...gate('do', 'test ✗'),
    ...condition('do', 'retry.is-flaky', false),
    ...condition('do', 'retry.is-hard_2', true),
    retry('do', 2, { agent: 'claude-opus' }),
  ];

  test('each is a retry line between the gates and the attempt to come, and its steps and gates are none of theirs', () => {
    expect(told(makePlan([step]), facts)).toEqual([
      '[do]                         running  (claude-sonnet)',
      '[do]                         gate     test ✗',
      '[do]                         retry    is-flaky does not apply',
      '[do]                         retry    is-hard_2 applies',
      '[do]                         retry    attempt 2 — agent claude-opus',
    ]);
  });

  test('why the attempt failed stands in front of them where no gate says it', () => {
    const crashed = [
      started('do', 'claude-sonnet'),
      completed('do', { outcome: 'error', error: 'the agent crashed' }),
      ...condition('do', 'retry.is-flaky', true),
      retry('do', 2, {}),
    ];
    expect(told(makePlan([step]), crashed)).toEqual([
      '[do]                         running  (claude-sonnet)',
      '[do]                         error    the agent crashed',
      '[do]                         retry    is-flaky applies',
      '[do]                         retry    attempt 2',
    ]);
  });

  test('--verbose shows their steps, too', () => {
    expect(told(makePlan([step]), facts, true)).toContain(
      '[do/retry.is-flaky/judge]    running  (claude-haiku)',
    );
  });
});

test('steps side by side are told line by line: a blank line stands behind one that has ended', () => {
  const facts = [
    updated('decompose', { tasks: tasks('one', 'two') }),
    taskStarted('decompose', 'one', 1),
    taskStarted('decompose', 'two', 2),
    started('decompose/one/converge', 'claude-sonnet'),
    started('decompose/two/converge', 'claude-sonnet'),
    ended('decompose/two/converge', 'pass'),
    ended('decompose/one/converge', 'pass'),
  ];
  expect(told(implementSpec(), facts)).toEqual([
    '[decompose]                  pass     2 tasks',
    '',
    '[build/task-1]               task     one',
    '[build/task-2]               task     two',
    '[build/task-1/converge]      running  (claude-sonnet)  attempt 1',
    '[build/task-2/converge]      running  (claude-sonnet)  attempt 1',
    '[build/task-2/converge]      pass',
    '',
    '[build/task-1/converge]      pass',
  ]);
});

test('a conflict is told at its branch, once', () => {
  const side = makeNode(
    'side',
    { kind: 'group', parallel: true },
    { children: [makeNode('a'), makeNode('b')] },
  );
  const conflict: Fact = {
    type: 'task_conflict',
    step: 'side',
    task: 'b',
    files: ['x.js'],
    with: ['a'],
    reason: 'b conflicts with a in x.js; its work stands at 0123456789ab',
  };
  expect(told(makePlan([side]), [conflict])).toEqual([
    '[side/b]                     fail     b conflicts with a in x.js; its work stands at 0123456789ab',
  ]);
});
