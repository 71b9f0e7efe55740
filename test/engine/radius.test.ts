import { expect, test } from 'vitest';
import { covers } from '../../src/engine/radius.ts';
import { only, planOf } from './given.ts';
import { play, type World } from './world.ts';

test.each([
  ['src/a.js', 'src/a.js', true],
  ['./src/a.js', 'src/a.js', true],
  ['src/', 'src/deep/a.js', true],
  ['src', 'src/deep/a.js', true],
  ['src', 'src-other/a.js', false],
  ['src/*.js', 'src/a.js', true],
  ['src/*.js', 'src/deep/a.js', false],
  ['src/**/*.js', 'src/deep/a.js', true],
  ['docs/**', 'docs/.hidden', true],
  ['src/a.js', 'src/b.js', false],
  ['!src/a.js', 'src/b.js', false],
  ['.', 'src/b.js', true],
  ['./', 'src/b.js', true],
  ['app/(shop)/*', 'app/(shop)/page.tsx', true],
  ['(a+)+b', 'a'.repeat(200), false],
])('the radius %s and the path %s', (entry, path, inside) => {
  expect(covers([entry], path)).toBe(inside);
});

const plan = planOf(`  - name: plan
    type: split
    prompt: cut
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{exit: 2}]}`);
const world = (files: string[] | null, changes: string[]): World => ({
  agent: ({ stepKind }) =>
    stepKind === 'split' ? { tasks: [{ name: 'a', description: 'a', files }] } : { changes },
});

test("a change outside the task's files fails the attempt before its gates, and names files and radius", () => {
  const { events, state } = play(plan, world(['src/a.js'], ['src/a.js', 'src/b.js']));
  expect(state.status).toBe('fail');
  expect(only(events, 'gate_started')).toEqual([]);
  const [retry] = only(events, 'retry_triggered');
  expect(retry?.reason).toContain('outside the task "a": src/b.js;');
  expect(retry?.reason).toContain("the task's files are: src/a.js");
});

test('a change within the files passes', () => {
  expect(play(plan, world(['src'], ['src/a.js'])).state.status).toBe('pass');
});

test('a task without files may change anything', () => {
  expect(play(plan, world(null, ['anything'])).state.status).toBe('pass');
});
