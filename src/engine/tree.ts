/** Addressing the state by step path: step and task names, a gate or condition between a step and its validator's steps. */
import { own } from '../own.ts';
import type { AttemptState, RunState, StepState, Steps } from './state.ts';

type Change = (step: StepState | undefined) => StepState | undefined;
type Pass = (step: StepState) => StepState;

/** What becomes of the steps above; each only where it is given. */
interface Above {
  /** Of each step that is being judged by it. */
  readonly judged?: Pass;
  /** Of each step that it stands in, the judged ones included. */
  readonly around?: Pass;
}

/** The state with the step at `path` replaced, and those above it changed too. */
export function updateStep(state: RunState, path: string, change: Change, above: Above = {}): RunState {
  const same: Pass = (step) => step;
  const steps = updateIn(state.steps, path.split('/'), { judged: same, around: same, ...above, change });
  return steps === state.steps ? state : { ...state, steps };
}

interface Update extends Required<Above> {
  readonly change: Change;
}

function updateIn(steps: Steps, path: readonly string[], update: Update): Steps {
  const [name, ...rest] = path;
  if (name === undefined) return steps;
  const before = own(steps, name);
  const after = rest.length === 0 ? update.change(before) : before && descend(before, rest, update);
  return after === undefined || after === before ? steps : { ...steps, [name]: after };
}

function descend(step: StepState, path: readonly string[], update: Update): StepState {
  const [name = '', ...rest] = path;
  for (const kind of ['gates', 'conditions'] as const) {
    const judging = running(step.attempt, kind, name);
    if (!step.attempt || !judging) continue;
    const steps = updateIn(judging.steps, rest, update);
    const judges = { ...step.attempt[kind], [name]: { ...judging, steps } };
    return update.judged(update.around({ ...step, attempt: { ...step.attempt, [kind]: judges } }));
  }
  const task = own(step.tasks, name);
  if (task)
    return update.around({
      ...step,
      tasks: { ...step.tasks, [name]: { ...task, steps: updateIn(task.steps, rest, update) } },
    });
  return update.around({ ...step, steps: updateIn(step.steps, path, update) });
}

/** A split's task and its validator may share a name; while the gate is running the path means the gate. */
function running(attempt: AttemptState | null, kind: 'gates' | 'conditions', name: string) {
  const judging = own(attempt?.[kind], name);
  return judging?.status === 'running' ? judging : undefined;
}
