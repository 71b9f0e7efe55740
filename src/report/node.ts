import type { Plan, PlanNode } from '../plan/plan.ts';

/** The plan's node at a state path (validators' steps included), or null where the plan has none there. */
export function nodeAt(plan: Plan, path: string): PlanNode | null {
  return find(plan.nodes, path.split('/'));
}

function find(nodes: readonly PlanNode[], path: readonly string[]): PlanNode | null {
  const [name, ...rest] = path;
  const node = nodes.find((one) => one.step.name === name);
  if (!node) return null;
  const [next, ...behind] = rest;
  if (next === undefined) return node;
  const gate = node.gates.find((one) => one.label === next && one.nodes.length > 0);
  const judge = gate ? find(gate.nodes, behind) : null;
  if (judge) return judge;
  // Below a split stands a task's name, which the plan cannot know.
  return find(node.children, node.step.kind === 'split' ? behind : rest);
}
