/** What the next attempt is like (language.md §6): which entries match, merged, later ones win, and stay. */

import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { RetryEntry, RetryOverrides } from '../workflow/workflow.ts';
import { isEscalation } from './breaker.ts';
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

export const everyOverride: readonly (keyof RetryOverrides)[] = ['agent', 'prompt', 'session', 'worktree'];

/** The overrides in force for the attempt behind the present one. */
export function nextOverrides(node: PlanNode, step: StepState): RetryOverrides {
  return inForce({ node, step, next: nextNumber(step) }, node.step.retry.length);
}

export interface Escalation {
  /** The attempt that its entry names. */
  readonly attempt: number;
  readonly overrides: RetryOverrides;
}

/** The next entry `attempt: N` that tries another way, as it will be when N is reached, with everything between; null without one. */
export function nextEscalation(node: PlanNode, step: StepState): Escalation | null {
  const entries = node.step.retry;
  const later = entries.flatMap(({ condition }): Escalation[] => {
    if (condition.kind !== 'attempt' || condition.attempt <= nextNumber(step)) return [];
    const { attempt } = condition;
    return [{ attempt, overrides: inForce({ node, step, next: attempt }, entries.length) }];
  });
  return later.find(({ overrides }) => isEscalation(step.overrides, overrides)) ?? null;
}

/** Of the attempt to come, as entries count: one that was taken early stays reached. */
function nextNumber(step: StepState): number {
  return Math.max(relativeNumber(step) + 1, step.reached);
}

/**
 * Whether the next attempt depends on that entry's condition: without it something would be different, and no later entry
 * that applies for certain says otherwise. What the validators of entries before it say is known.
 */
export function matters({ node, step, entry, among }: Question): boolean {
  const moment = { node, step, next: nextNumber(step) };
  const before = inForce(moment, entry);
  const later = node.step.retry.filter((_, index) => index > entry && applies(moment, index));
  const overrides = node.step.retry[entry]?.overrides ?? {};
  const keys = (Object.keys(overrides) as (keyof RetryOverrides)[]).filter((key) => among.includes(key));
  return keys.some((key) => {
    const isDecided = later.some((other) => other.overrides[key] !== undefined);
    return overrides[key] !== before[key] && !isDecided;
  });
}

interface Question {
  readonly node: PlanNode;
  readonly step: StepState;
  /** Index in the list. */
  readonly entry: number;
  /** The overrides that count. */
  readonly among: readonly (keyof RetryOverrides)[];
}

interface Moment {
  readonly node: PlanNode;
  readonly step: StepState;
  /** Number of the attempt to come, as entries count. */
  readonly next: number;
}

/** The overrides behind the first so many entries. */
function inForce(moment: Moment, entries: number): RetryOverrides {
  const { node, step } = moment;
  const matching = node.step.retry.filter((_, index) => index < entries && applies(moment, index));
  return Object.assign({}, step.overrides, ...matching.map(({ overrides }) => overrides));
}

function applies({ node, step, next }: Moment, entry: number): boolean {
  const condition = node.step.retry[entry]?.condition;
  if (condition?.kind === 'attempt') return next >= condition.attempt;
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
