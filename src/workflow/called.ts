/** What a workflow calls: paths of other workflows and of validators, resolved elsewhere. */
import type { Position } from '../diagnostic.ts';
import type { Step, Workflow } from './workflow.ts';

export interface Call {
  /** As written, e.g. `validators/arch-review`. */
  readonly path: string;
  readonly at: Position;
  readonly kind: 'workflow' | 'validator';
  /** Names of the inputs that are given explicitly. */
  readonly inputs: readonly string[];
}

/** Every call of a workflow, in the file's order; the same path as often as it is called. */
export function calledPaths(workflow: Workflow): readonly Call[] {
  return workflow.steps.flatMap(callsOf);
}

function callsOf(step: Step): readonly Call[] {
  const calls: Call[] = [];
  if (step.workflow !== null) {
    const at = step.places?.workflow ?? step.at;
    calls.push({ path: step.workflow, at, kind: 'workflow', inputs: Object.keys(step.with) });
  }
  for (const gate of step.gates) {
    if (gate.kind !== 'validate' || gate.argument === null) continue;
    calls.push({ path: gate.argument, at: gate.at, kind: 'validator', inputs: Object.keys(gate.inputs) });
  }
  for (const { condition, at } of step.retry) {
    if (condition.kind !== 'validate') continue;
    calls.push({ path: condition.path, at, kind: 'validator', inputs: Object.keys(condition.with) });
  }
  return [...calls, ...step.each.flatMap(callsOf), ...step.steps.flatMap(callsOf)];
}
