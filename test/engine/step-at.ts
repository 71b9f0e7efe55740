/** Looking into a state by step path, as tests and people name it. */

import type { RunState, StepState, Steps } from '../../src/engine/state.ts';
import { own } from '../../src/own.ts';

/** The step at a path, or undefined. Gates are found whether they still run or not; a running one comes before a task of its name. */
export function stepAt(state: RunState, path: string): StepState | undefined {
  return find(state.steps, path.split('/'));
}

function find(steps: Steps, [name = '', ...rest]: readonly string[]): StepState | undefined {
  const step = own(steps, name);
  if (!step || rest.length === 0) return step;
  const [next = '', ...behind] = rest;
  const task = own(step.tasks, next);
  const gate = own(step.attempt?.gates, next) ?? own(step.attempt?.conditions, next);
  if (gate && (gate.status === 'running' || !task)) return find(gate.steps, behind);
  return find(task ? task.steps : step.steps, task ? behind : rest);
}
