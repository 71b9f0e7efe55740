/** `simple`, `cheap2sota`, `parallel-tasks` and `implement-spec`: what their branches do, and who is asked when. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofType } from '../../cli/ledger.ts';
import { openTheatre, specText, type Theatre } from './theatre.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

test.concurrent('simple: no plan, an endless agent and a file of nobody each cost an attempt; then it passes', async () => {
  const look = { say: 'I look around.' };
  const circles = {
    step: 'decompose/median/implement',
    attempt: 1,
    turns: [
      ...Array<typeof look>(60).fill(look),
      { write: { 'src/median.js': 'half' } },
      { sleep_ms: 3_000 },
    ],
  };
  const { status, reason, events, trace, launches, told, changed } = await theatre.play({
    workflow: 'simple',
    rules: ['simple/one-thing-after-another', circles, 'simple/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches).toEqual([
    'decompose#1 claude-opus new',
    'decompose#2 claude-opus resume',
    'decompose/median/implement#1 claude-sonnet new',
    'decompose/median/implement#2 claude-sonnet resume',
    'decompose/median/implement#3 claude-opus new',
  ]);
  expect(told('decompose', 2)).toContain('no task list could be read: it is no JSON');
  expect(told('decompose', 2)).toContain('This is the last attempt.');
  expect(ofType(events, 'guard_triggered')).toMatchObject([{ guard: 'max_turns', attempt: 1 }]);
  expect(told('decompose/median/implement', 2)).toContain('max_turns: turn 61 began, 60 are allowed');
  expect(told('decompose/median/implement', 3)).toContain(
    'changed files outside the task "median": README.md; undo these changes',
  );
  expect(trace).toEqual(
    expect.arrayContaining([
      '[build/task-1/implement]     gate     compile ✓  lint ✓  test ✓',
      '[quality]                    gate     compile ✓  lint ✓  test ✓',
    ]),
  );
  expect(Object.keys(await changed())).toEqual(['src/median.js', 'test/median.test.js']);
});

test.concurrent('simple: a plan that leaves the repository or names a task twice is refused, and nothing is built', async () => {
  const { status, reason, launches, told, changed } = await theatre.play({
    workflow: 'simple',
    rules: ['simple/no-plan', 'simple/passes'],
  });
  expect([status, launches]).toEqual([
    'fail',
    ['decompose#1 claude-opus new', 'decompose#2 claude-opus resume'],
  ]);
  expect(told('decompose', 2)).toContain('../median.js');
  expect(reason).toContain('median');
  expect(await changed()).toEqual({});
});

test.concurrent('simple: what the budget does not hold is not begun', async () => {
  const { status, reason, events, launches } = await theatre.play({
    workflow: 'simple',
    rules: ['simple/passes'],
    maxBudgetUsd: 0.03,
  });
  expect([status, launches]).toEqual(['fail', ['decompose#1 claude-opus new']]);
  expect(reason).toContain("the run's budget is used up: $0.04 of $0.03");
  expect(ofType(events, 'budget_exceeded')).toMatchObject([{ scope: 'run', max: 0.03, current: 0.04 }]);
});

test.concurrent('cheap2sota: each rung of the ladder is asked when the one below has failed, and not before', async () => {
  const { status, reason, events, trace, launches, told, changed } = await theatre.play({
    workflow: 'cheap2sota',
    rules: ['cheap2sota/ladder', 'cheap2sota/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches).toEqual([
    'decompose#1 claude-sonnet new',
    'decompose/range/impl#1 qwen new',
    'decompose/median/impl#1 qwen new',
    'decompose/median/impl#2 qwen resume',
    'decompose/median/impl#3 claude-haiku new',
    'decompose/median/impl#4 claude-sonnet new',
    'decompose/median/impl#5 claude-opus new',
    'decompose/median/impl#6 claude-opus new',
  ]);
  expect(trace.filter((line) => /task-2\/impl\] +(gate|error)/.test(line))).toEqual([
    '[build/task-2/impl]          gate     compile ✗  lint ✓  test ✓',
    '[build/task-2/impl]          gate     compile ✓  lint ✗  test ✓',
    '[build/task-2/impl]          gate     compile ✓  lint ✗  test ✓',
    '[build/task-2/impl]          gate     compile ✓  lint ✓  test ✗',
    expect.stringMatching(/^\[build\/task-2\/impl\] {10}error {4}the agent's process was ended by SIGKILL/),
    '[build/task-2/impl]          gate     compile ✓  lint ✓  test ✓',
  ]);
  expect(told('decompose/median/impl', 2)).toContain('SyntaxError');
  const haiku = told('decompose/median/impl', 3);
  expect(haiku).toContain('Implement this task, with tests that fail without it.');
  expect(haiku).toContain('What it left stands in the tree');
  expect(haiku).toContain('src/median.js:1:console.log(1);');
  expect(told('decompose/median/impl', 5)).toContain('rung 4');
  expect(told('decompose/median/impl', 6)).toContain('their work was thrown away');
  expect(ofType(events, 'notice')).toEqual([]);
  expect(Object.keys(await changed())).toEqual([
    'src/median.js',
    'src/range.js',
    'test/median.test.js',
    'test/range.test.js',
  ]);
});

test.concurrent('cheap2sota: where the best agent fails as well the run fails at the sixth attempt', async () => {
  const { status, reason, launches } = await theatre.play({
    workflow: 'cheap2sota',
    rules: ['cheap2sota/top', 'cheap2sota/passes'],
  });
  expect([status, reason]).toEqual(['fail', expect.stringContaining('ended with exit code 7')]);
  expect(launches.slice(1).map((line) => line.split(' ')[1])).toEqual([
    'qwen',
    'qwen',
    'claude-haiku',
    'claude-sonnet',
    'claude-opus',
    'claude-opus',
  ]);
});

test.concurrent('parallel-tasks: parts that pass alone and not together are made to fit by one more agent', async () => {
  const { status, reason, trace, launches, told, changed } = await theatre.play({
    workflow: 'parallel-tasks',
    rules: ['parallel-tasks/does-not-fit', 'parallel-tasks/passes'],
  });
  expect(status, reason).toBe('pass');
  expect([...launches].sort()).toEqual([
    'decompose#1 claude-opus new',
    'decompose/median/impl#1 claude-sonnet new',
    'decompose/range/impl#1 claude-sonnet new',
    'integrate#2 claude-opus new',
  ]);
  expect(trace.filter((line) => /^\[integrate\] +gate/.test(line))).toEqual([
    '[integrate]                  gate     compile ✓  lint ✓  test ✗',
    '[integrate]                  gate     compile ✓  lint ✓  test ✓',
  ]);
  const integrator = told('integrate', 2);
  expect(integrator).toMatch(/\+ {3}'median\.js'/);
  for (const part of [specText.trim(), '+++ b/src/median.js', '+++ b/test/range.test.js'])
    expect(integrator).toContain(part);
  const { 'test/range.test.js': mended } = await changed();
  expect(mended).toContain('assert.equal(range([4, -1, 2]), 5)');
});

test.concurrent('parallel-tasks: a conflict and a failed task are named, and what could be merged is on the branch', async () => {
  const { status, reason, launches, changed } = await theatre.play({
    workflow: 'parallel-tasks',
    rules: ['parallel-tasks/collides', 'parallel-tasks/passes'],
  });
  expect(status).toBe('fail');
  expect(launches.filter((line) => line.includes('/mode/')).map((line) => line.split(' ')[1])).toEqual([
    'claude-sonnet',
    'claude-sonnet',
    'claude-opus',
    'claude-opus',
  ]);
  expect(launches.filter((line) => line.startsWith('integrate'))).toEqual([]);
  for (const part of ['range', 'README.md', 'SyntaxError']) expect(reason).toContain(part);
  const { 'README.md': readme, 'src/mode.js': mode } = await changed();
  expect([readme, mode]).toEqual(['# Figures with a median', undefined]);
});

test.concurrent('implement-spec: a review that is never content is asked six times, from the fourth on of the stronger agent', async () => {
  const { status, reason, launches, told } = await theatre.play({
    workflow: 'implement-spec',
    rules: ['implement-spec/review-refuses', 'implement-spec/passes'],
    files: { 'docs/architecture.md': '# Layers\n\nNone.\n' },
  });
  expect([status, reason]).toEqual(['fail', expect.stringContaining('gives -Infinity for []')]);
  const coder = launches.filter((line) => line.includes('converge#'));
  expect(coder.map((line) => line.replace('decompose/range/converge', ''))).toEqual([
    '#1 claude-sonnet new',
    '#2 claude-sonnet resume',
    '#3 claude-sonnet resume',
    '#4 claude-opus new',
    '#5 claude-opus new',
    '#6 claude-opus new',
  ]);
  expect(launches.filter((line) => line.includes('review/review#'))).toHaveLength(6);
  expect(told('decompose/range/converge')).toContain('# Layers');
  expect(told('decompose/range/converge', 2)).toContain(
    'Deviations remain: 1. src/range.js:1 gives -Infinity',
  );
  expect(told('decompose/range/converge/review/review')).toContain('+++ b/src/range.js');
});

test.concurrent('implement-spec: what does not compile is told though the prompt quotes the review; a smoke run that breaks the code fails', async () => {
  const broken = { write: { 'src/range.js': 'export const range = (\n' } };
  const { status, launches, told, trace } = await theatre.play({
    workflow: 'implement-spec',
    rules: [
      { step: 'decompose/range/converge', attempt: 1, turns: [broken] },
      'implement-spec/smoke-breaks',
      'implement-spec/passes',
    ],
    files: { 'docs/architecture.md': '# Layers\n' },
  });
  expect(status).toBe('fail');
  expect(told('decompose/range/converge', 2)).toMatch(
    /Fix only these[\s\S]*## Attempt 1 failed[\s\S]*compile: [\s\S]*src\/range\.js/,
  );
  expect(launches.slice(5)).toEqual([
    'decompose/range/smoke#1 claude-sonnet from',
    'decompose/range/smoke#2 claude-sonnet resume',
    'decompose/range/smoke#3 claude-sonnet resume',
  ]);
  expect(trace).toContain('[build/task-1/smoke]         gate     compile ✗  test ✗');
});
