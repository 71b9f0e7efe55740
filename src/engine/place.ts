/** Where a path stands in plan and state: the frames around it, from the run's root to its own siblings. */

import { own } from '../own.ts';
import type { Plan, PlanGate, PlanNode } from '../plan/plan.ts';
import type { Task } from '../workflow/workflow.ts';
import type { RunState, StepState, Steps } from './state.ts';

export interface Frame {
  /** The steps that can be named here: of a parallel group only the branch that one is in. */
  readonly nodes: readonly PlanNode[];
  readonly states: Steps;
  /** Path of what surrounds them; empty at the root. */
  readonly prefix: string;
  readonly task: Task | null;
  /** Inputs of a validator or called workflow, as templates of `caller`; null elsewhere. */
  readonly inputs: Readonly<Record<string, string>> | null;
  readonly caller: Place | null;
}

export interface Place {
  readonly path: string;
  readonly node: PlanNode;
  readonly step: StepState | undefined;
  /** Outermost first; the last one holds the step itself. */
  readonly frames: readonly Frame[];
}

/** The place of a step's path, or null where plan and state know no such step. */
export function locate(plan: Plan, state: RunState, path: string): Place | null {
  const root: Frame = {
    nodes: plan.nodes,
    states: state.steps,
    prefix: '',
    task: null,
    inputs: null,
    caller: null,
  };
  return walk([root], path.split('/'));
}

function walk(frames: readonly Frame[], path: readonly string[]): Place | null {
  const frame = frames.at(-1);
  const [name = '', ...rest] = path;
  const node = frame?.nodes.find((one) => one.step.name === name);
  if (!frame || !node) return null;
  const step = own(frame.states, name);
  const here: Place = { path: join(frame.prefix, name), node, step, frames };
  return rest.length === 0 ? here : descend(here, rest);
}

function descend(here: Place, path: readonly string[]): Place | null {
  const [name = '', ...rest] = path;
  const { node, step, frames } = here;
  if (node.get && name === 'get') return intoGet(here, node.get, rest);
  const task = own(step?.tasks, name);
  const judging = own(step?.attempt?.gates, name) ?? own(step?.attempt?.conditions, name);
  const gate = [...node.gates, ...node.conditions].find((one) => one.label === name && one.nodes.length > 0);
  const states = judging?.steps;
  if (gate && states && (judging?.status === 'running' || !task)) {
    const inputs = gate.gate.inputs;
    return walk([...frames, frameOf(here, name, { nodes: gate.nodes, states, inputs })], rest);
  }
  if (task)
    return walk(
      [...frames, frameOf(here, name, { nodes: node.children, states: task.steps, task: task.task })],
      rest,
    );
  if (node.step.kind === 'split') return null;
  return walk([...frames, childrenOf(here, name)], path);
}

/** The call of `get.workflow` stands in no frame of its own: what it is given is said by the step that has it. */
function intoGet(here: Place, get: PlanNode, [name, ...rest]: readonly string[]): Place | null {
  const call = { ...here, path: join(here.path, 'get'), node: get, step: own(here.step?.steps, 'get') };
  if (name === undefined) return call;
  return walk([...here.frames, { ...childrenOf(call, name), caller: here }], [name, ...rest]);
}

function childrenOf(here: Place, name: string): Frame {
  const { step, children } = here.node;
  // Whether a branch beside this one has ended already says nothing: it has no value here.
  const nodes = step.parallel ? children.filter((one) => one.step.name === name) : children;
  const parts = { nodes, states: here.step?.steps ?? {} };
  return frameOf(here, null, step.kind === 'call' ? { ...parts, inputs: step.with } : parts);
}

interface FrameParts {
  readonly nodes: readonly PlanNode[];
  readonly states: Steps;
  readonly task?: Task;
  readonly inputs?: Readonly<Record<string, string>>;
}

function frameOf(here: Place, name: string | null, parts: FrameParts): Frame {
  const prefix = name === null ? here.path : join(here.path, name);
  const task = parts.task ?? here.frames.at(-1)?.task ?? null;
  const inputs = parts.inputs ?? null;
  return { nodes: parts.nodes, states: parts.states, prefix, task, inputs, caller: inputs ? here : null };
}

/** The gate that a name means at a step: its label, full name or short name. */
export function gateNamed(gates: readonly PlanGate[], name: string): PlanGate | undefined {
  return gates.find(({ gate, label }) => label === name || gate.name === name || gate.short === name);
}

export function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}/${name}`;
}

export interface Parted {
  /** Empty at the root. */
  readonly prefix: string;
  readonly name: string;
}

/** What `join` has joined. */
export function parted(path: string): Parted {
  const end = path.lastIndexOf('/');
  return { prefix: path.slice(0, Math.max(0, end)), name: path.slice(end + 1) };
}
