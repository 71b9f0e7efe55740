/** What a node of the plan needs to know of its surroundings to say what it wants next. */
import type { Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Task } from '../workflow/workflow.ts';
import type { Beginning, Effect } from './effect.ts';
import type { RunState } from './state.ts';

export interface Context {
  readonly plan: Plan;
  readonly state: RunState;
  /** Path of what surrounds the node; empty at the root. */
  readonly prefix: string;
  /** Name of the tree: `''` the run's own, else the path of a branch. */
  readonly scope: string;
  /** The commit on which the node would start. */
  readonly head: string;
  readonly task: Task | null;
  /** Inside a validator: the attempt that it judges. */
  readonly judging: number | null;
  /** Below the `get.workflow` of a step that may not write: nothing there changes the tree either. */
  readonly readOnly: boolean;
  /** Attempt numbers that earlier rounds of the groups around have used, by step path. */
  readonly used: Readonly<Record<string, number>>;
  /** The agent of a called workflow's steps that name none: the call's `agent` input. */
  readonly defaultAgent: string | null;
}

/** What a node wants: effects while it is pending, its head commit and reason when it has ended. */
export type Outcome =
  | { readonly status: 'pending'; readonly effects: readonly Effect[] }
  | { readonly status: 'pass'; readonly head: string; readonly reason: null }
  | { readonly status: 'fail'; readonly head: string; readonly reason: string };

export function pending(...effects: readonly Effect[]): Outcome {
  return { status: 'pending', effects };
}

/** Facts to be written down; the id names what they are about. */
export function note(id: string, ...facts: readonly Fact[]): Outcome {
  return pending({ kind: 'record', id, facts });
}

/** A fact with which a task, a round or an attempt begins: it waits for a free place. */
export function begin(
  context: Context,
  id: string,
  fact: Fact,
  { agent = false, notices = [] }: { readonly agent?: boolean; readonly notices?: readonly Fact[] } = {},
): Outcome {
  const begins: Beginning = { own: context.judging === null, agent };
  return pending({ kind: 'record', id, facts: [fact, ...notices], begins });
}
