/** Closing what is open when a limit of the run is exceeded: every running step ends, from the inside out. */
import type { Fact } from '../events/event.ts';
import type { StepState, Steps } from './state.ts';

export interface Closing {
  /** True while something that costs or changes anything has not ended yet. */
  readonly busy: boolean;
  readonly facts: readonly Fact[];
  /** The newest commit of the open line, or null. */
  readonly commit: string | null;
}

export function closing(steps: Steps, reason: string, prefix = ''): Closing {
  const open = Object.entries(steps).filter(([, step]) => step.status === 'running');
  const parts = open.map(([name, step]) => closeStep(prefix + name, step, reason));
  const passed = Object.values(steps).findLast((step) => step.commit !== null)?.commit ?? null;
  return {
    busy: parts.some((part) => part.busy),
    facts: parts.flatMap((part) => part.facts),
    commit: parts.findLast((part) => part.commit !== null)?.commit ?? passed,
  };
}

function closeStep(path: string, step: StepState, reason: string): Closing {
  const gates = Object.entries(step.attempt?.gates ?? {}).filter(([, gate]) => gate.status === 'running');
  const measuring = gates.some(([, gate]) => !gate.validator);
  const below = [
    ...gates.map(([name, gate]) => closing(gate.steps, reason, `${path}/${name}/`)),
    ...Object.entries(step.tasks).map(([name, task]) => closing(task.steps, reason, `${path}/${name}/`)),
    closing(step.steps, reason, `${path}/`),
  ];
  const inner = below.slice(gates.length).findLast((part) => part.commit !== null)?.commit;
  const commit = inner ?? step.attempt?.end?.commit ?? step.attempt?.base ?? step.start;
  const attempt = step.attempt?.number ?? step.round;
  const end: Fact = { type: 'step_completed', step: path, attempt, status: 'fail', commit, reason };
  return {
    busy: step.attempt?.launch?.open === true || measuring || below.some((part) => part.busy),
    facts: [...below.flatMap((part) => part.facts), end],
    commit,
  };
}
