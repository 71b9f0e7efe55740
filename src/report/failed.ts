/** Why a step failed, where neither an attempt of its own nor a step inside it says so: a conflict, a limit, a round too many. */
import type { StepSummary } from './summary.ts';

/** Null where there is nothing to say, or where it is said already. */
export function untoldFailure(step: StepSummary, steps: readonly StepSummary[]): string | null {
  if (step.status !== 'fail' || !step.reason) return null;
  if (step.attempts.at(-1)?.error != null) return null;
  const within = `${step.path}/`;
  return steps.some(({ path, status }) => status === 'fail' && path.startsWith(within)) ? null : step.reason;
}
