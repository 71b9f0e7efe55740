/** Called workflows under way that have limits of their own, with what they have used of them. */

import type { Usage } from '../events/event.ts';
import { own } from '../own.ts';
import type { Plan, PlanGate, PlanNode, RunLimits } from '../plan/plan.ts';
import { spentIn } from './allowance.ts';
import { join } from './place.ts';
import { type GateState, lessUsage, type RunState, type StepState, type Steps } from './state.ts';

export interface LimitedCall {
  /** Of the call, or of the gate or condition whose validator it is. */
  readonly path: string;
  readonly limits: RunLimits;
  /** Since the call began. */
  readonly spent: Usage;
  readonly activeMs: number;
}

interface Level {
  readonly state: RunState;
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly prefix: string;
}

/** Outermost first; empty where nothing that is limited runs. */
export function limitedCalls({ nodes }: Plan, state: RunState): readonly LimitedCall[] {
  return within({ state, nodes, steps: state.steps, prefix: '' });
}

function within(level: Level): readonly LimitedCall[] {
  return level.nodes.flatMap((node) => {
    const step = own(level.steps, node.step.name);
    return step?.status === 'running' ? ofStep(level, node, step) : [];
  });
}

function ofStep(level: Level, node: PlanNode, step: StepState): readonly LimitedCall[] {
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
  const itself = limited(level.state, node, { path, spent: step.spent, since: step.since });
  return [...itself, ...children, ...judges, ...tasks];
}

/** Those whose states are the step's `steps`; the body of a split stands in its tasks. */
function nodesBelow({ step, get, children }: PlanNode): readonly PlanNode[] {
  const own = step.kind === 'split' ? [] : children;
  return get ? [get, ...own] : own;
}

function ofJudge(level: Level, gate: PlanGate, { steps, since }: GateState): readonly LimitedCall[] {
  const path = join(level.prefix, gate.label);
  const inside = within({ ...level, nodes: gate.nodes, steps, prefix: path });
  return [...limited(level.state, gate, { path, spent: spentIn(steps), since }), ...inside];
}

interface Begun extends Pick<StepState, 'spent' | 'since'> {
  readonly path: string;
}

function limited(
  { activeMs }: RunState,
  { limits }: Pick<PlanNode, 'limits'>,
  { path, spent, since }: Begun,
): readonly LimitedCall[] {
  if (limits === null) return [];
  return [{ path, limits, spent: lessUsage(spent, since.spent), activeMs: activeMs - since.activeMs }];
}
