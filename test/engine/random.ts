/** Random workflows as plans, and random worlds that answer the same question in the same way every time. */
import fc from 'fast-check';
import type { Plan, PlanCondition, PlanGate, PlanNode } from '../../src/plan/plan.ts';
import type { Gate, GateKind, Guard, RetryEntry, Step } from '../../src/workflow/workflow.ts';
import { defaults } from './given.ts';
import { scatter } from './scatter.ts';
import type { AgentAnswer, World } from './world.ts';

const at = { file: 'w.yaml', line: 1, column: 1 };
const noGuard: Guard = {
  maxTurns: null,
  maxBudgetUsd: null,
  maxTokens: null,
  maxTimeMs: null,
  idleTimeoutMs: null,
  noWrite: false,
};
const agents = fc.constantFrom('claude-sonnet', 'claude-opus', 'codex', 'pass', null);

const blank: Omit<Step, 'name' | 'kind'> = {
  at,
  prompt: 'do it',
  context: [],
  worktree: 'read-write',
  session: { mode: 'new' },
  agent: null,
  guard: noGuard,
  hitl: null,
  gates: [],
  retry: [],
  each: [],
  steps: [],
  parallel: false,
  workflow: null,
  with: {},
};

/** A step without its name; names are given by place, some of them unpleasant. */
type Unnamed = (name: string) => PlanNode;
const names = ['a', '1', 'constructor', '0', 'build', 'z'];

function nodeOf(
  step: Partial<Step>,
  gates: readonly PlanGate[] = [],
  children: readonly PlanNode[] = [],
): Unnamed {
  return (name) => {
    const inner = children.map((child) => child.step);
    const whole: Step = { ...blank, kind: 'code', ...step, name, gates: gates.map(({ gate }) => gate) };
    return {
      step: whole.kind === 'split' ? { ...whole, each: inner } : { ...whole, steps: inner },
      gates,
      conditions: whole.retry.flatMap(conditionOf),
      children,
      get: null,
      limits: null,
    };
  };
}

/** As a plan would have it; its validator is one judge, or two side by side. */
function conditionOf({ condition: when }: RetryEntry, entry: number): readonly PlanCondition[] {
  if (when.kind !== 'validate') return [];
  const label = `retry.${when.path}_${entry}`;
  const gate: Gate = { name: label, short: null, kind: 'validate', argument: when.path, inputs: {}, at };
  const judge = nodeOf({ kind: 'validate', agent: 'claude-opus', worktree: 'read-only' });
  const panel = nodeOf({ kind: 'group', parallel: true }, [], [judge('a'), judge('1')]);
  return [
    { gate, label, nodes: [when.path === 'panel' ? panel('panel') : judge('judge')], limits: null, entry },
  ];
}

function measuring(kind: GateKind): PlanGate {
  const gate: Gate = { name: kind, short: null, kind, argument: null, inputs: {}, at };
  return { gate, label: kind, nodes: [], limits: null };
}

const measures = fc.subarray<GateKind>(['compile', 'lint', 'test']).map((kinds) => kinds.map(measuring));
const looks = fc.record({
  guard: fc.boolean(),
  look: fc.boolean(),
  two: fc.boolean(),
  tries: fc.integer({ min: 1, max: 2 }),
});
/** A judge, maybe two side by side, and maybe a step that measures. */
const judges = looks.map(({ guard, look, two, tries }): readonly PlanNode[] => {
  const judging = { kind: 'validate', agent: 'claude-opus', worktree: 'read-only' } as const;
  const retry: readonly RetryEntry[] =
    tries > 1 ? [{ condition: { kind: 'exit', attempt: tries }, overrides: {}, at }] : [];
  const judge = nodeOf({ ...judging, retry, guard: { ...noGuard, maxTurns: guard ? 2 : null } });
  const panel = nodeOf({ kind: 'group', parallel: true }, [], [judge('a'), judge('1')]);
  return [
    ...(two ? [panel('panel')] : []),
    judge('judge'),
    ...(look ? [nodeOf({ kind: 'gates' }, [measuring('lint')])('look')] : []),
  ];
});
const review = judges.map((nodes): PlanGate => {
  const gate: Gate = {
    name: 'arch-review',
    short: 'review',
    kind: 'validate',
    argument: 'v',
    inputs: {},
    at,
  };
  return { gate, label: 'review', nodes, limits: null };
});
const gates = fc
  .tuple(measures, fc.option(review, { freq: 2 }))
  .map(([list, judged]) => (judged ? [...list, judged] : list));

