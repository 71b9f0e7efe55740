/** What a replay does not go on with: the conversations of another run. They went on behind that moment, and in other trees. */
import type { AttemptState, GateState, StepState, Steps } from './state.ts';

export function forgetSessions(steps: Steps): Steps {
  return mapped(steps, forgetIn);
}

function forgetIn(step: StepState): StepState {
  return {
    ...step,
    attempt: step.attempt && forget(step.attempt),
    previous: step.previous && forget(step.previous),
    tasks: mapped(step.tasks, (task) => ({ ...task, steps: forgetSessions(task.steps) })),
    steps: forgetSessions(step.steps),
  };
}

function forget(attempt: AttemptState): AttemptState {
  const forgetJudge = (judge: GateState): GateState => ({ ...judge, steps: forgetSessions(judge.steps) });
  return {
    ...attempt,
    end: attempt.end && { ...attempt.end, sessionId: null },
    gates: mapped(attempt.gates, forgetJudge),
    conditions: mapped(attempt.conditions, forgetJudge),
  };
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
