/** How the tasks of a split stand, told from what happens to the steps inside them. */
import type { EventOf } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Draft, TaskDraft } from './draft.ts';
import { nodeAt } from './node.ts';

/** The first task that starts accepts the whole list: the others are queued. */
export function startTask(draft: Draft, event: EventOf<'task_started'>): void {
  const names = draft.proposed.get(event.step) ?? [];
  draft.proposed.delete(event.step);
  if (names.length > 0) {
    for (const task of [...draft.tasks.values()])
      if (task.split === event.step) draft.tasks.delete(task.path);
    for (const [index, name] of names.entries()) {
      setTask(draft, event.step, { name, index: index + 1, status: 'queued' });
    }
  }
  setTask(draft, event.step, { name: event.task, index: event.index, status: 'running' });
}

function setTask(
  draft: Draft,
  split: string,
  task: { readonly name: string; readonly index: number; readonly status: TaskDraft['status'] },
): void {
  const path = `${split}/${task.name}`;
  draft.tasks.set(path, { path, split, ...task });
}

export function failTask(draft: Draft, path: string): void {
  const task = draft.tasks.get(path);
  if (task) task.status = 'fail';
}

/** The innermost task that a step stands in; undefined outside of tasks. */
export function taskOfStep(draft: Draft, path: string): TaskDraft | undefined {
  if (draft.tasks.size === 0) return undefined;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const task = draft.tasks.get(path.slice(0, end));
    if (task) return task;
  }
  return undefined;
}

/** A step's end may be its task's end, and a split's end is that of what still counts as running in it. */
export function endTasks(
  { plan, draft }: { readonly plan: Plan | null; readonly draft: Draft },
  event: EventOf<'step_completed'>,
): void {
  for (const task of draft.tasks.values()) {
    if (task.split === event.step && task.status === 'running') task.status = 'pass';
  }
  const task = taskOfStep(draft, event.step);
  if (!task || event.step.slice(task.path.length + 1).includes('/')) return;
  if (event.status === 'fail' || event.status === 'cancelled') task.status = event.status;
  else if (isLast(plan, task, event.step)) task.status = 'pass';
}

function isLast(plan: Plan | null, task: TaskDraft, path: string): boolean {
  const last = plan === null ? undefined : nodeAt(plan, task.split)?.children.at(-1)?.step.name;
  return last !== undefined && path === `${task.path}/${last}`;
}

/** A resume takes up again what was cancelled or waits; what had failed only where the run has failed with it. */
export function reopen(draft: Draft): void {
  for (const one of [...draft.steps.values(), ...draft.tasks.values()]) {
    const isOpen = one.status === 'cancelled' || one.status === 'paused';
    if (isOpen || (one.status === 'fail' && draft.hasFailed)) one.status = 'running';
  }
  for (const step of draft.steps.values()) if (step.status === 'running') step.reason = null;
}
