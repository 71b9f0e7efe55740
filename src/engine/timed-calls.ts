/** Called workflows under way that have a time limit of their own; the clock that wakes the run is the runtime's. */
import type { Plan, PlanGate, PlanNode } from '../plan/plan.ts';
import { own } from './own.ts';
import { join } from './place.ts';
import type { GateState, RunState, StepState, Steps } from './state.ts';

export interface TimedCall {
  /** Of the call, or of the gate or condition whose validator it is. */
  readonly path: string;
  readonly maxMs: number;
  /** How much of it was left at the state's newest event. */
  readonly leftMs: number;
}

interface Level {
  readonly state: RunState;
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly prefix: string;
}

/** Outermost first; empty where nothing that is limited runs. */
export function timedCalls({ nodes }: Plan, state: RunState): readonly TimedCall[] {
  return within({ state, nodes, steps: state.steps, prefix: '' });
}

/** Whether a plan can have any, so that nobody has to look for them all the time. */
export function hasTimedCalls(nodes: readonly PlanNode[]): boolean {
  return nodes.some(({ limits, get, children, gates, conditions }) => {
    const judges = [...gates, ...conditions];
    const timed = [limits, ...judges.map((judge) => judge.limits)].some(
      (one) => (one?.maxTimeoutMs ?? null) !== null,
    );
    const below = [...(get ? [get] : []), ...children, ...judges.flatMap((judge) => judge.nodes)];
    return timed || hasTimedCalls(below);
  });
}

function within(level: Level): readonly TimedCall[] {
  return level.nodes.flatMap((node) => {
    const step = own(level.steps, node.step.name);
    return step?.status === 'running' ? ofStep(level, node, step) : [];
  });
}

function ofStep(level: Level, node: PlanNode, step: StepState): readonly TimedCall[] {
  const path = join(level.prefix, node.step.name);
  const inside = { ...level, prefix: path };
  const tasks = Object.entries(step.tasks).flatMap(([name, task]) =>
    within({ ...level, nodes: node.children, steps: task.steps, prefix: join(path, name) }),
  );
  const judges = [...node.gates, ...node.conditions].flatMap((judge) => {
    const judging = own(step.attempt?.gates, judge.label) ?? own(step.attempt?.conditions, judge.label);
    return judging?.status === 'running' ? ofJudge(inside, judge, judging) : [];
  });
  const children = within({ ...inside, nodes: nodesBelow(node), steps: step.steps });
  const itself = timed(level.state, { path, limits: node.limits, sinceMs: step.since.activeMs });
  return [...itself, ...children, ...judges, ...tasks];
}

/** Those whose states are the step's `steps`; the body of a split stands in its tasks. */
function nodesBelow({ step, get, children }: PlanNode): readonly PlanNode[] {
  const own = step.kind === 'split' ? [] : children;
  return get ? [get, ...own] : own;
}

function ofJudge(level: Level, gate: PlanGate, judging: GateState): readonly TimedCall[] {
  const path = join(level.prefix, gate.label);
  const inside = within({ ...level, nodes: gate.nodes, steps: judging.steps, prefix: path });
  const { limits } = gate;
  return [...timed(level.state, { path, limits, sinceMs: judging.since.activeMs }), ...inside];
}

interface Begun extends Pick<PlanNode, 'limits'> {
  readonly path: string;
  /** The run's active time then. */
  readonly sinceMs: number;
}

function timed({ activeMs }: RunState, { path, limits, sinceMs }: Begun): readonly TimedCall[] {
  const maxMs = limits?.maxTimeoutMs ?? null;
  return maxMs === null ? [] : [{ path, maxMs, leftMs: Math.max(0, maxMs - (activeMs - sinceMs)) }];
}
