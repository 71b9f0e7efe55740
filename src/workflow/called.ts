/** What a workflow calls: paths of other workflows and of validators, resolved elsewhere. */
import type { Position } from '../diagnostic.ts';
import { everyStep } from './every-step.ts';
import type { Step, Workflow } from './workflow.ts';

export interface Call {
  /** As written, e.g. `validators/arch-review`. */
  readonly path: string;
  readonly at: Position;
  readonly kind: 'workflow' | 'validator';
  /** Names of the inputs that are given explicitly. */
  readonly inputs: readonly string[];
  /** The key that inputs stand below. */
  readonly below: 'with' | 'validate';
  /** True where it is called after the step's first attempt, so that the step itself has values. */
  readonly isAfter: boolean;
}

/** The workflow behind a called path; null where it is not known, and then nothing can be said about it. */
export type FindCalled = (path: string) => Workflow | null;

/** Every call of a workflow, in the file's order; the same path as often as it is called. */
export function calledPaths(workflow: Workflow): readonly Call[] {
  return everyStep(workflow.steps).flatMap(callsOf);
}

/** The calls of one step, without those of the steps below it. */
export function callsOf(step: Step): readonly Call[] {
  const calls: Call[] = [];
  if (step.workflow !== null) {
    const at = step.places?.workflow ?? step.at;
    const inputs = Object.keys(step.with);
    calls.push({ path: step.workflow, at, kind: 'workflow', inputs, below: 'with', isAfter: false });
  }
  const judged = { kind: 'validator', isAfter: true } as const;
  for (const gate of step.gates) {
    if (gate.kind !== 'validate' || gate.argument === null) continue;
    const inputs = Object.keys(gate.inputs);
    calls.push({ ...judged, path: gate.argument, at: gate.at, inputs, below: 'validate' });
  }
  for (const { condition, at } of step.retry) {
    if (condition.kind !== 'validate') continue;
    const inputs = Object.keys(condition.with);
    calls.push({ ...judged, path: condition.path, at, inputs, below: 'with' });
  }
  return calls;
}
