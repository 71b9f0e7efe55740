/** What a replay does not go on with: the conversations of another run. They went on behind that moment, and in other trees. */
import { mapValues } from '../own.ts';
import type { AttemptState, GateState, StepState, Steps } from './state.ts';

export function forgetSessions(steps: Steps): Steps {
  return mapValues(steps, forgetIn);
}

function forgetIn(step: StepState): StepState {
  return {
    ...step,
    attempt: step.attempt && forget(step.attempt),
    previous: step.previous && forget(step.previous),
    tasks: mapValues(step.tasks, (task) => ({ ...task, steps: forgetSessions(task.steps) })),
    steps: forgetSessions(step.steps),
  };
}

function forget(attempt: AttemptState): AttemptState {
  const forgetJudge = (judge: GateState): GateState => ({ ...judge, steps: forgetSessions(judge.steps) });
  return {
    ...attempt,
    end: attempt.end && { ...attempt.end, sessionId: null },
    gates: mapValues(attempt.gates, forgetJudge),
    conditions: mapValues(attempt.conditions, forgetJudge),
  };
}
