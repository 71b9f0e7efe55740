/** What a run would cost, in a sentence: list prices, and a range from the first attempts to all of them. */
import { modelOf } from '../agents/models.ts';
import type { PlanDescription } from '../plan/describe.ts';
import { priceRange, priceSentence } from '../plan/price.ts';

export interface Reckoned {
  /** How many tasks the spec is split into; null where it was never split: one. */
  readonly tasks: number | null;
  /** Agents of one's own, as the run's settings have them. */
  readonly agents: Parameters<typeof modelOf>[1];
}

/** Says so where the price of an agent's model is not known. */
export function priceOfPlan(description: PlanDescription, { tasks, agents }: Reckoned): string {
  const price = priceRange(description, {
    tasks: tasks ?? 1,
    priceOf: (agent) => {
      const { input, output } = modelOf(agent, agents).price;
      return input === null || output === null ? null : { input, output };
    },
  });
  return priceSentence(price);
}
