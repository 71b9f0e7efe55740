/** Steps of one list by name: each list is indexed once, because thousands of names may be looked up in it. */
import type { Step } from './workflow.ts';

const indexes = new WeakMap<readonly Step[], ReadonlyMap<string, number>>();

/** Where the step of this name stands in the list, from 0; -1 where there is none. */
export function positionOf(steps: readonly Step[], name: string): number {
  let index = indexes.get(steps);
  if (!index) {
    index = new Map(steps.map((step, position) => [step.name, position]));
    indexes.set(steps, index);
  }
  return index.get(name) ?? -1;
}

export function stepNamed(steps: readonly Step[], name: string): Step | undefined {
  return steps[positionOf(steps, name)];
}
