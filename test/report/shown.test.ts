import { expect, test } from 'vitest';
import { shownPath } from '../../src/report/shown.ts';

const tasks = [
  { path: 'decompose/greeting', index: 1 },
  { path: 'decompose/greeting-2', index: 2 },
  { path: 'group/cut/one', index: 1 },
  { path: 'decompose/greeting/inner/part', index: 3 },
];

test.each([
  ['decompose', 'decompose', 'decompose'],
  ['decompose', 'decompose/greeting', 'build/task-1'],
  ['decompose', 'decompose/greeting/converge', 'build/task-1/converge'],
  ['decompose', 'decompose/greeting-2/converge', 'build/task-2/converge'],
  ['decompose', 'decompose/unknown/converge', 'decompose/unknown/converge'],
  ['decompose', 'decompose/review/judge', 'decompose/review/judge'],
  ['decompose', 'quality', 'quality'],
  ['decompose', 'decompose/greeting/inner/part/step', 'build/task-1/inner/task-3/step'],
  ['group/cut', 'group/cut/one/step', 'build/task-1/step'],
  [null, 'decompose/greeting/converge', 'decompose/task-1/converge'],
  [null, 'group/cut/one/step', 'group/cut/task-1/step'],
])('with the only split %j, %s is shown as %s', (build, path, shown) => {
  expect(shownPath(build, tasks, path)).toBe(shown);
});
