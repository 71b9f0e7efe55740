/** The run's one budget of money, tokens and time, shared by everything in it; and limits in general. */
import type { Usage } from '../events/event.ts';
import type { Plan, RunLimits } from '../plan/plan.ts';
import type { RunState } from './state.ts';

export interface Excess {
  readonly kind: 'budget' | 'tokens' | 'time';
  readonly max: number;
  readonly current: number;
  /** The call that could not be paid any more, in USD. */
  readonly call?: number;
}

/** The run's limit that is exceeded, or null. */
export function excess(plan: Plan, state: RunState): Excess | null {
  return excessOf({ ...plan.limits, maxBudgetUsd: budgetOf(plan, state) }, state.spent, state.activeMs);
}

/** The first of the limits that is exceeded, or null. */
export function excessOf(limits: RunLimits, spent: Usage, activeMs: number): Excess | null {
  const { maxBudgetUsd, maxTokens, maxTimeoutMs } = limits;
  const tokens = tokensOf(spent);
  if (maxBudgetUsd !== null && spent.cost > maxBudgetUsd)
    return { kind: 'budget', max: maxBudgetUsd, current: spent.cost };
  if (maxTokens !== null && tokens > maxTokens) return { kind: 'tokens', max: maxTokens, current: tokens };
  if (maxTimeoutMs !== null && activeMs > maxTimeoutMs)
    return { kind: 'time', max: maxTimeoutMs, current: activeMs };
  return null;
}

/** All of them, in and out. */
export function tokensOf({ tokens_in, tokens_out }: Usage): number {
  return tokens_in + tokens_out;
}

/** `the run's budget is used up: $1.02 of $1.00`. */
export function limitSentence(whose: string, { kind, max, current, call }: Excess): string {
  if (call !== undefined)
    return `${whose} budget cannot pay the next call: it may cost up to $${call.toFixed(2)}, and $${current.toFixed(2)} of $${max.toFixed(2)} are spent`;
  if (kind === 'budget') return `${whose} budget is used up: $${current.toFixed(2)} of $${max.toFixed(2)}`;
  if (kind === 'tokens') return `${whose} tokens are used up: ${current} of ${max}`;
  return `${whose} time is used up: ${Math.round(current / 1000)} s of ${Math.round(max / 1000)} s`;
}

/** The budget in force in USD; null: unlimited. */
export function budgetOf(plan: Plan, state: RunState): number | null {
  return state.maxBudgetUsd === undefined ? plan.limits.maxBudgetUsd : state.maxBudgetUsd;
}
