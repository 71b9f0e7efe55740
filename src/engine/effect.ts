/** What should happen next, as data. The runtime performs it and writes down what came of it. */
import type { Fact } from '../events/event.ts';
import type { Gate, StepKind } from '../workflow/workflow.ts';

export type Effect = RecordEffect | AgentEffect | GateEffect | MergeEffect;

/** A fact that the decision itself creates: it only needs writing down. */
export interface RecordEffect {
  readonly kind: 'record';
  readonly id: string;
  readonly facts: readonly Fact[];
  /** What begins with these facts and needs a free place (places.ts); absent where nothing does. */
  readonly begins?: Beginning;
}

export interface Beginning {
  /** A task, round or attempt of the run's own; false inside a validator. */
  readonly own: boolean;
  /** An agent is going to be launched. */
  readonly agent: boolean;
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
  /** The tree it works in: `''` the run's own, else the path of a branch. */
  readonly scope: string;
  /** True inside a validator, and below the `get.workflow` of a step that may not write: a tree of its own. */
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

/** Bring a finished branch into the line of its split or group. */
export interface MergeEffect {
  readonly kind: 'merge';
  readonly id: string;
  /** Of the split or group. */
  readonly path: string;
  /** Name of the task, or of the group's child. */
  readonly branch: string;
  /** The tree of the line that it is merged into. */
  readonly scope: string;
  readonly ours: string;
  readonly theirs: string;
  readonly base: string;
}
