/** A call: the steps of another workflow, like a group of their own, with inputs and with limits for this one call. */

import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import { type Context, note, type Outcome } from './context.ts';
import { decideGroup } from './group.ts';
import { overdraft } from './overdraft.ts';
import { join } from './place.ts';
import { lessUsage, type StepState } from './state.ts';

export function decideCall(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  return (step && keepLimits(context, node, step)) ?? decideGroup(inside(context, node), node, step);
}

function inside(context: Context, { step }: PlanNode): Context {
  return { ...context, defaultAgent: own(step.with, 'agent') ?? context.defaultAgent };
}

/** Null while the called workflow keeps its own limits. */
function keepLimits(context: Context, { step: { name }, children, limits }: PlanNode, step: StepState) {
  const path = join(context.prefix, name);
  const over = overdraft(context, {
    path,
    nodes: children,
    steps: step.steps,
    limits,
    spent: lessUsage(step.spent, step.since.spent),
    activeMs: context.state.activeMs - step.since.activeMs,
  });
  if (over?.status !== 'over') return over;
  return note(`${path}/end`, ...over.facts, {
    type: 'step_completed',
    step: path,
    attempt: step.round,
    status: 'fail',
    commit: over.commit ?? step.start,
    reason: over.reason,
  });
}
