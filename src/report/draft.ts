/** The summary while it is being drawn up: what has been read so far, in a form that may change. */
import type { Usage } from '../events/event.ts';
import type { AttemptSummary, GateSummary, StepSummary, TaskSummary } from './summary.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface AttemptDraft extends Mutable<Omit<AttemptSummary, 'gates'>> {
  readonly gates: Map<string, GateSummary>;
  /** On the run's active clock; the attempt's time ends with it. */
  readonly startedActiveMs: number;
}

export interface StepDraft extends Mutable<Omit<StepSummary, 'attempts' | 'shown' | 'costUsd'>> {
  readonly attempts: AttemptDraft[];
}

export type TaskDraft = Mutable<Omit<TaskSummary, 'shown'>> & { readonly split: string };

export interface Draft {
  readonly steps: Map<string, StepDraft>;
  readonly tasks: Map<string, TaskDraft>;
  /** Names of the tasks that a split proposed, by the split's path. */
  readonly proposed: Map<string, readonly string[]>;
  /** What the newest launch of each step has reported so far. */
  readonly launches: Map<string, Usage>;
  /** Path (may be null) and message. */
  readonly notices: (readonly [string | null, string])[];
  /** Everything booked. */
  spent: Usage;
  /** Time in which an engine was at work. */
  activeMs: number;
  commit: string | null;
  reason: string | null;
}

export const noUsage: Usage = { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 };

export function newDraft(): Draft {
  return {
    steps: new Map(),
    tasks: new Map(),
    proposed: new Map(),
    launches: new Map(),
    notices: [],
    spent: noUsage,
    activeMs: 0,
    commit: null,
    reason: null,
  };
}

/** The attempt of a step that is under way, or the last one; undefined where it has none. */
export function lastAttempt(draft: Draft, path: string): AttemptDraft | undefined {
  return draft.steps.get(path)?.attempts.at(-1);
}

/** Ends an attempt that still runs; one that has ended keeps how it ended, and gets a cause where it had none. */
export function endAttempt(
  draft: Draft,
  attempt: AttemptDraft | undefined,
  end: { readonly status: 'pass' | 'fail' | 'killed'; readonly error?: string | null },
): void {
  if (!attempt) return;
  if (attempt.status === 'running') {
    attempt.status = end.status;
    attempt.durationMs = draft.activeMs - attempt.startedActiveMs;
  }
  if (attempt.status !== 'pass') attempt.error ??= end.error ?? null;
}

/** Books what is new against what this launch had reported before. */
export function book(
  draft: Draft,
  launch: { readonly path: string; readonly judged: string | null },
  usage: Partial<Usage>,
): void {
  const before = draft.launches.get(launch.path) ?? noUsage;
  const now = usage.cost === undefined ? before : { ...noUsage, ...usage };
  const fresh = difference(now, before);
  draft.launches.set(launch.path, now);
  draft.spent = sum(draft.spent, fresh);
  const attempt = lastAttempt(draft, launch.judged ?? launch.path);
  if (!attempt) return;
  attempt.costUsd = micro(attempt.costUsd + fresh.cost);
  attempt.tokensIn += fresh.tokens_in;
  attempt.tokensOut += fresh.tokens_out;
  // A validator's turns are not those of the agent that it judges.
  if (launch.judged === null) attempt.turns += fresh.turns;
}

function sum(a: Usage, b: Usage): Usage {
  return {
    turns: a.turns + b.turns,
    tokens_in: a.tokens_in + b.tokens_in,
    tokens_out: a.tokens_out + b.tokens_out,
    cost: micro(a.cost + b.cost),
  };
}

/** Never below zero: what was spent stays spent. */
function difference(a: Usage, b: Usage): Usage {
  return {
    turns: Math.max(0, a.turns - b.turns),
    tokens_in: Math.max(0, a.tokens_in - b.tokens_in),
    tokens_out: Math.max(0, a.tokens_out - b.tokens_out),
    cost: Math.max(0, micro(a.cost - b.cost)),
  };
}

/** Money to the millionth of a dollar, so that sums do not drift. */
export function micro(costUsd: number): number {
  return Math.round(costUsd * 1e6) / 1e6;
}
