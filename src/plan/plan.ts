/** What a run will do, before it does anything: workflow, spec, called workflows and settings, resolved. Plain data. */
import type { RunSettings } from '../events/event.ts';
import type { Spec } from '../spec/spec.ts';
import type { Gate, Step } from '../workflow/workflow.ts';

export interface Plan {
  readonly run: string;
  readonly workflow: string;
  readonly spec: Spec;
  /** The commit that the run stands on. */
  readonly base: string;
  readonly nodes: readonly PlanNode[];
  readonly limits: RunLimits;
  readonly settings: RunSettings;
  /** Version of the engine, for the ledger. */
  readonly gump: string;
  /** The path of the workflow's only split, which the trace shows as `build`; null where there are several or none. */
  readonly build: string | null;
}

/** Null: unlimited. */
export interface RunLimits {
  readonly maxBudgetUsd: number | null;
  readonly maxTokens: number | null;
  readonly maxTimeoutMs: number | null;
}

export interface PlanNode {
  readonly step: Step;
  /** `each` of a split, `steps` of a group, the steps of a called workflow; else empty. */
  readonly children: readonly PlanNode[];
  readonly gates: readonly PlanGate[];
  /** The `validate:` conditions of `retry:`, in order. */
  readonly conditions: readonly PlanCondition[];
  /** `get.workflow`: a call named `get` that runs before the first attempt, below `<step>/get/`; null without one. */
  readonly get: PlanNode | null;
  /** Of the called workflow, for this one call (engine/call.ts); null where it has none, or nothing is called. */
  readonly limits: RunLimits | null;
}

export interface PlanGate {
  readonly gate: Gate;
  /** What events, paths, checks and the trace call it: the short name where it has one. */
  readonly label: string;
  /** The steps of the validator; empty for other kinds. */
  readonly nodes: readonly PlanNode[];
  /** The validator's own, for one judgement; null where it has none. */
  readonly limits: RunLimits | null;
}

/** A validator like that of a gate; its label begins with `conditionPrefix`. */
export interface PlanCondition extends PlanGate {
  /** Which entry of the step's `retry:` it belongs to, from 0. */
  readonly entry: number;
}

/** Steps below a condition stand at `<step>/retry.<validator>/…`: no step, gate or task can have a name with a dot. */
export const conditionPrefix = 'retry.';

/** True for a path below a retry condition: what happens there is no part of any verdict on the work. */
export function isInCondition(path: string): boolean {
  return path.split('/').some((name) => name.startsWith(conditionPrefix));
}
