/** What resuming means for steps that had failed: finished ones stay, failed ones get a new allowance of attempts. */
import type { StepState, Steps, TaskState } from './state.ts';

export function reopenFailed(steps: Steps): Steps {
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, reopenStep(step)]));
}

function reopenStep(step: StepState): StepState {
  const inner = {
    ...step,
    steps: reopenFailed(step.steps),
    tasks: reopenTasks(step.tasks),
    // A person who said no behind the step is asked again.
    pause: step.pause?.approved === false ? null : step.pause,
  };
  if (step.status !== 'fail' && step.status !== 'cancelled') return inner;
  const running = { ...inner, status: 'running' as const, reason: null, commit: null };
  if (Object.keys(step.tasks).length > 0 || step.attempt === null) return running;
  return {
    ...running,
    reopened: true,
    retrying: false,
    offset: step.attempt.number,
    overrides: {},
    pause: null,
  };
}

function reopenTasks(tasks: Readonly<Record<string, TaskState>>): Readonly<Record<string, TaskState>> {
  const reopened = Object.entries(tasks).map(([name, task]): [string, TaskState] => {
    const merged = task.merged?.commit === null ? null : task.merged;
    return [name, { ...task, merged, steps: reopenFailed(task.steps) }];
  });
  return Object.fromEntries(reopened);
}
