/** What should happen next, as data. The runtime performs it and writes down what came of it. */
import type { Fact } from '../events/event.ts';
import type { Gate, StepKind } from '../workflow/workflow.ts';

export type Effect = RecordEffect | AgentEffect | GateEffect | MergeEffect;

/** A fact that the decision itself creates: it only needs writing down. */
export interface RecordEffect {
  readonly kind: 'record';
  readonly id: string;
  readonly facts: readonly Fact[];
}

/** Launch the agent of an attempt that `step_started` has announced. */
export interface AgentEffect {
  readonly kind: 'agent';
  /** `<step path>#<attempt>` */
  readonly id: string;
  readonly path: string;
  readonly attempt: number;
  readonly stepKind: StepKind;
  readonly agent: string;
  /** The tree it works in: `''` the run's own, else a parallel task's path. */
  readonly scope: string;
  /** True inside a validator: a tree of its own. */
  readonly judging: boolean;
  readonly session: { readonly mode: 'new' } | { readonly mode: 'resume'; readonly id: string };
  readonly base: string;
  readonly start: string;
  /** The tree goes back to `start` before the agent sees it. */
  readonly reset: boolean;
}

/** Measure the tree of a commit. Validators are steps, not effects. */
export interface GateEffect {
  readonly kind: 'gate';
  /** `<step path>#<attempt>/<gate>` */
  readonly id: string;
  readonly path: string;
  readonly attempt: number;
  readonly gate: Gate;
  readonly label: string;
  readonly commit: string;
  readonly start: string;
  readonly scope: string;
  readonly judging: boolean;
}

/** Bring a finished parallel branch into the line of its parent. */
export interface MergeEffect {
  readonly kind: 'merge';
  readonly id: string;
  readonly path: string;
  readonly task: string;
  /** The tree of the line that it is merged into. */
  readonly scope: string;
  readonly ours: string;
  readonly theirs: string;
  readonly base: string;
}
