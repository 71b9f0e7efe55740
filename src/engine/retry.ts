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
  return inForce(node, step, node.step.retry.length);
}

/**
 * Whether the next attempt depends on that entry's condition: without it something would be different, and no later entry
 * that applies for certain says otherwise. What the validators of entries before it say is known.
 */
export function matters(node: PlanNode, step: StepState, entry: number): boolean {
  const before = inForce(node, step, entry);
  const later = node.step.retry.filter((_, index) => index > entry && applies(node, step, index));
  const keys = Object.keys(node.step.retry[entry]?.overrides ?? {}) as (keyof RetryOverrides)[];
  return keys.some((key) => {
    const isDecided = later.some(({ overrides }) => overrides[key] !== undefined);
    return node.step.retry[entry]?.overrides[key] !== before[key] && !isDecided;
  });
}

/** The overrides behind the first so many entries. */
function inForce(node: PlanNode, step: StepState, entries: number): RetryOverrides {
  const matching = node.step.retry.filter((_, index) => index < entries && applies(node, step, index));
  return Object.assign({}, step.overrides, ...matching.map(({ overrides }) => overrides));
}

function applies(node: PlanNode, step: StepState, entry: number): boolean {
  const condition = node.step.retry[entry]?.condition;
  if (condition?.kind === 'attempt') return relativeNumber(step) + 1 >= condition.attempt;
  if (condition?.kind === 'validate') return saysPass(node, step, entry);
  if (condition?.kind !== 'not') return false;
  const label = gateNamed(node.gates, condition.gate)?.label ?? condition.gate;
  const status = own(step.attempt?.gates, label)?.status;
  return status !== 'pass' && status !== 'skip';
}

/** False also for a validator that was not asked: its entry does not matter then. */
function saysPass(node: PlanNode, step: StepState, entry: number): boolean {
  const label = node.conditions.find((condition) => condition.entry === entry)?.label;
  return label !== undefined && own(step.attempt?.conditions, label)?.status === 'pass';
}
