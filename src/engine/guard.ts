/** Guards on a running agent, from what it has reported. Time is watched by the runtime, which holds the clock. */
import type { Usage } from '../events/event.ts';
import type { Guard } from '../workflow/workflow.ts';
import { tokensOf } from './budget.ts';

/** The first guard that is breached, or null. `max_turns: N` is breached when turn N+1 begins. */
export function breach(guard: Guard, usage: Usage | null): { guard: string; reason: string } | null {
  if (!usage) return null;
  const tokens = tokensOf(usage);
  if (guard.maxTurns !== null && usage.turns > guard.maxTurns) {
    return {
      guard: 'max_turns',
      reason: `max_turns: turn ${usage.turns} began, ${guard.maxTurns} are allowed`,
    };
  }
  if (guard.maxTokens !== null && tokens > guard.maxTokens) {
    return { guard: 'max_tokens', reason: `max_tokens: ${tokens} of ${guard.maxTokens} tokens` };
  }
  if (guard.maxBudgetUsd !== null && usage.cost > guard.maxBudgetUsd) {
    return {
      guard: 'max_budget',
      reason: `max_budget: $${usage.cost.toFixed(2)} of $${guard.maxBudgetUsd.toFixed(2)}`,
    };
  }
  return null;
}
