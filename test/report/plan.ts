/** Plans made by hand: only what readers of events look at matters. */
import type { Plan, PlanGate, PlanNode } from '../../src/plan/plan.ts';
import type { Gate, GateKind, Step } from '../../src/workflow/workflow.ts';

const at = { file: 'test.yaml', line: 1, column: 1 };

export function makeNode(
  name: string,
  step: Partial<Step> = {},
  { gates = [], children = [] }: { gates?: readonly PlanGate[]; children?: readonly PlanNode[] } = {},
): PlanNode {
  const whole: Step = {
    name,
    kind: 'code',
    at,
    prompt: 'do it',
    context: [],
    worktree: 'read-write',
    session: { mode: 'new' },
    agent: null,
    guard: {
      maxTurns: null,
      maxBudgetUsd: null,
      maxTokens: null,
      maxTimeMs: null,
      idleTimeoutMs: null,
      noWrite: false,
    },
    hitl: null,
    gates: gates.map((gate) => gate.gate),
    retry: [],
    each: children.map((child) => child.step),
    steps: [],
    parallel: false,
    workflow: null,
    with: {},
    ...step,
  };
  return { step: whole, gates, conditions: [], children, get: null, limits: null };
}

export function makeGate(label: string, nodes: readonly PlanNode[] = []): PlanGate {
  const kind: GateKind = nodes.length > 0 ? 'validate' : (label as GateKind);
  const gate: Gate = { name: label, short: null, kind, argument: null, inputs: {}, at };
  return { gate, label, nodes, limits: null };
}

export function exit(attempt: number): Step['retry'][number] {
  return { condition: { kind: 'exit', attempt }, overrides: {}, at };
}

export function makePlan(nodes: readonly PlanNode[], more: Partial<Plan> = {}): Plan {
  return {
    run: 'r1',
    workflow: 'implement-spec',
    spec: { text: 'build it', hash: 'a'.repeat(64), origin: 'spec.md', removed: [] },
    base: 'b0',
    nodes,
    limits: { maxBudgetUsd: 20, maxTokens: null, maxTimeoutMs: null },
    settings: { default_agent: null, agent: null, max_budget: null, max_parallel: 4, pause_after: null },
    gump: '0.1.0',
    build: null,
    ...more,
  };
}

const review = () => makeGate('review', [makeNode('judge', { kind: 'validate', agent: 'claude-opus' })]);

/** The workflow of implement-spec.txt. */
export function implementSpec(more: Partial<Plan> = {}): Plan {
  const converge = makeNode(
    'converge',
    { agent: 'claude-sonnet', retry: [exit(6)] },
    { gates: [makeGate('compile'), makeGate('test'), review()] },
  );
  const smoke = makeNode(
    'smoke',
    { agent: '{converge.agent}', session: { mode: 'from', step: 'converge' }, retry: [exit(3)] },
    { gates: [makeGate('compile'), makeGate('test')] },
  );
  const decompose = makeNode(
    'decompose',
    { kind: 'split', agent: 'claude-opus' },
    { gates: [makeGate('schema')], children: [converge, smoke] },
  );
  const quality = makeNode(
    'quality',
    { kind: 'gates', prompt: null },
    { gates: [makeGate('compile'), makeGate('lint'), makeGate('test')] },
  );
  return makePlan([decompose, quality], { build: 'decompose', ...more });
}
