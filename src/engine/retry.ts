/** What the next attempt is like (language.md §6): which entries match, merged, later ones win, and stay. */
import type { PlanNode } from '../plan/plan.ts';
import type { RetryEntry, RetryOverrides } from '../workflow/workflow.ts';
import { own } from './own.ts';
import { gateNamed } from './place.ts';
import type { StepState } from './state.ts';

/** How many attempts a list allows; 1 without a list. */
export function lastAttempt(retry: readonly RetryEntry[]): number {
  const exit = retry.find((entry) => entry.condition.kind === 'exit');
  return exit?.condition.kind === 'exit' ? exit.condition.attempt : 1;
}

/** The number of the attempt within its allowance: a resume after a failure grants a new one. */
export function relativeNumber(step: StepState): number {
  return (step.attempt?.number ?? 0) - step.offset;
}

export function mayRetry(retry: readonly RetryEntry[], step: StepState): boolean {
  return relativeNumber(step) < lastAttempt(retry);
}

/** The overrides in force for the attempt behind the present one. */
export function nextOverrides(node: PlanNode, step: StepState): RetryOverrides {
  const next = relativeNumber(step) + 1;
  const matching = node.step.retry.filter((entry) => applies(entry, { next, node, step }));
  const merged: RetryOverrides = Object.assign(
    {},
    step.overrides,
    ...matching.map(({ overrides }) => overrides),
  );
  return merged;
}

interface Moment {
  readonly next: number;
  readonly node: PlanNode;
  readonly step: StepState;
}

function applies({ condition }: RetryEntry, { next, node, step }: Moment): boolean {
  if (condition.kind === 'attempt') return next >= condition.attempt;
  if (condition.kind !== 'not') return false;
  const label = gateNamed(node.gates, condition.gate)?.label ?? condition.gate;
  const status = own(step.attempt?.gates, label)?.status;
  return status !== 'pass' && status !== 'skip';
}
