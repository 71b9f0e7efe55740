/** Asking a person before or behind the gates; the answer is an event like any other. */
import type { Running } from './attempts.ts';
import { note, type Outcome, pending } from './context.ts';

/** Null: nobody has to be asked, or the person said yes. `paths`: asked whatever the workflow says, and allowed by a yes. A person's no is final, it is not retried. */
export function askPerson(
  { node, step, path, attempt }: Running,
  when: 'before_gate' | 'after_gate' | 'protected_paths',
  paths?: readonly string[],
): Outcome | null {
  if (node.step.hitl !== when && paths === undefined) return null;
  const pause = step.pause?.when === when && step.pause.attempt === attempt.number ? step.pause : null;
  if (!pause)
    return note(`${path}#${attempt.number}/ask`, {
      type: 'hitl_paused',
      step: path,
      attempt: attempt.number,
      when,
      ...(paths && { paths }),
    });
  if (pause.approved === null) return pending();
  if (pause.approved) return null;
  return {
    status: 'fail',
    head: attempt.base,
    reason: `a person said no${pause.reason ? `: ${pause.reason}` : ''}`,
  };
}
