/** What a job has to do with a run on more than one machine. */
import { isStepName } from '../src/index.ts';
import type { Reader } from './reader.ts';

export interface FanOut {
  /** The path of a branch; only for `task`, and then never null. */
  readonly task: string | null;
  /** True: parallel branches go on in jobs of their own. */
  readonly fanOut: boolean;
}

export function readFanOut(reader: Reader, command: string): FanOut {
  const fanOut = reader.choice('fan-out', ['true', 'false']) === 'true';
  return { task: command === 'task' ? readTask(reader) : null, fanOut };
}

function readTask(reader: Reader): string | null {
  const isPath = (value: string): boolean => isStepName(value) && value.includes('/');
  const task = reader.matching('task', isPath, 'the path of a branch, for example `build/task-1`');
  if (reader.text('task') === null)
    reader.problems.push('The input `task` is missing: `command: task` runs the branch that it names.');
  return task;
}
