/** What would happen (dry run): steps, agents, gates, attempts and limits, as data; nothing runs. */
import type { Guard, RetryEntry, StepKind, WorktreeAccess } from '../workflow/workflow.ts';
import { agentHint, type Scope } from './agent-hint.ts';
import type { Plan, PlanGate, PlanNode, RunLimits } from './plan.ts';

export interface PlanDescription {
  readonly workflow: string;
  readonly spec: string;
  readonly base: string;
  readonly limits: RunLimits;
  /** Attempts at once, in the whole run. */
  readonly maxParallel: number;
  readonly pauseAfter: string | null;
  readonly steps: readonly StepDescription[];
}

export interface StepDescription {
  /** As the trace would show it, `<task>` for a task's own name. */
  readonly path: string;
  readonly kind: StepKind;
  /** Tasks or children side by side. */
  readonly parallel: boolean;
  /** Path of the workflow that is called; null where none is. */
  readonly workflow: string | null;
  readonly worktree: WorktreeAccess;
  /** The step whose conversation is continued; null for a new one. */
  readonly sessionFrom: string | null;
  readonly hitl: string | null;
  readonly guard: Guard;
  readonly limits: RunLimits | null;
  /** Who works from which attempt on, under which condition; empty where nobody does. */
  readonly attempts: readonly AttemptDescription[];
  readonly attemptsMax: number;
  readonly gates: readonly GateDescription[];
  /** What runs before the first attempt (`get.workflow`). */
  readonly get: readonly StepDescription[];
  /** Of a split, group or call. */
  readonly steps: readonly StepDescription[];
}

export interface AttemptDescription {
  /** The first attempt that is like this; null where a condition decides. */
  readonly from: number | null;
  /** `not gate.review`, or null. */
  readonly when: string | null;
  /** The validator that says whether it is so; null where none is asked. */
  readonly judge: GateDescription | null;
  /** Null: as before. */
  readonly agent: string | null;
  readonly newSession: boolean;
  readonly resetWorktree: boolean;
  readonly ownPrompt: boolean;
}

export interface GateDescription {
  readonly name: string;
  readonly kind: PlanGate['gate']['kind'];
  /** Glob, command, percentage or path, as written. */
  readonly argument: string | null;
  /** What would run for it here; null where that is not known, or nothing does. */
  readonly command: CommandFound | null;
  /** The steps of a validator, below `<step>/<gate>/` or `<step>/retry.<validator>/`. */
  readonly steps: readonly StepDescription[];
}

export interface CommandFound {
  /** Null: none was found. */
  readonly text: string | null;
  /** Where it comes from, or what its absence means. */
  readonly source: string;
}

/** What gates would run, by kind, where somebody has looked. */
export type Commands = Readonly<Partial<Record<PlanGate['gate']['kind'], CommandFound>>>;

export function describePlan(plan: Plan, commands: Commands = {}): PlanDescription {
  const { workflow, spec, base, limits, settings, nodes, build } = plan;
  const scope: Scope = { nodes, inputs: settings.set ?? {}, agent: null, around: null };
  const place: Place = { plan, commands, scope, prefix: '', build };
  return {
    ...{ workflow, base, limits },
    spec: spec.origin,
    maxParallel: settings.max_parallel,
    pauseAfter: settings.pause_after,
    steps: nodes.map((node) => describeNode(place, node)),
  };
}

interface Place {
  readonly plan: Plan;
  readonly commands: Commands;
  readonly scope: Scope;
  readonly prefix: string;
  /** The split that is shown as `build`, where it stands here. */
  readonly build: string | null;
}

function describeNode(place: Place, node: PlanNode): StepDescription {
  const { step, limits } = node;
  const path = place.prefix + step.name;
  const shown = step.name === place.build ? 'build' : path;
  const called = step.kind === 'call' ? { inputs: step.with, agent: step.with.agent ?? null } : null;
  const inside = (nodes: readonly PlanNode[], prefix: string): Place => {
    const given = called ?? { inputs: {}, agent: null };
    return { ...place, build: null, prefix, scope: { nodes, ...given, around: place.scope } };
  };
  const below = inside(node.children, step.kind === 'split' ? `${shown}/<task>/` : `${path}/`);
  return {
    ...{ path, limits, kind: step.kind, parallel: step.parallel, worktree: step.worktree },
    workflow: step.kind === 'call' ? step.workflow : null,
    sessionFrom: step.session.mode === 'from' ? step.session.step : null,
    ...{ hitl: step.hitl, guard: step.guard },
    attempts: attemptsOf(place, path, node),
    attemptsMax: exitOf(step.retry),
    gates: node.gates.map((gate) => describeGate(place, path, gate)),
    get: node.get ? [describeNode(inside([node.get], `${path}/`), node.get)] : [],
    steps: node.children.map((child) => describeNode(below, child)),
  };
}

function describeGate(place: Place, path: string, { gate, label, nodes }: PlanGate): GateDescription {
  const { kind, argument, inputs } = gate;
  const scope: Scope = { nodes, inputs, agent: inputs.agent ?? null, around: place.scope };
  const inside: Place = { ...place, build: null, prefix: `${path}/${label}/`, scope };
  const command = kind === 'bash' ? { text: argument, source: 'the workflow' } : place.commands[kind];
  return {
    ...{ name: label, kind, argument },
    command: command ?? null,
    steps: nodes.map((node) => describeNode(inside, node)),
  };
}

function attemptsOf(place: Place, path: string, node: PlanNode): readonly AttemptDescription[] {
  const hint = (override?: string) => agentHint(place.plan.settings, place.scope, node, override);
  const first = hint();
  const entries = node.step.retry.flatMap(({ condition, overrides }, index): AttemptDescription[] => {
    if (condition.kind === 'exit') return [];
    const judge = node.conditions.find(({ entry }) => entry === index);
    return [
      {
        from: condition.kind === 'attempt' ? condition.attempt : null,
        when: whenOf(condition),
        judge: judge ? describeGate(place, path, judge) : null,
        agent: overrides.agent === undefined ? null : hint(overrides.agent),
        newSession: overrides.session === 'new',
        resetWorktree: overrides.worktree === 'reset',
        ownPrompt: overrides.prompt !== undefined,
      },
    ];
  });
  const plain = { when: null, judge: null, newSession: false, resetWorktree: false, ownPrompt: false };
  return first === null && entries.length === 0 ? [] : [{ from: 1, agent: first, ...plain }, ...entries];
}

function whenOf(condition: RetryEntry['condition']): string | null {
  if (condition.kind === 'not') return `not gate.${condition.gate}`;
  return condition.kind === 'validate' ? `${condition.path} passes` : null;
}

function exitOf(retry: readonly RetryEntry[]): number {
  const exit = retry.find(({ condition }) => condition.kind === 'exit')?.condition;
  return exit?.kind === 'exit' ? exit.attempt : 1;
}
