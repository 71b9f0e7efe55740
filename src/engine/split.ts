/** The tasks of a split: one after another in one tree, or side by side in trees of their own, merged in declaration order. */
import type { Task } from '../workflow/workflow.ts';
import { commitOf, type Running } from './attempts.ts';
import { type Context, note, type Outcome } from './context.ts';
import type { Effect } from './effect.ts';
import { own } from './own.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';
import type { TaskState } from './state.ts';

export function decideTasks(running: Running): Outcome {
  const tasks = running.attempt.result?.tasks ?? [];
  return running.node.step.parallel ? decideParallel(running, tasks) : decideInTurn(running, tasks);
}

function decideInTurn(running: Running, tasks: readonly Task[]): Outcome {
  let head = commitOf(running.attempt);
  for (const [index, task] of tasks.entries()) {
    const state = own(running.step.tasks, task.name);
    if (!state) return note(taskId(running, task), started(running, { task, index, base: head }));
    const outcome = decideBody(running, state, running.context.scope);
    if (outcome.status === 'pending') return outcome;
    head = outcome.head;
    if (outcome.status === 'fail') return outcome;
  }
  return { status: 'pass', head, reason: null };
}

/** Siblings never hurt each other: what passed is merged, what failed or conflicts is named at the end. */
function decideParallel(running: Running, tasks: readonly Task[]): Outcome {
  const effects: Effect[] = [];
  const failures: string[] = [];
  const base = commitOf(running.attempt);
  const head = running.step.line ?? base;
  let active = 0;
  let settled = true;
  for (const [index, task] of tasks.entries()) {
    const state = own(running.step.tasks, task.name);
    if (!state) {
      settled = false;
      if (active++ >= running.context.plan.settings.max_parallel) continue;
      effects.push({
        kind: 'record',
        id: taskId(running, task),
        facts: [started(running, { task, index, base })],
      });
      continue;
    }
    const branch = settle(running, state, { head, settled });
    effects.push(...branch.effects);
    if (branch.active) active++;
    if (!branch.done) settled = false;
    if (branch.failure !== null) failures.push(branch.failure);
  }
  if (!settled) return { status: 'pending', effects };
  return failures.length === 0
    ? { status: 'pass', head, reason: null }
    : { status: 'fail', head, reason: failures.join('; ') };
}

interface Branch {
  readonly effects: readonly Effect[];
  readonly active: boolean;
  readonly done: boolean;
  readonly failure: string | null;
}

function settle(
  running: Running,
  state: TaskState,
  line: { readonly head: string; readonly settled: boolean },
): Branch {
  const idle: Branch = { effects: [], active: false, done: true, failure: null };
  if (state.merged) return { ...idle, failure: state.merged.reason };
  const scope = join(running.path, state.task.name);
  const outcome = decideBody(running, state, scope);
  if (outcome.status === 'pending') return { ...idle, effects: outcome.effects, active: true, done: false };
  if (outcome.status === 'fail') return { ...idle, failure: outcome.reason };
  if (!line.settled) return { ...idle, done: false };
  const merge: Effect = {
    kind: 'merge',
    id: `${scope}/merge`,
    path: running.path,
    task: state.task.name,
    scope: running.context.scope,
    ours: line.head,
    theirs: outcome.head,
    base: state.base,
  };
  return { ...idle, effects: [merge], done: false };
}

function decideBody(running: Running, state: TaskState, scope: string): Outcome {
  const inside: Context = {
    ...running.context,
    prefix: join(running.path, state.task.name),
    head: state.base,
    scope,
    task: state.task,
  };
  return decideSequence(inside, running.node.children, state.steps);
}

function started({ path }: Running, { task, index, base }: { task: Task; index: number; base: string }) {
  return { type: 'task_started', step: path, task: task.name, index: index + 1, base } as const;
}

function taskId({ path }: Running, task: Task): string {
  return `${join(path, task.name)}/start`;
}
