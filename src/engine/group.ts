/**
 * A group or a call: its children one after another or side by side; `retry: [{exit: N}]` starts a group again from its
 * beginning.
 */

import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { StepKind } from '../workflow/workflow.ts';
import { type Branch, decideBranches, withAdvice } from './branches.ts';
import { brokenBy } from './breaker.ts';
import { begin, type Context, note, type Outcome } from './context.ts';
import { join } from './place.ts';
import { lastAttempt } from './retry.ts';
import { decideSequence } from './sequence.ts';
import type { StepState } from './state.ts';

export function decideGroup(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  const path = join(context.prefix, node.step.name);
  const { kind } = node.step;
  if (!step) return startRound(context, path, { kind, number: 1, reason: null });
  const inside = { ...context, prefix: path, head: step.base, used: { ...context.used, ...step.used } };
  const outcome = node.step.parallel
    ? decideSideBySide(inside, node, step)
    : decideSequence(inside, node.children, step.steps);
  if (outcome.status === 'pending') return outcome;
  const { status, head, reason } = outcome;
  const mayGoOn = status === 'fail' && step.round < lastAttempt(node.step.retry);
  const broken = mayGoOn ? brokenBy(context.plan, step, reason) : null;
  if (mayGoOn && broken === null)
    return startRound({ ...context, head }, path, { kind, number: step.round + 1, reason });
  const why = broken === null ? reason : `${broken}: ${reason}`;
  return note(`${path}/end`, {
    type: 'step_completed',
    step: path,
    attempt: step.round,
    status,
    commit: head,
    reason: why !== null && node.step.parallel ? withAdvice(step, node.children, why) : why,
  });
}

function decideSideBySide(context: Context, node: PlanNode, step: StepState): Outcome {
  const branches = node.children.map((child): Branch => {
    const { name } = child.step;
    return {
      name,
      start: own(step.steps, name)?.begun,
      decide: (inside) => decideSequence(inside, [child], step.steps),
    };
  });
  return decideBranches({ context, path: context.prefix, step, base: step.base }, branches);
}

interface Round {
  readonly kind: StepKind;
  readonly number: number;
  /** Why the one before failed. */
  readonly reason: string | null;
}

function startRound(context: Context, path: string, { kind, number, reason }: Round): Outcome {
  return begin(context, `${path}/round-${number}`, {
    type: 'group_started',
    step: path,
    step_type: kind,
    round: number,
    base: context.head,
    ...(reason === null ? {} : { reason }),
  });
}
