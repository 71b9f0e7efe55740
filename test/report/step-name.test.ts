import { expect, test } from 'vitest';
import { findStep, type NamedStep } from '../../src/report/step-name.ts';

const steps: readonly NamedStep[] = [
  { path: 'decompose', shown: 'decompose' },
  { path: 'decompose/greeting/converge', shown: 'build/task-1/converge' },
  { path: 'decompose/greeting/smoke', shown: 'build/task-1/smoke' },
  { path: 'decompose/farewell/converge', shown: 'build/task-2/converge' },
  // Steps have kinds of their own.
  { path: 'quality', shown: 'quality', ...{ kind: 'gates' } },
];

test.each([
  ['decompose/greeting/converge', 'decompose/greeting/converge'],
  ['build/task-2/converge', 'decompose/farewell/converge'],
  ['smoke', 'decompose/greeting/smoke'],
  ['greeting/converge', 'decompose/greeting/converge'],
  ['task-2/converge', 'decompose/farewell/converge'],
  ['/quality/', 'quality'],
])('%s means %s', (typed, path) => {
  expect(findStep(typed, steps)).toMatchObject({ kind: 'found', path });
});

test('a name that several steps end with is told with all of them, as shown', () => {
  expect(findStep('converge', steps)).toEqual({
    kind: 'several',
    paths: ['build/task-1/converge', 'build/task-2/converge'],
  });
});

test.each([
  ['qualty', 'quality'],
  ['build/task-1/convrege', 'build/task-1/converge'],
  ['smokee', 'smoke'],
  ['verge', null],
  ['constructor', null],
  ['', null],
])('%s is unknown, and the nearest is %s', (typed, near) => {
  expect(findStep(typed, steps)).toEqual({ kind: 'unknown', near });
});
