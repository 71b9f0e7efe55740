/** What would happen, in lines (dry run): steps, agents, gates, attempts; nothing runs. */
import type { Plan, PlanNode } from './plan.ts';

export function describePlan(plan: Plan): readonly string[] {
  const { maxBudgetUsd } = plan.limits;
  const budget = maxBudgetUsd === null ? 'no limit' : `at most $${maxBudgetUsd.toFixed(2)}`;
  return [
    `${plan.workflow} on ${plan.spec.origin}, cost: ${budget}`,
    ...plan.nodes.flatMap((node) => describeNode(node, '')),
  ];
}

function describeNode({ step, children, gates, get }: PlanNode, prefix: string): string[] {
  const path = `${prefix}${step.name}`;
  const exit = step.retry.find(({ condition }) => condition.kind === 'exit')?.condition;
  const parts = [
    step.kind,
    step.kind === 'call' ? `workflow: ${step.workflow}` : '',
    step.agent ? `(${step.agent})` : '',
    gates.length > 0 ? `gates: ${gates.map(({ label }) => label).join(', ')}` : '',
    exit?.kind === 'exit' ? `at most ${exit.attempt} attempts` : '',
  ];
  const line = `[${path}]`.padEnd(29) + parts.filter((part) => part !== '').join('  ');
  const below = step.kind === 'split' ? `${path}/<task>/` : `${path}/`;
  const before = get ? describeNode(get, `${path}/`) : [];
  return [...before, line, ...children.flatMap((child) => describeNode(child, below))];
}
