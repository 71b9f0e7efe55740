/** `tdd`, `bugfix` and `refactor`: who writes tests may not write code, who writes code may not touch the tests. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofType } from '../../cli/ledger.ts';
import { openTheatre, specText, type Theatre } from './theatre.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

test.concurrent('tdd: red cannot write code, nor tests that pass already; after three attempts the run fails', async () => {
  const { status, reason, trace, launches, told } = await theatre.play({
    workflow: 'tdd',
    rules: ['tdd/red-strays', 'tdd/passes'],
  });
  expect(status).toBe('fail');
  expect(launches.slice(1)).toEqual([
    'decompose/median/red#1 claude-sonnet new',
    'decompose/median/red#2 claude-sonnet resume',
    'decompose/median/red#3 claude-opus new',
  ]);
  expect(trace.filter((line) => /task-1\/red\] +gate/.test(line))).toEqual([
    '[build/task-1/red]           gate     has_tests ✗  only_tests ✗  tests_fail ✗',
    '[build/task-1/red]           gate     has_tests ✓  only_tests ✗  tests_fail ✗',
    '[build/task-1/red]           gate     has_tests ✓  only_tests ✓  tests_fail ✗',
  ]);
  const second = told('decompose/median/red', 2);
  expect(second).toMatch(/no changed file matches .*; changed: src\/median\.js/);
  expect(second).toMatch(/only .* may be changed, but so were: src\/median\.js/);
  expect(second).toContain('every test passes, but one must fail here');
  // Thrown away and told anew: the task, and how the last one ended.
  const third = told('decompose/median/red', 3);
  expect(third).toContain('Write the tests of this task, and nothing but tests.');
  expect(third).toContain('Attempts before yours failed and were thrown away');
  expect(reason).toContain('every test passes, but one must fail here');
});

test.concurrent('tdd: green cannot weaken or delete a test; at the fourth attempt a stronger agent starts afresh', async () => {
  const { status, reason, events, trace, launches, told, changed } = await theatre.play({
    workflow: 'tdd',
    rules: ['tdd/green-cheats', 'tdd/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches).toEqual([
    'decompose#1 claude-opus new',
    'decompose/median/red#1 claude-sonnet new',
    'decompose/median/green#1 claude-sonnet from',
    'decompose/median/green#2 claude-sonnet resume',
    'decompose/median/green#3 claude-sonnet resume',
    'decompose/median/green#4 claude-opus new',
  ]);
  expect(trace.filter((line) => /task-1\/green\] +gate/.test(line))).toEqual([
    '[build/task-1/green]         gate     compile ✓  lint ✓  test ✓  same_tests ✗  same_runner ✓',
    '[build/task-1/green]         gate     compile ✓  lint ✓  test ✓  same_tests ✗  same_runner ✓',
    '[build/task-1/green]         gate     compile ✓  lint ✓  test ✗  same_tests ✓  same_runner ✓',
    '[build/task-1/green]         gate     compile ✓  lint ✓  test ✓  same_tests ✓  same_runner ✓',
  ]);
  expect(trace).toEqual(
    expect.arrayContaining([
      '[baseline]                   gate     compile ✓  lint ✓  test ✓',
      '[build/task-1/red]           gate     has_tests ✓  only_tests ✓  tests_fail ✓',
      '[build/task-1/green]         running  (claude-sonnet)  session from: red',
      '[quality]                    gate     compile ✓  lint ✓  test ✓',
    ]),
  );
  // The spec goes to the planner, byte for byte; the task goes to those who build it.
  expect(told('decompose')).toContain(specText.trim());
  for (const step of ['decompose/median/red', 'decompose/median/green']) {
    expect(told(step)).toContain('median(numbers) gives the middle number');
    expect(told(step)).toContain('Change only these files: src/median.js, test/median.test.js');
    expect(told(step)).not.toContain('by Friday');
  }
  for (const attempt of [2, 3])
    expect(told('decompose/median/green', attempt)).toContain(
      'must stay untouched, but these files were changed: test/median.test.js',
    );
  const fourth = told('decompose/median/green', 4);
  expect(fourth).toContain('The tests of this task are written, and they fail.');
  expect(fourth).toContain('the tree is as `red` left it');
  expect(fourth).toMatch(/1 !== 2|Expected values to be strictly equal/);
  expect(ofType(events, 'tree_reset')).toMatchObject([{ step: 'decompose/median/green', attempt: 4 }]);
  const { 'test/median.test.js': kept } = await changed();
  expect(kept).toContain('assert.equal(median([4, 1, 2, 3]), 2.5);');
});

test.concurrent('tdd: where green never gets there the run fails at its fifth attempt', async () => {
  const { status, reason, launches, changed } = await theatre.play({
    workflow: 'tdd',
    rules: ['tdd/green-fails', 'tdd/passes'],
  });
  expect(status).toBe('fail');
  expect(launches.slice(2).map((line) => line.replace('decompose/median/green', ''))).toEqual([
    '#1 claude-sonnet from',
    '#2 claude-sonnet resume',
    '#3 claude-sonnet resume',
    '#4 claude-opus new',
    '#5 claude-opus new',
  ]);
  expect(reason).toContain('test: ');
  expect(Object.keys(await changed())).toEqual(['src/median.js', 'test/median.test.js']);
});

test.concurrent.each(['tdd', 'bugfix', 'refactor'])(
  '%s: where the suite is not green at the start nobody is launched',
  async (workflow) => {
    const files = {
      'test/broken.test.js':
        "import { test } from 'node:test';\ntest('b', () => { throw new Error('red'); });\n",
    };
    const { status, reason, launches, trace } = await theatre.play({ workflow, rules: [], files });
    expect([status, launches]).toEqual(['fail', []]);
    expect(reason).toContain('red');
    expect(trace).toContain('[baseline]                   gate     compile ✓  lint ✓  test ✗');
  },
);

test.concurrent('bugfix: who shows no bug, or breaks the code to have a failure, does not get to the patch', async () => {
  const { status, trace, launches } = await theatre.play({
    workflow: 'bugfix',
    rules: ['bugfix/reproduces-nothing', 'bugfix/passes'],
  });
  expect(status).toBe('fail');
  expect(launches).toEqual([
    'reproduce#1 claude-sonnet new',
    'reproduce#2 claude-sonnet resume',
    'reproduce#3 claude-opus new',
  ]);
  expect(trace.filter((line) => /^\[reproduce\] +gate/.test(line))).toEqual([
    '[reproduce]                  gate     has_tests ✗  only_tests ✗  tests_fail ✓',
    '[reproduce]                  gate     has_tests ✓  only_tests ✓  tests_fail ✗',
    '[reproduce]                  gate     has_tests ✓  only_tests ✗  tests_fail ✓',
  ]);
});

test.concurrent('bugfix: the patch can touch neither reproduction nor runner, and a refused one fails at the fourth attempt', async () => {
  const { status, reason, trace, launches, told, changed } = await theatre.play({
    workflow: 'bugfix',
    rules: ['bugfix/patch-cheats', 'bugfix/passes'],
  });
  expect(status).toBe('fail');
  expect(launches.filter((line) => line.startsWith('patch#'))).toEqual([
    'patch#1 claude-sonnet from',
    'patch#2 claude-sonnet resume',
    'patch#3 claude-opus new',
    'patch#4 claude-opus new',
  ]);
  expect(trace.filter((line) => /^\[patch\] +gate/.test(line))).toEqual([
    '[patch]                      gate     compile ✓  lint ✓  test ✓  same_tests ✗  same_runner ✓  review ✓',
    '[patch]                      gate     compile ✓  lint ✓  test ✗  same_tests ✓  same_runner ✗  review ✓',
    '[patch]                      gate     compile ✓  lint ✓  test ✓  same_tests ✗  same_runner ✓  review ✓',
    '[patch]                      gate     compile ✓  lint ✓  test ✓  same_tests ✓  same_runner ✓  review ✗',
  ]);
  expect(told('patch', 3)).toContain('these files were changed: vitest.config.js');
  expect(told('patch', 4)).toContain('these files were changed: test/mean-of-nothing.test.js');
  expect(reason).toContain('[NaN] still gives NaN');
  expect(Object.keys(await changed())).toEqual(['src/mean.js', 'test/mean-of-nothing.test.js']);
});

test.concurrent('bugfix: who found the bug mends it, judged with the test; what the review says goes back into the conversation', async () => {
  const { status, reason, trace, launches, told, changed } = await theatre.play({
    workflow: 'bugfix',
    rules: ['bugfix/review-refuses-once', 'bugfix/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches).toEqual([
    'reproduce#1 claude-sonnet new',
    'patch#1 claude-sonnet from',
    'patch/review/review#1 claude-opus new',
    'patch#2 claude-sonnet resume',
    'patch/review/review#2 claude-opus new',
  ]);
  expect(trace).toContain(
    '[patch]                      gate     compile ✓  lint ✓  test ✓  same_tests ✓  same_runner ✓  review ✗',
  );
  expect(told('reproduce')).toContain(specText.trim());
  expect(told('patch')).toContain('src/mean.js:5 divides by numbers.length');
  const judged = told('patch/review/review');
  for (const part of ['+++ b/test/mean-of-nothing.test.js', '+++ b/src/mean.js', specText.trim()])
    expect(judged).toContain(part);
  expect(told('patch', 2)).toContain(
    "review: 1. src/mean.js:5 refuses [''] and [[]] too: ask for the length.",
  );
  expect(told('patch/review/review', 2)).toContain('+  if (numbers.length === 0) throw');
  expect(Object.keys(await changed())).toEqual(['src/mean.js', 'test/mean-of-nothing.test.js']);
});

test.concurrent('refactor: an edited test, changed behaviour and a refusal each cost an attempt; the third one starts afresh', async () => {
  const { status, reason, trace, launches, told, changed } = await theatre.play({
    workflow: 'refactor',
    rules: ['refactor/strays', 'refactor/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches.filter((line) => line.includes('apply#'))).toEqual([
    'decompose/reduce/apply#1 claude-sonnet new',
    'decompose/reduce/apply#2 claude-sonnet resume',
    'decompose/reduce/apply#3 claude-opus new',
    'decompose/reduce/apply#4 claude-opus new',
  ]);
  expect(trace.filter((line) => /apply\] +gate/.test(line))).toEqual([
    '[build/task-1/apply]         gate     compile ✓  lint ✓  test ✓  same_tests ✗  same_runner ✓  review ✓',
    '[build/task-1/apply]         gate     compile ✓  lint ✓  test ✗  same_tests ✓  same_runner ✓  review ✓',
    '[build/task-1/apply]         gate     compile ✓  lint ✓  test ✓  same_tests ✓  same_runner ✓  review ✗',
    '[build/task-1/apply]         gate     compile ✓  lint ✓  test ✓  same_tests ✓  same_runner ✓  review ✓',
  ]);
  const judged = told('decompose/reduce/apply/review/review');
  expect(judged).toContain('behaviour must be exactly what it was, for every caller');
  expect(judged).toContain('mean sums by reduce instead of a loop.');
  expect(judged).not.toContain('by Friday');
  expect(told('decompose/reduce/apply', 4)).toContain('throws a TypeError for [], where NaN came out before');
  expect(Object.keys(await changed())).toEqual(['src/mean.js']);
});