const overrides = fc.record(
  {
    agent: fc.constantFrom('claude-opus', 'codex'),
    prompt: fc.constantFrom('first', 'second'),
    session: fc.constant('new' as const),
    worktree: fc.constant('reset' as const),
  },
  { requiredKeys: [] },
);
const condition = fc.oneof(
  fc.integer({ min: 2, max: 4 }).map((attempt) => ({ kind: 'attempt' as const, attempt })),
  fc.constantFrom('test', 'review', 'arch-review').map((gate) => ({ kind: 'not' as const, gate })),
  fc.constantFrom('judge', 'panel').map((path) => ({ kind: 'validate' as const, path, with: {} })),
);
const entry = fc
  .tuple(condition, overrides)
  .map(([when, then]): RetryEntry => ({ condition: when, overrides: then, at }));
const exit = fc.integer({ min: 1, max: 4 }).map((attempt): RetryEntry => {
  return { condition: { kind: 'exit', attempt }, overrides: {}, at };
});
const retry = fc.option(
  fc.tuple(fc.array(entry, { maxLength: 3 }), exit).map(([list, last]) => [...list, last]),
  { nil: [], freq: 3 },
);
const guard = fc
  .tuple(fc.option(fc.integer({ min: 1, max: 3 }), { freq: 1 }), fc.option(fc.constant(0.03), { freq: 1 }))
  .map(([maxTurns, maxBudgetUsd]) => ({ ...noGuard, maxTurns, maxBudgetUsd }));
const hitl = fc.constantFrom(null, null, null, null, 'before_gate' as const, 'after_gate' as const);
const session = fc.constantFrom({ mode: 'new' } as const, { mode: 'from', step: 'a' } as const);

const code = fc
  .tuple(fc.record({ agent: agents, guard, hitl, session, retry }), gates)
  .map(([step, list]) => nodeOf(step, list));
const validate = fc
  .tuple(fc.record({ retry, session }), measures)
  .map(([step, list]) => nodeOf({ ...step, kind: 'validate', worktree: 'read-only', agent: 'codex' }, list));
const gatesOnly = measures.map((list) => nodeOf({ kind: 'gates' }, list));

/** Of a called workflow's own; mostly none, sometimes one that is met. */
const callLimits = fc.option(
  fc
    .integer({ min: 0, max: 12 })
    .map((cents) => ({ maxBudgetUsd: cents / 100, maxTokens: null, maxTimeoutMs: null })),
  { freq: 2 },
);

function withLimits(node: Unnamed, limits: PlanNode['limits']): Unnamed {
  return (name) => ({ ...node(name), limits });
}

/** The step with a called workflow in front of its first attempt. */
function withGet(step: Unnamed, steps: Unnamed): Unnamed {
  return (name) => {
    const node = step(name);
    const get = steps('get');
    return {
      ...node,
      step: { ...node.step, workflow: 'w' },
      get: { ...get, step: { ...get.step, kind: 'call', worktree: node.step.worktree } },
    };
  };
}

function named(steps: readonly Unnamed[]): readonly PlanNode[] {
  return steps.map((step, index) => step(names[index] ?? `s${index}`));
}

function stepOf(depth: number): fc.Arbitrary<Unnamed> {
  if (depth === 0) return fc.oneof({ arbitrary: code, weight: 4 }, validate, gatesOnly);
  const inside = fc.array(stepOf(depth - 1), { minLength: 1, maxLength: 3 }).map(named);
  const split = fc
    .tuple(fc.record({ parallel: fc.boolean(), retry, hitl }), measures, inside)
    .map(([step, list, each]) =>
      nodeOf({ ...step, kind: 'split', agent: 'claude-opus', worktree: 'read-only' }, list, each),
    );
  const again = exit.filter(({ condition: when }) => when.kind === 'exit' && when.attempt < 4);
  const group = fc
    .tuple(
      fc.option(
        again.map((last) => [last]),
        { nil: [] },
      ),
      fc.boolean(),
      inside,
    )
    .map(([list, parallel, steps]) => nodeOf({ kind: 'group', parallel, retry: list }, [], steps));
  const call = fc
    .tuple(callLimits, inside)
    .map(([limits, steps]) => withLimits(nodeOf({ kind: 'call', workflow: 'w' }, [], steps), limits));
  const getting = fc
    .tuple(fc.oneof(code, split, validate), callLimits, inside)
    .map(([step, limits, steps]) => withGet(step, withLimits(nodeOf({}, [], steps), limits)));
  return fc.oneof(
    { arbitrary: code, weight: 3 },
    { arbitrary: split, weight: 3 },
    { arbitrary: group, weight: 2 },
    call,
    getting,
    validate,
    gatesOnly,
  );
}

