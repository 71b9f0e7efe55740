/** A group: its children one after another; `retry: [{exit: N}]` starts it again from its beginning. */
import type { PlanNode } from '../plan/plan.ts';
import { type Context, note, type Outcome } from './context.ts';
import { join } from './place.ts';
import { lastAttempt } from './retry.ts';
import { decideSequence } from './sequence.ts';
import type { StepState } from './state.ts';

export function decideGroup(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  const path = join(context.prefix, node.step.name);
  if (!step) return startRound(context, path, 1);
  const outcome = decideSequence({ ...context, prefix: path, head: step.start }, node.children, step.steps);
  if (outcome.status === 'pending') return outcome;
  const { status, head, reason } = outcome;
  if (status === 'fail' && step.round < lastAttempt(node.step.retry))
    return startRound({ ...context, head }, path, step.round + 1);
  return note(`${path}/end`, {
    type: 'step_completed',
    step: path,
    attempt: step.round,
    status,
    commit: head,
    reason,
  });
}

function startRound(context: Context, path: string, round: number): Outcome {
  return note(`${path}/round-${round}`, {
    type: 'group_started',
    step: path,
    step_type: 'group',
    round,
    base: context.head,
  });
}
