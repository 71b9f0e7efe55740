/** The run as its events tell it (R1): a tree of the same shape as the plan. Plain data, never changed in place. */
import type { RunStatus, StepStatus, Usage } from '../events/event.ts';
import type { Finding, RetryOverrides, Task, Verdict } from '../workflow/workflow.ts';
import type { Sameness } from './breaker.ts';
import type { Excess } from './budget.ts';

export interface RunState {
  /** `away`: its branches go on elsewhere; in a branch's own ledger: it has left its job. */
  readonly status: 'idle' | 'running' | 'away' | RunStatus;
  readonly seq: number;
  readonly startedAt: string | null;
  /** Time stamp of the newest event. */
  readonly at: string | null;
  /** Time in which an engine was at work; pauses and the time between two engines are not in it. */
  readonly activeMs: number;
  /** Everything booked so far, attempts in flight included. */
  readonly spent: Usage;
  readonly exceeded: Excess | null;
  /** Called workflows that have exceeded a limit of their own and have not ended yet, by the path of the call or gate. */
  readonly overdrawn: Readonly<Record<string, Excess>>;
  /** A limit that was set anew when the run was resumed; undefined: as planned. */
  readonly maxBudgetUsd: number | null | undefined;
  readonly steps: Steps;
}

export type Steps = Readonly<Record<string, StepState>>;

export interface StepState {
  readonly status: 'running' | StepStatus;
  readonly reason: string | null;
  /** The commit on which it began: a group, a call, or the step with its `get.workflow`. */
  readonly begun: string;
  /** The commit on which its first attempt started; behind its `get.workflow`, where it has one. */
  readonly start: string;
  /** The commit behind the step, once it is completed. */
  readonly commit: string | null;
  readonly attempt: AttemptState | null;
  readonly previous: AttemptState | null;
  /** Sticky overrides in force. */
  readonly overrides: RetryOverrides;
  /** The newest failure, as often as it has come in a row since the last escalation; null before the first. */
  readonly same: Sameness | null;
  /** The attempt whose entries of `retry` were taken early, counted like `exit`; 0 where none was. */
  readonly reached: number;
  /** How many attempts were used up before the run was last resumed after this step had failed. */
  readonly offset: number;
  /** True between a resume and the attempt that it grants. */
  readonly reopened: boolean;
  /** A retry was announced and its attempt has not started yet. */
  readonly retrying: boolean;
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** Children of a group or call; of other steps `get`, the call of their `get.workflow`. */
  readonly steps: Steps;
  readonly round: number;
  /** Attempt numbers that earlier rounds, branches that begin again and earlier judgements have used, by step path. */
  readonly used: Readonly<Record<string, number>>;
  /** Where the present round of a group started; for other steps as `start`. */
  readonly base: string;
  /** Of branches side by side: the newest merge; null before the first. */
  readonly line: string | null;
  /** What became of branches that had passed, by the name of task or child. */
  readonly merges: Readonly<Record<string, MergeState>>;
  /** Own attempts and those of its validators; children of splits and groups not included. */
  readonly usage: Usage;
  readonly durationMs: number;
  /** Everything: own attempts, validators, children, tasks, and the rounds that are gone. */
  readonly spent: Usage;
  readonly spentMs: number;
  /** What `spent` and the run's active time were when it began, or was taken up again after it had failed. */
  readonly since: Since;
  readonly pause: Pause | null;
  /** Protected paths that a person has allowed its attempts to change. */
  readonly allowed: readonly string[];
}

/** Where the limits of a called workflow count from. */
export interface Since {
  readonly spent: Usage;
  readonly activeMs: number;
}

export interface TaskState {
  readonly task: Task;
  readonly index: number;
  readonly base: string;
  readonly steps: Steps;
}

export interface MergeState {
  /** The line before it. */
  readonly onto: string;
  /** The line behind it; null where it conflicts. */
  readonly commit: string | null;
  /** Why it was not merged; null when it was. */
  readonly reason: string | null;
  /** Where the branch begins again, which a resume has granted; null until then. */
  readonly again: string | null;
}

