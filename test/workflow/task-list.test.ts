import { describe, expect, it } from 'vitest';
import { checkTasks } from '../../src/workflow/task-list.ts';
import type { Task } from '../../src/workflow/workflow.ts';
import { judge } from '../gates/project.ts';

function task(more: Partial<Task> = {}): Task {
  return { name: 'greeting', description: 'Greets.', files: ['src/a.js'], ...more };
}

describe('the gate `schema`', () => {
  it('passes well-formed tasks, tasks without files and an empty plan', () => {
    expect(checkTasks([task(), task({ name: 'Other_2-b', files: null })])).toEqual([]);
    expect(checkTasks([])).toEqual([]);
  });

  it('names every problem of every task', () => {
    const tasks = [task({ name: '' }), task({ description: ' ', files: ['../a', '/b'] }), task()];
    expect(checkTasks(tasks)).toEqual([
      'task 1: the name is empty',
      'task 2 ("greeting"): the description is empty',
      'task 2 ("greeting"): "../a" is no path of the repository: it leaves its folder (`..`)',
      'task 2 ("greeting"): "/b" is no path of the repository: it is absolute, not relative',
      'task 3 ("greeting"): the name stands twice',
    ]);
  });

  it.each([
    ['a name that leaves', { name: '../x' }, 'the name does not fit'],
    ['a name with a slash', { name: 'a/b' }, 'the name does not fit'],
    ['a name that looks like an option', { name: '-x' }, 'the name does not fit'],
    ['a name with NUL', { name: 'a\0b' }, 'the name does not fit'],
    ['a name of 300 characters', { name: 'a'.repeat(300) }, 'the name does not fit'],
    ['a name of blanks', { name: '  ' }, 'the name is empty'],
    ['a name that differs in its case', { name: 'GREETING' }, 'in its case only'],
    ['a path that is absolute', { files: ['/etc/passwd'] }, 'it is absolute'],
    ['a path that leaves', { files: ['a/../../b'] }, 'it leaves its folder'],
    ['a path with NUL', { files: ['a\0b'] }, 'control character'],
    ['a path of 10,000 characters', { files: ['a'.repeat(10_000)] }, 'it is longer than'],
    ['a path that looks like an option', { files: ['-rf'] }, 'it begins with `-`'],
    ['an empty path', { files: [''] }, 'it is empty'],
    ["git's own folder", { files: ['.GIT/hooks/x'] }, "inside git's own folder"],
  ])('fails for %s', async (_what, more, problem) => {
    const tasks = [task(), task({ name: 'second', ...more })];
    const result = await judge({ kind: 'schema', base: {}, order: { tasks } });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain(problem);
    expect(result.reason).toMatch(/^task 2/);
  });

  it('takes names like those of every object for names', () => {
    const names = ['constructor', '__proto__', 'toString'];
    expect(checkTasks(names.map((name) => task({ name })))).toEqual([]);
    expect(checkTasks([task({ name: '__proto__' }), task({ name: '__proto__' })])).toHaveLength(1);
  });

  it('holds 256 tasks and not one more', () => {
    const many = Array.from({ length: 257 }, (_, index) => task({ name: `t${index}` }));
    expect(checkTasks(many.slice(1))).toEqual([]);
    expect(checkTasks(many)).toEqual(['there are 257 tasks; at most 256 are possible']);
  });

  it('is judged on the tasks of the order', async () => {
    const base = {};
    expect(await judge({ kind: 'schema', base, order: { tasks: [task()] } })).toMatchObject({
      status: 'pass',
      reason: '',
    });
    const failing = await judge({ kind: 'schema', base, order: { tasks: [task({ name: '' })] } });
    expect(failing).toMatchObject({ status: 'fail', reason: 'task 1: the name is empty' });
    expect(await judge({ kind: 'schema', base })).toMatchObject({ status: 'fail' });
  });
});
