/** `get.workflow`: the called workflow runs once, before the step's first attempt, and its tree is where the step starts. */

import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import { begin, type Context, note, type Outcome } from './context.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';
import type { StepState } from './state.ts';

/** Passed where there is none or it has passed; where it failed, the step has. Nothing of it is retried but by its own steps. */
export function decideGet(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  if (!node.get) return { status: 'pass', head: context.head, reason: null };
  const path = join(context.prefix, node.step.name);
  if (!step) {
    const { kind: step_type } = node.step;
    const base = context.head;
    return begin(context, `${path}/get`, { type: 'group_started', step: path, step_type, round: 1, base });
  }
  const readOnly = context.readOnly || node.step.worktree !== 'read-write';
  const outcome = decideSequence({ ...context, prefix: path, readOnly }, [node.get], step.steps);
  if (outcome.status !== 'fail') return outcome;
  const { status, head: commit, reason } = outcome;
  const attempt = numberOfFirst(context, path);
  return note(`${path}/end`, { type: 'step_completed', step: path, attempt, status, commit, reason });
}

/** The number of a step's first attempt: behind all that there were; a validator's steps count with what they judge. */
export function numberOfFirst({ judging, used }: Context, path: string): number {
  return Math.max(judging ?? 1, (own(used, path) ?? 0) + 1);
}
