/** What may still be spent: the question behind every call of a model. */
import type { Plan } from '../plan/plan.ts';
import { budgetOf } from './budget.ts';
import { locate } from './place.ts';
import type { RunState } from './state.ts';

/** In USD, with everything subtracted that has been booked; null: unlimited. */
export interface PurseState {
  readonly attemptUsd: number | null;
  readonly runUsd: number | null;
}

export function purseOf(plan: Plan, state: RunState, path: string): PurseState {
  const place = locate(plan, state, path);
  const attemptMax = place?.node.step.guard.maxBudgetUsd ?? null;
  const used = place?.step?.attempt?.launch?.usage.cost ?? 0;
  const runMax = budgetOf(plan, state);
  return {
    attemptUsd: attemptMax === null ? null : attemptMax - used,
    runUsd: runMax === null ? null : runMax - state.spent.cost,
  };
}
