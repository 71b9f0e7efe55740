/** The run's one budget of money, tokens and time, shared by everything in it. */
import type { Plan } from '../plan/plan.ts';
import type { RunState } from './state.ts';

export interface Excess {
  readonly kind: 'budget' | 'tokens' | 'time';
  readonly max: number;
  readonly current: number;
}

/** The limit that is exceeded, or null. */
export function excess(plan: Plan, state: RunState): Excess | null {
  const { maxTokens, maxTimeoutMs } = plan.limits;
  const tokens = state.spent.tokens_in + state.spent.tokens_out;
  const maxUsd = budgetOf(plan, state);
  if (maxUsd !== null && state.spent.cost > maxUsd)
    return { kind: 'budget', max: maxUsd, current: state.spent.cost };
  if (maxTokens !== null && tokens > maxTokens) return { kind: 'tokens', max: maxTokens, current: tokens };
  if (maxTimeoutMs !== null && state.activeMs > maxTimeoutMs)
    return { kind: 'time', max: maxTimeoutMs, current: state.activeMs };
  return null;
}

/** The budget in force in USD; null: unlimited. */
export function budgetOf(plan: Plan, state: RunState): number | null {
  return state.maxBudgetUsd === undefined ? plan.limits.maxBudgetUsd : state.maxBudgetUsd;
}
