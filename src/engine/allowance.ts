/** What called workflows have used of limits of their own, and where that is counted from. */
import type { Usage } from '../events/event.ts';
import { mapValues } from '../own.ts';
import { type AttemptState, addUsage, type GateState, noUsage, type StepState, type Steps } from './state.ts';

/** Everything that was spent in these steps. */
export function spentIn(steps: Steps): Usage {
  return Object.values(steps).reduce((sum, { spent }) => addUsage(sum, spent), noUsage);
}

/** A new run begins in the middle of these steps: what they hold has its whole allowance. */
export function countAnew(steps: Steps, activeMs: number): Steps {
  return mapValues(steps, (step): StepState => {
    return {
      ...step,
      since: { spent: step.spent, activeMs },
      same: null,
      steps: countAnew(step.steps, activeMs),
      tasks: mapValues(step.tasks, (task) => ({ ...task, steps: countAnew(task.steps, activeMs) })),
      attempt: step.attempt && inAttempt(step.attempt, activeMs),
    };
  });
}

function inAttempt(attempt: AttemptState, activeMs: number): AttemptState {
  const anew = (judge: GateState): GateState => {
    const since = { spent: spentIn(judge.steps), activeMs };
    return { ...judge, since, steps: countAnew(judge.steps, activeMs) };
  };
  return {
    ...attempt,
    gates: mapValues(attempt.gates, anew),
    conditions: mapValues(attempt.conditions, anew),
  };
}
