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
