/** What a run may cost, roughly: list prices times what an attempt usually takes. */
import { limits } from '../limits.ts';
import type { AttemptDescription, PlanDescription, StepDescription } from './describe.ts';

export interface PriceRange {
  /** USD: every step passes at its first attempt. */
  readonly fromUsd: number;
  /** USD: every attempt that there is, or the run's limit where that is less. */
  readonly toUsd: number;
  /** True where `toUsd` is the run's limit, which is kept whatever the estimate says. */
  readonly isLimit: boolean;
  /** Tasks of the split that it is reckoned with. */
  readonly tasks: number;
  /** Agents whose price nobody knows: they are not in it. */
  readonly unknown: readonly string[];
}

/** USD for a million tokens; null where it is not known. */
export type PriceOf = (agent: string) => { readonly input: number; readonly output: number } | null;

interface Reckoning {
  readonly tasks: number;
  readonly attempts: 'first' | 'all';
  readonly costOf: (agent: string) => number;
}

export function priceRange(
  { steps, limits: { maxBudgetUsd } }: PlanDescription,
  { tasks, priceOf }: { readonly tasks: number; readonly priceOf: PriceOf },
): PriceRange {
  const unknown = new Set<string>();
  const costOf = (agent: string): number => {
    const price = priceOf(agent);
    if (price === null) unknown.add(agent);
    const { estimateTokensIn, estimateTokensOut } = limits;
    return price ? (price.input * estimateTokensIn + price.output * estimateTokensOut) / 1_000_000 : 0;
  };
  const from = costOfAll(steps, { tasks, attempts: 'first', costOf });
  const all = costOfAll(steps, { tasks, attempts: 'all', costOf });
  const isLimit = maxBudgetUsd !== null && (maxBudgetUsd < all || unknown.size > 0);
  const toUsd = isLimit ? maxBudgetUsd : all;
  return { fromUsd: Math.min(from, toUsd), toUsd, isLimit, tasks, unknown: [...unknown] };
}

function costOfAll(steps: readonly StepDescription[], reckoning: Reckoning): number {
  return steps.reduce((sum, step) => sum + costOfStep(step, reckoning), 0);
}

function costOfStep(step: StepDescription, reckoning: Reckoning): number {
  const { kind, attempts, attemptsMax, gates, get, steps } = step;
  const count = reckoning.attempts === 'first' ? 1 : attemptsMax;
  let cost = costOfAll(get, reckoning);
  for (let attempt = 1; attempt <= count; attempt++) {
    const agent = agentOf(attempts, attempt);
    if (agent !== null) cost += reckoning.costOf(agent);
    cost += gates.reduce((sum, gate) => sum + costOfAll(gate.steps, reckoning), 0);
  }
  const below = costOfAll(steps, reckoning);
  return cost + below * (kind === 'split' ? reckoning.tasks : count);
}

/** Who works at an attempt, as far as its number decides. */
function agentOf(attempts: readonly AttemptDescription[], attempt: number): string | null {
  return (
    attempts.findLast(({ from, agent }) => from !== null && from <= attempt && agent !== null)?.agent ?? null
  );
}

/** One sentence; it says what it is reckoned with. */
export function priceSentence({ fromUsd, toUsd, isLimit, tasks, unknown }: PriceRange): string {
  const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
  const { estimateTokensIn: tokensIn, estimateTokensOut: tokensOut } = limits;
  const end = isLimit ? `at most ${dollars(toUsd)} (its limit)` : `about ${dollars(toUsd)}`;
  const missing =
    unknown.length === 0 ? '' : ` The price of ${unknown.join(', ')} is not known and not in it.`;
  return `From about ${dollars(fromUsd)} to ${end}, reckoned by list prices with ${tasks} ${tasks === 1 ? 'task' : 'tasks'} and ${tokensIn / 1000}k tokens in, ${tokensOut / 1000}k out an attempt.${missing}`;
}
