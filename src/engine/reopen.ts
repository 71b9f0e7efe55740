/** What resuming means for steps that had failed: finished ones stay, failed ones get a new allowance of attempts. */
import { own } from '../own.ts';
import { join } from './place.ts';
import { attemptsIn } from './rounds.ts';
import type { MergeState, StepState, Steps, TaskState } from './state.ts';

/** `activeMs` is the run's active time, from which the limits of called workflows that had failed count anew. */
export function reopenFailed(steps: Steps, activeMs: number, prefix = ''): Steps {
  const reopened = Object.entries(steps).map(([name, step]) => [
    name,
    reopenStep(step, activeMs, join(prefix, name)),
  ]);
  return Object.fromEntries(reopened);
}

function reopenStep(before: StepState, activeMs: number, path: string): StepState {
  const step = withoutConflicts(before, path);
  const inner = {
    ...step,
    steps: reopenFailed(step.steps, activeMs, path),
    tasks: reopenTasks(step.tasks, activeMs, path),
    // A person who said no behind the step is asked again.
    pause: step.pause?.approved === false ? null : step.pause,
  };
  if (step.status !== 'fail' && step.status !== 'cancelled') return inner;
  const since = { spent: step.spent, activeMs };
  const fresh = { reason: null, commit: null, same: null, reached: 0, since };
  const running = { ...inner, ...fresh, status: 'running' as const };
  if (Object.keys(before.tasks).length > 0 || step.attempt === null) return running;
  return {
    ...running,
    reopened: true,
    retrying: false,
    offset: step.attempt.number,
    overrides: {},
    pause: null,
  };
}

function reopenTasks(
  tasks: Readonly<Record<string, TaskState>>,
  activeMs: number,
  path: string,
): Readonly<Record<string, TaskState>> {
  const reopened = Object.entries(tasks).map(([name, task]): [string, TaskState] => {
    return [name, { ...task, steps: reopenFailed(task.steps, activeMs, join(path, name)) }];
  });
  return Object.fromEntries(reopened);
}

/** Merged once more it would conflict once more: such a branch begins again on top of what is merged, its numbers go on. */
function withoutConflicts(step: StepState, path: string): StepState {
  const conflicts = Object.entries(step.merges).filter(([, merge]) => isConflict(merge));
  if (conflicts.length === 0) return step;
  const again = conflicts.map(([name, merge]) => [name, { ...merge, again: step.line ?? merge.onto }]);
  const kept = ([name]: [string, unknown]) => !conflicts.some(([conflict]) => conflict === name);
  return {
    ...step,
    merges: { ...step.merges, ...Object.fromEntries(again) },
    tasks: Object.fromEntries(Object.entries(step.tasks).filter(kept)),
    steps: Object.fromEntries(Object.entries(step.steps).filter(kept)),
    used: { ...step.used, ...Object.fromEntries(conflicts.flatMap(([name]) => numbersOf(step, path, name))) },
  };
}

function isConflict({ commit, again }: MergeState): boolean {
  return commit === null && again === null;
}

function numbersOf(step: StepState, path: string, branch: string): readonly [string, number][] {
  const task = own(step.tasks, branch);
  if (task) return Object.entries(attemptsIn(task.steps, join(path, branch)));
  const child = own(step.steps, branch);
  return child ? Object.entries(attemptsIn({ [branch]: child }, path)) : [];
}
