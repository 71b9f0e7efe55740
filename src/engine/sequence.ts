/** Steps one after another, each on the tree that the last one left; the first that fails ends the sequence. */

import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import { decideAttempts } from './attempts.ts';
import { decideCall } from './call.ts';
import type { Context, Outcome } from './context.ts';
import { note, pending } from './context.ts';
import { decideGroup } from './group.ts';
import { join } from './place.ts';
import type { StepState, Steps } from './state.ts';
import { realPath } from './values.ts';

export function decideSequence(context: Context, nodes: readonly PlanNode[], steps: Steps): Outcome {
  let head = context.head;
  for (const node of nodes) {
    const step = own(steps, node.step.name);
    const here = { ...context, head };
    if (step === undefined || step.status === 'running') return decideNode(here, node, step);
    head = step.commit ?? head;
    if (step.status === 'fail' || step.status === 'cancelled') {
      return {
        status: 'fail',
        head,
        reason: told(join(context.prefix, node.step.name), step.reason ?? 'failed'),
      };
    }
    const paused = pauseBehind({ ...here, head }, node, step);
    if (paused) return paused;
  }
  return { status: 'pass', head, reason: null };
}

/** Where it failed, once: what stands below has told the whole path already. */
function told(path: string, reason: string): string {
  return reason.startsWith(`${path}/`) ? reason : `${path}: ${reason}`;
}

function decideNode(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  if (node.step.kind === 'call') return decideCall(context, node, step);
  return node.step.kind === 'group' ? decideGroup(context, node, step) : decideAttempts(context, node, step);
}

/** `--pause-after STEP`: a person is asked once the step has passed. */
function pauseBehind(context: Context, node: PlanNode, step: StepState): Outcome | null {
  const path = join(context.prefix, node.step.name);
  const { pause_after } = context.plan.settings;
  if (pause_after === null || realPath(context, pause_after) !== path) return null;
  const attempt = step.attempt?.number ?? 1;
  const answered = step.pause?.when === 'after_step' ? step.pause.approved : undefined;
  if (answered === undefined) {
    return note(`${path}/pause`, { type: 'hitl_paused', step: path, attempt, when: 'after_step' });
  }
  if (answered === null) return pending();
  return answered ? null : { status: 'fail', head: context.head, reason: `${path}: a person said no` };
}
