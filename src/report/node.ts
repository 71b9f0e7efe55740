import type { Plan, PlanNode } from '../plan/plan.ts';

/** The plan's node at a state path (steps of validators and called workflows included), or null where the plan has none there. */
export function nodeAt(plan: Plan, path: string): PlanNode | null {
  return find(plan.nodes, path.split('/'));
}

/**
 * The branches beside others that a path stands in, outermost first, by their paths: tasks of parallel splits, children of
 * parallel groups. What is made in one comes into the line around it by a merge; empty on the run's own line.
 */
export function branchesAround(plan: Plan, path: string): readonly string[] {
  const names = path.split('/');
  const upTo = (end: number) => names.slice(0, end).join('/');
  const ends = names.flatMap((name, end) => {
    const around = end > 0 ? nodeAt(plan, upTo(end)) : null;
    // What a split gets is there before its tasks, on the line around it.
    const isGot = around?.get != null && name === 'get';
    return around?.step.parallel && !isGot ? [end] : [];
  });
  return ends.map((end) => upTo(end + 1));
}

function find(nodes: readonly PlanNode[], path: readonly string[]): PlanNode | null {
  const [name, ...rest] = path;
  const node = nodes.find((one) => one.step.name === name);
  if (!node) return null;
  const [next, ...behind] = rest;
  if (next === undefined) return node;
  if (node.get && next === 'get') return find([node.get], rest);
  const gate = [...node.gates, ...node.conditions].find((one) => one.label === next && one.nodes.length > 0);
  const judge = gate ? find(gate.nodes, behind) : null;
  if (judge) return judge;
  // Below a split stands a task's name, which the plan cannot know.
  return find(node.children, node.step.kind === 'split' ? behind : rest);
}
