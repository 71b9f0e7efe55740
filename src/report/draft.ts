/** The summary while it is being drawn up: what has been read so far, in a form that may change. */
import { addUsage, lessUsage, micro, mostUsage, noUsage } from '../engine/state.ts';
import type { Usage } from '../events/event.ts';
import { type AgentDraft, bookAgent } from './agents.ts';
import type {
  AttemptSummary,
  ConditionSummary,
  GateSummary,
  StepSummary,
  Summary,
  TaskSummary,
} from './summary.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface AttemptDraft extends Mutable<Omit<AttemptSummary, 'gates' | 'conditions'>> {
  readonly gates: Map<string, GateSummary>;
  /** By the name that events have, its prefix included. */
  readonly conditions: Map<string, Mutable<ConditionSummary>>;
  /** On the run's active clock; the attempt's time ends with it. */
  readonly startedActiveMs: number;
}

export interface StepDraft
  extends Mutable<Omit<StepSummary, 'attempts' | 'shown' | 'costUsd' | 'costUnknown'>> {
  readonly attempts: AttemptDraft[];
}

export type TaskDraft = Mutable<Omit<TaskSummary, 'shown'>> & { readonly split: string };

export interface Draft {
  readonly steps: Map<string, StepDraft>;
  readonly tasks: Map<string, TaskDraft>;
  /** Names of the tasks that a split proposed, by the split's path. */
  readonly proposed: Map<string, readonly string[]>;
  /** The newest launch of each step, and what it has reported so far. */
  readonly launches: Map<string, { readonly agent: string; readonly usage: Usage }>;
  readonly agents: Map<string, AgentDraft>;
  /** Path (may be null) and message. */
  readonly notices: (readonly [string | null, string])[];
  /** Everything booked. */
  spent: Usage;
  /** Time in which an engine was at work. */
  activeMs: number;
  /** Of it, what was another run's. */
  copiedMs: number;
  replay: Summary['replay'];
  commit: string | null;
  reason: string | null;
  /** Its last word was that it has failed. */
  hasFailed: boolean;
}

export function newDraft(): Draft {
  return {
    steps: new Map(),
    tasks: new Map(),
    proposed: new Map(),
    launches: new Map(),
    agents: new Map(),
    notices: [],
    spent: noUsage,
    activeMs: 0,
    copiedMs: 0,
    replay: null,
    commit: null,
    reason: null,
    hasFailed: false,
  };
}

/** The attempt of a step that is under way, or the last one; undefined where it has none. */
export function lastAttempt(draft: Draft, path: string): AttemptDraft | undefined {
  return draft.steps.get(path)?.attempts.at(-1);
}

/** What was read so far was another run's: it stays told, and what it cost is not this run's. */
export function beginReplay(draft: Draft, replay: NonNullable<Summary['replay']>): void {
  draft.replay = replay;
  draft.spent = noUsage;
  draft.copiedMs = draft.activeMs;
  draft.agents.clear();
  for (const step of draft.steps.values()) for (const attempt of step.attempts) attempt.copied = true;
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
  const known = draft.launches.get(launch.path);
  const before = known?.usage ?? noUsage;
  const now = mostUsage({ ...noUsage, ...usage }, before);
  const fresh = lessUsage(now, before);
  const agent = known?.agent ?? '';
  draft.launches.set(launch.path, { agent, usage: now });
  draft.spent = addUsage(draft.spent, fresh);
  bookAgent(draft.agents, agent, fresh);
  const attempt = lastAttempt(draft, launch.judged ?? launch.path);
  if (!attempt) return;
  for (const one of [attempt, conditionAround(attempt, launch)]) {
    if (!one) continue;
    one.costUsd = micro(one.costUsd + fresh.cost);
    one.costUnknown ||= fresh.cost_unknown ?? false;
  }
  attempt.tokensIn += fresh.tokens_in;
  attempt.tokensOut += fresh.tokens_out;
  // A validator's turns are not those of the agent that it judges.
  if (launch.judged === null) attempt.turns += fresh.turns;
}

/** The condition below which a validator's step stands; undefined for one of a gate, and for the run's own steps. */
function conditionAround(
  { conditions }: AttemptDraft,
  { path, judged }: { readonly path: string; readonly judged: string | null },
) {
  return judged === null ? undefined : conditions.get(path.slice(judged.length + 1).split('/')[0] ?? '');
}
