/** Workflow + spec + settings → plan, with every validator found, or with every reason why not. */
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import type { Spec } from '../spec/spec.ts';
import { sourceLineOf } from '../workflow/place.ts';
import type { Gate, Step, Workflow } from '../workflow/workflow.ts';
import type { Plan, PlanGate, PlanNode } from './plan.ts';

export interface PlanParts {
  readonly run: string;
  readonly workflow: Workflow;
  readonly spec: Spec;
  readonly base: string;
  readonly settings: RunSettings;
  readonly gump: string;
  /** The validator of a path (`validators/arch-review`), or null where there is none. */
  readonly validator: (path: string) => Workflow | null;
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
  const builder: Builder = { parts, workflow, trail: [], report };
  const nodes = workflow.steps.map((step) => planStep(builder, step, null));
  if (hasErrors(diagnostics)) return { plan: null, diagnostics };
  const limits = {
    maxBudgetUsd: settings.max_budget ?? workflow.maxBudgetUsd ?? settings.budget?.max_budget ?? null,
    maxTokens: settings.max_tokens ?? workflow.maxTokens ?? settings.budget?.max_tokens ?? null,
    maxTimeoutMs: settings.max_timeout ?? workflow.maxTimeoutMs ?? settings.budget?.max_timeout ?? null,
  };
  const plan: Plan = {
    run,
    workflow: workflow.name,
    spec,
    base,
    nodes,
    limits,
    settings,
    gump,
    build: onlySplit(nodes),
  };
  return { plan, diagnostics };
}

interface Builder {
  readonly parts: PlanParts;
  /** The file that is being planned, the run's own or a validator's. */
  readonly workflow: Workflow;
  /** Paths of the validators around, to find cycles. */
  readonly trail: readonly string[];
  readonly report: (diagnostic: Diagnostic) => void;
}

/** `agent` is the one that a validator's gate gives to the steps inside. */
function planStep(builder: Builder, step: Step, agent: string | null): PlanNode {
  refuseUnsupported(builder, step);
  requireAgent(builder, step, agent);
  const plan = (child: Step) => planStep(builder, child, agent);
  const children = step.kind === 'split' ? step.each.map(plan) : step.steps.map(plan);
  return { step, children, gates: step.gates.map((gate) => planGate(builder, gate, agent)) };
}

function planGate(builder: Builder, gate: Gate, agent: string | null): PlanGate {
  const label = gate.short ?? gate.name;
  if (gate.kind !== 'validate') return { gate, label, nodes: [] };
  const path = gate.argument ?? '';
  if (builder.trail.includes(path)) {
    const message = `the validator ${path} calls itself: ${[...builder.trail, path].join(' → ')}`;
    refuse(builder, gate, { code: 'cycle', message });
    return { gate, label, nodes: [] };
  }
  const validator = builder.parts.validator(path);
  if (!validator) return { gate, label, nodes: [] };
  const inside = { ...builder, workflow: validator, trail: [...builder.trail, path] };
  const given = gate.inputs.agent ?? agent;
  return { gate, label, nodes: validator.steps.map((step) => planStep(inside, step, given)) };
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

function refuseUnsupported(builder: Builder, step: Step): void {
  const what = unsupported(step);
  const message = `step "${step.name}": ${what} is not supported yet`;
  if (what) refuse(builder, step, { code: 'not-supported-yet', message });
}

function unsupported(step: Step): string | null {
  if (step.kind === 'call' || step.workflow !== null) return 'calling a workflow (`workflow:`)';
  return step.retry.some((entry) => entry.condition.kind === 'validate')
    ? 'a `validate:` condition in `retry:`'
    : null;
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
  const nested = nodes.some((node) => hasSplit(node.children));
  return splits.length === 1 && !taken && !nested ? (splits[0]?.step.name ?? null) : null;
}

function hasSplit(nodes: readonly PlanNode[]): boolean {
  return nodes.some((node) => node.step.kind === 'split' || hasSplit(node.children));
}
