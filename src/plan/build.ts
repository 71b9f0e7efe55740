/** Workflow + spec + settings → plan, with everything that is called found, or with every reason why not. */
import { type Diagnostic, hasErrors, type Position } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Spec } from '../spec/spec.ts';
import { freeName, validatorName } from '../workflow/gates.ts';
import { sourceLineOf } from '../workflow/place.ts';
import type { Gate, Step, Workflow } from '../workflow/workflow.ts';
import {
  conditionPrefix,
  type Plan,
  type PlanCondition,
  type PlanGate,
  type PlanNode,
  type RunLimits,
} from './plan.ts';

export interface PlanParts {
  readonly run: string;
  readonly workflow: Workflow;
  readonly spec: Spec;
  readonly base: string;
  readonly settings: RunSettings;
  readonly gump: string;
  /** The workflow or validator of a path as a step, gate or retry condition names it, or null where there is none. */
  readonly called: (path: string) => Workflow | null;
}

export interface PlanResult {
  /** Null where a diagnostic is an error. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function buildPlan(parts: PlanParts): PlanResult {
  const diagnostics: Diagnostic[] = [];
  const { run, workflow, spec, base, settings, gump } = parts;
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  const builder: Builder = { parts, workflow, trail: [], report, count: { steps: 0 } };
  const nodes = workflow.steps.map((step) => planStep(builder, step, null));
  if (hasErrors(diagnostics)) return { plan: null, diagnostics };
  const own = limitsOf(workflow);
  const plan: Plan = {
    run,
    workflow: workflow.name,
    spec,
    base,
    nodes,
    limits: {
      maxBudgetUsd: settings.max_budget ?? own.maxBudgetUsd ?? settings.budget?.max_budget ?? null,
      maxTokens: settings.max_tokens ?? own.maxTokens ?? settings.budget?.max_tokens ?? null,
      maxTimeoutMs: settings.max_timeout ?? own.maxTimeoutMs ?? settings.budget?.max_timeout ?? null,
    },
    settings,
    gump,
    build: onlySplit(nodes),
  };
  return { plan, diagnostics };
}

interface Builder {
  readonly parts: PlanParts;
  /** The file that is being planned, the run's own or a called one. */
  readonly workflow: Workflow;
  /** Paths of the calls around, to find cycles. */
  readonly trail: readonly string[];
  readonly report: (diagnostic: Diagnostic) => void;
  /** Shared by all: calls of calls multiply. */
  readonly count: { steps: number };
}

/** `agent` is the one that the call around gives to the steps that name none. */
function planStep(builder: Builder, step: Step, agent: string | null): PlanNode {
  builder.count.steps++;
  requireAgent(builder, step, agent);
  const plan = (child: Step) => planStep(builder, child, agent);
  const gates = step.gates.map((gate) => planGate(builder, gate, agent));
  const conditions = planConditions(builder, step, agent);
  if (step.kind === 'call') return { ...planCall(builder, step, agent), gates, conditions };
  const children = step.kind === 'split' ? step.each.map(plan) : step.steps.map(plan);
  if (step.workflow === null) return { step, children, gates, conditions, get: null, limits: null };
  const get = planCall(builder, getStep(step), agent);
  refuseGateNamedGet(builder, gates);
  return { step, children, gates, conditions, get, limits: null };
}

function planCall(builder: Builder, step: Step, agent: string | null): PlanNode {
  const call = { path: step.workflow ?? '', at: step.places?.workflow ?? step.at };
  const given = step.with.agent ?? agent;
  const none = { gates: [], conditions: [], get: null };
  return { step, ...none, ...planCalled(builder, { ...call, what: 'workflow', agent: given }) };
}

/** `get.workflow` is a call like any other, of a name that makes the path `<step>/get/…`. */
function getStep(step: Step): Step {
  return {
    ...step,
    name: 'get',
    kind: 'call',
    prompt: null,
    context: [],
    session: { mode: 'new' },
    agent: null,
    hitl: null,
    gates: [],
    retry: [],
    each: [],
    parallel: false,
  };
}

function planGate(builder: Builder, gate: Gate, agent: string | null): PlanGate {
  const label = gate.short ?? gate.name;
  if (gate.kind !== 'validate') return { gate, label, nodes: [], limits: null };
  const call = { path: gate.argument ?? '', at: gate.at, agent: gate.inputs.agent ?? agent };
  const { children, limits } = planCalled(builder, { ...call, what: 'validator' });
  return { gate, label, nodes: children, limits };
}

