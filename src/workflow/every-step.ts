import type { Step } from './workflow.ts';

/** Steps with all that stand below them, in the file's order: each before those of its split and of its group. */
export function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, ...everyStep(step.each), ...everyStep(step.steps)]);
}
