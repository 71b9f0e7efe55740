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