/** As a gate is planned, under a name that no gate can have. */
function planConditions(builder: Builder, step: Step, agent: string | null): readonly PlanCondition[] {
  const taken = new Set<string>();
  return step.retry.flatMap(({ condition, at }, entry) => {
    if (condition.kind !== 'validate') return [];
    const name = freeName(conditionPrefix + validatorName(condition.path), taken);
    const inputs = condition.with;
    const gate: Gate = { name, short: null, kind: 'validate', argument: condition.path, inputs, at };
    return [{ ...planGate(builder, gate, agent), entry }];
  });
}

interface Called {
  readonly path: string;
  readonly at: Position;
  readonly what: 'workflow' | 'validator';
  readonly agent: string | null;
}

/** No steps where the call cannot be planned; why not has been told, here or when the files were read. */
function planCalled(
  builder: Builder,
  { path, at, what, agent }: Called,
): { readonly children: readonly PlanNode[]; readonly limits: RunLimits | null } {
  const trail = [...builder.trail, path];
  const none = { children: [], limits: null };
  if (builder.trail.includes(path)) {
    const message = `the ${what} ${path} calls itself: ${trail.join(' → ')}`;
    refuse(builder, { at }, { code: 'cycle', message });
    return none;
  }
  const workflow = builder.parts.called(path);
  if (!workflow || isTooLarge(builder, at)) return none;
  const inside = { ...builder, workflow, trail };
  const children = workflow.steps.map((step) => planStep(inside, step, agent));
  const own = limitsOf(workflow);
  return { children, limits: Object.values(own).every((limit) => limit === null) ? null : own };
}

function limitsOf({ maxBudgetUsd, maxTokens, maxTimeoutMs }: Workflow): RunLimits {
  return { maxBudgetUsd, maxTokens, maxTimeoutMs };
}

/** Told once: behind the limit no call is planned any more. */
function isTooLarge(builder: Builder, at: Position): boolean {
  const { count } = builder;
  if (count.steps <= limits.plannedStepsMax) return false;
  const message = `the run would have more than ${limits.plannedStepsMax} steps, each counted as often as its workflow is called`;
  const hint = 'calls of workflows that call others multiply; call them less often';
  if (Number.isFinite(count.steps)) refuse(builder, { at }, { code: 'too-many-steps', message, hint });
  count.steps = Number.POSITIVE_INFINITY;
  return true;
}

function refuseGateNamedGet(builder: Builder, gates: readonly PlanGate[]): void {
  for (const { gate, label, nodes } of gates) {
    if (label !== 'get' || nodes.length === 0) continue;
    const message =
      'a validator cannot be called `get` beside `get.workflow`: both would stand at <step>/get/';
    refuse(builder, gate, { code: 'reserved-name', message, hint: 'give the gate another name: `name: …`' });
  }
}

function requireAgent(builder: Builder, step: Step, given: string | null): void {
  if (!['code', 'split', 'validate'].includes(step.kind)) return;
  const { agent, default_agent } = builder.parts.settings;
  if (step.agent ?? given ?? agent ?? default_agent) return;
  refuse(builder, step, {
    code: 'no-agent',
    message: `step "${step.name}" names no agent and there is no default_agent`,
    hint: 'add `agent: claude-sonnet` to the step, or run with --agent NAME',
  });
}

function refuse(
  { report, workflow }: Builder,
  { at }: Pick<Step, 'at'>,
  problem: Pick<Diagnostic, 'code' | 'message' | 'hint'>,
): void {
  report({ severity: 'error', at, ...sourceLineOf(workflow, at), ...problem });
}

/** The trace shows the tasks of a workflow's only split under `build/`, unless a step has that name. */
function onlySplit(nodes: readonly PlanNode[]): string | null {
  const splits = nodes.filter((node) => node.step.kind === 'split');
  const taken = nodes.some((node) => node.step.name === 'build');
  const nested = nodes.some((node) => hasSplit(below(node)));
  return splits.length === 1 && !taken && !nested ? (splits[0]?.step.name ?? null) : null;
}

function hasSplit(nodes: readonly PlanNode[]): boolean {
  return nodes.some((node) => node.step.kind === 'split' || hasSplit(below(node)));
}

function below({ get, children }: PlanNode): readonly PlanNode[] {
  return get ? [get, ...children] : children;
}
