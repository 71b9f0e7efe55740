import { expect, test } from 'vitest';
import { describePlan } from '../../src/plan/describe.ts';
import { priceRange, priceSentence } from '../../src/plan/price.ts';
import { planOf } from '../engine/given.ts';

/** A dollar an attempt of the cheap one, ten of the dear one. */
const priceOf = (agent: string) =>
  agent === 'claude-haiku'
    ? { input: 5, output: 0 }
    : agent === 'claude-opus'
      ? { input: 50, output: 0 }
      : null;

const work = `  - name: plan
    type: split
    prompt: "split {spec}"
    agent: claude-opus
    each:
      - name: do
        type: code
        prompt: "do {task.name}"
        agent: claude-haiku
        retry:
          - attempt: 3
            agent: claude-opus
          - exit: 4
`;

test.each([
  // 10 for the split, and of each task one attempt of the cheap agent; at worst two of each.
  [1, 11, 32],
  [3, 13, 76],
])('with %i tasks it is from $%i to $%i', (tasks, fromUsd, toUsd) => {
  const range = priceRange(describePlan(planOf(work)), { tasks, priceOf });
  expect(range).toEqual({ fromUsd, toUsd, isLimit: false, tasks, unknown: [] });
});

test('the limit is the most that it can be, also where a price is not known, which is told', () => {
  const plan = planOf(work.replace('claude-haiku', 'qwen-local'), { settings: { max_budget: 5 } });
  const range = priceRange(describePlan(plan), { tasks: 1, priceOf });
  expect(range).toMatchObject({ fromUsd: 5, toUsd: 5, isLimit: true, unknown: ['qwen-local'] });
  expect(priceSentence(range)).toContain('at most $5.00 (its limit)');
  expect(priceSentence(range)).toContain('The price of qwen-local is not known');
});
