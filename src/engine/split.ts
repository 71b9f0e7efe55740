/** The tasks of a split: one after another in one tree, or side by side as branches. */

import { own } from '../own.ts';
import type { Task } from '../workflow/workflow.ts';
import { commitOf, type Running } from './attempts.ts';
import { type Branch, decideBranches, withAdvice } from './branches.ts';
import { begin, type Context, type Outcome } from './context.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';

export function decideTasks(running: Running): Outcome {
  const tasks = running.attempt.result?.tasks ?? [];
  return running.node.step.parallel ? decideSideBySide(running, tasks) : decideInTurn(running, tasks);
}

function decideInTurn(running: Running, tasks: readonly Task[]): Outcome {
  let head = commitOf(running.attempt);
  for (const [index, task] of tasks.entries()) {
    const outcome = decideTask(running, { task, index }, { ...running.context, head });
    if (outcome.status !== 'pass') return outcome;
    head = outcome.head;
  }
  return { status: 'pass', head, reason: null };
}

function decideSideBySide(running: Running, tasks: readonly Task[]): Outcome {
  const { context, path, step, attempt } = running;
  const branches = tasks.map(
    (task, index): Branch => ({
      name: task.name,
      start: own(step.tasks, task.name)?.base,
      decide: (inside) => decideTask(running, { task, index }, inside),
    }),
  );
  const outcome = decideBranches({ context, path, step, base: commitOf(attempt) }, branches);
  if (outcome.status !== 'fail') return outcome;
  return { ...outcome, reason: withAdvice(step, tasks, outcome.reason) };
}

interface Numbered {
  readonly task: Task;
  /** From 0. */
  readonly index: number;
}

/** The context's head is where it starts. */
function decideTask({ path, step, node }: Running, { task, index }: Numbered, context: Context): Outcome {
  const prefix = join(path, task.name);
  const state = own(step.tasks, task.name);
  if (!state) {
    const base = context.head;
    return begin(context, `${prefix}/start`, {
      type: 'task_started',
      step: path,
      task: task.name,
      index: index + 1,
      base,
    });
  }
  const used = { ...context.used, ...step.used };
  const inside = { ...context, prefix, used, head: state.base, task: state.task };
  return decideSequence(inside, node.children, state.steps);
}