export interface PlanWish {
  /** None unless one is asked for. */
  readonly budget?: fc.Arbitrary<number | null>;
  /** False: called workflows have no limits of their own. */
  readonly limited?: boolean;
}

export function plans({ budget = fc.constant(null), limited = true }: PlanWish = {}): fc.Arbitrary<Plan> {
  return fc
    .record({
      nodes: fc.array(stepOf(2), { minLength: 1, maxLength: 3 }).map(named),
      maxBudgetUsd: budget,
      max_parallel: fc.integer({ min: 1, max: 4 }),
      same_failures: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ nodes, maxBudgetUsd, max_parallel, same_failures }) => ({
      run: 'r1',
      workflow: 'w',
      spec: { text: 'build it', hash: 'a'.repeat(64), origin: 'spec.md', removed: [] },
      base: 'b0',
      nodes: limited ? nodes : nodes.map(withoutLimits),
      limits: { maxBudgetUsd, maxTokens: null, maxTimeoutMs: null },
      settings: { ...defaults, default_agent: 'claude-haiku', max_parallel, breaker: { same_failures } },
      gump: '0.1.0',
      build: null,
    }));
}

function withoutLimits(node: PlanNode): PlanNode {
  const children = node.children.map(withoutLimits);
  return { ...node, children, get: node.get && withoutLimits(node.get), limits: null };
}

/** A number from 0 to 1 that depends on nothing but its two names. */
export function chance(seed: number, question: string): number {
  return scatter(`${seed}/${question}`) / 2 ** 32;
}

/** How often things go wrong, from 0 to 1. */
export function randomWorld(seed: number, trouble: number): World {
  const fails = (question: string) => chance(seed, question) < trouble;
  return {
    agent: (effect) => randomAnswer(seed, effect.id, fails),
    gate: ({ id }) =>
      fails(id) ? { status: 'fail', reason: `red ${id}` } : fails(`${id}?`) ? 'skip' : 'pass',
    conflicts: ({ id }) => fails(id),
    person: (step, attempt) => {
      const answer = chance(seed, `ask ${step}#${attempt}`);
      return answer < trouble / 3 ? null : answer > trouble / 2;
    },
    pick: (count, seq) => Math.floor(chance(seed, `pick ${seq}`) * count),
  };
}

function randomAnswer(seed: number, id: string, fails: (question: string) => boolean): AgentAnswer {
  const count = Math.floor(chance(seed, `${id} tasks`) * 4);
  const tasks = names.slice(0, count).map((name) => ({ name, description: name }));
  const verdict = fails(`${id} verdict`)
    ? { pass: false, comments: `no ${id}`, findings: [] }
    : { pass: true };
  return {
    outcome: fails(`${id} outcome`) && fails(`${id} crash`) ? 'error' : 'ok',
    turns: 1 + Math.floor(chance(seed, `${id} turns`) * 4),
    costPerTurnUsd: 0.01,
    tokensPerTurn: 5,
    tasks,
    verdict,
    ...(fails(`${id} nonsense`) && fails(`${id} more`) ? { output: 'nonsense' } : {}),
    ...(fails(`${id} idle`) ? { changes: [] } : {}),
    ...(fails(`${id} forgetful`) ? { session: null } : {}),
    ...(fails(`${id} naughty`) && fails(`${id} caught`) ? { denied: ['x'] } : {}),
  };
}

export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
export const troubles = fc.constantFrom(0, 0.1, 0.3, 0.5, 0.8);