export interface AttemptState {
  readonly number: number;
  readonly agent: string | null;
  readonly sessionMode: 'new' | 'resume' | 'from';
  /** The commit on which it works; moves when the tree is reset. */
  readonly base: string;
  /** The newest launch of its agent: what it has reported so far, and whether it still runs; null before the first. */
  readonly launch: { readonly usage: Usage; readonly open: boolean } | null;
  readonly end: AttemptEnd | null;
  readonly result: AttemptResult | null;
  readonly guard: { readonly guard: string; readonly reason: string } | null;
  /** Why it failed, once that was said: by the retry that followed, a condition of it, or the end of its step. */
  readonly failure: string | null;
  readonly gates: Readonly<Record<string, GateState>>;
  /** Validators that were asked whether an entry of `retry:` applies, by the condition's label: `pass` is yes. */
  readonly conditions: Readonly<Record<string, GateState>>;
}

export interface AttemptEnd {
  readonly outcome: 'ok' | 'error' | 'killed';
  readonly error: string | null;
  readonly output: string;
  readonly sessionId: string | null;
  readonly commit: string;
  readonly files: readonly string[];
  readonly stepFiles: readonly string[];
  readonly denied: readonly string[];
  /** Protected paths that were changed; nothing of the attempt was kept then. */
  readonly refused: readonly string[];
  readonly usage: Usage;
}

export interface AttemptResult {
  readonly tasks: readonly Task[] | null;
  readonly verdict: Verdict | null;
  readonly commit: string | null;
  readonly error: string | null;
}

export interface GateState {
  readonly status: 'running' | 'pass' | 'fail' | 'skip';
  readonly startedAt: string | null;
  /** As that of a step; counted are the steps of its validator. */
  readonly since: Since;
  /** Judged by a validator's steps, not by a measurement. */
  readonly validator: boolean;
  readonly commit: string;
  readonly reason: string;
  readonly comments: string;
  readonly findings: readonly Finding[];
  /** The validator's steps. */
  readonly steps: Steps;
}

export interface Pause {
  readonly when: 'before_gate' | 'after_gate' | 'after_step' | 'protected_paths';
  /** The protected paths that a yes allows to be changed; empty where the question is another. */
  readonly paths: readonly string[];
  readonly attempt: number;
  /** Null: nobody has answered yet. */
  readonly approved: boolean | null;
  readonly reason: string | null;
}

export const noUsage: Usage = { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 };

export const initialState: RunState = {
  status: 'idle',
  seq: 0,
  startedAt: null,
  at: null,
  activeMs: 0,
  spent: noUsage,
  exceeded: null,
  overdrawn: {},
  maxBudgetUsd: undefined,
  steps: {},
};

/** The sum; money is kept exact to the millionth of a dollar. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    turns: a.turns + b.turns,
    tokens_in: a.tokens_in + b.tokens_in,
    tokens_out: a.tokens_out + b.tokens_out,
    cost: micro(a.cost + b.cost),
    ...unknownOf(a, b),
  };
}

/** The larger of each; reports are cumulative, so a smaller one says nothing new. */
export function mostUsage(a: Usage, b: Usage): Usage {
  return {
    turns: Math.max(a.turns, b.turns),
    tokens_in: Math.max(a.tokens_in, b.tokens_in),
    tokens_out: Math.max(a.tokens_out, b.tokens_out),
    cost: Math.max(a.cost, b.cost),
    ...unknownOf(a, b),
  };
}

/** What `b` is short of `a`, never below zero. */
export function lessUsage(a: Usage, b: Usage): Usage {
  return {
    turns: Math.max(0, a.turns - b.turns),
    tokens_in: Math.max(0, a.tokens_in - b.tokens_in),
    tokens_out: Math.max(0, a.tokens_out - b.tokens_out),
    cost: Math.max(0, micro(a.cost - b.cost)),
    ...unknownOf(a, b),
  };
}

/** What is not known of a part is not known of the whole. */
function unknownOf(a: Usage, b: Usage): Pick<Usage, 'cost_unknown'> {
  return a.cost_unknown || b.cost_unknown ? { cost_unknown: true } : {};
}

/** Money to the millionth of a dollar, so that sums do not drift. */
export function micro(costUsd: number): number {
  return Math.round(costUsd * 1e6) / 1e6;
}
