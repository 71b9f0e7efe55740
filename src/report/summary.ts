/** The one view model: what text, markdown, HTML and GitHub show of a run. A function of plan and events. */
import type { IsolationFact } from '../events/event.ts';
import type { Finding, Verdict } from '../workflow/workflow.ts';

export interface Summary {
  readonly run: string;
  readonly workflow: string;
  readonly specOrigin: string;
  /** `lost`: it has no end, and whoever can tell knows that no process works on it; events alone say `running`. */
  readonly status: 'running' | 'lost' | 'pass' | 'fail' | 'cancelled' | 'paused';
  /** Why it did not pass; null when it did or still runs. */
  readonly reason: string | null;
  readonly startedAt: string | null;
  /** The run whose events this one began with, and the step from which on it is its own; null for no replay. */
  readonly replay: { readonly of: string; readonly fromStep: string } | null;
  readonly durationMs: number;
  readonly costUsd: number;
  /** True where an agent told nobody what it used: cost and tokens are the least that it can be. Likewise below. */
  readonly costUnknown: boolean;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly maxBudgetUsd: number | null;
  /** What stood between agents and machine: where several engines ran, the one with none; null where nobody wrote it down. */
  readonly isolation: IsolationFact | null;
  readonly base: string;
  /** The newest commit of the run's own line. */
  readonly commit: string;
  /** In the order in which they first worked; what has no attempts of its own, in that in which it began. */
  readonly steps: readonly StepSummary[];
  readonly tasks: readonly TaskSummary[];
  /** What each agent did and used in this run, judges included; in the order of their first launch. */
  readonly agents: readonly AgentSummary[];
  readonly notices: readonly string[];
  /** Steps of the workflow itself in which a run that failed or was stopped has not begun, by name. */
  readonly notReached: readonly string[];
  /** What nothing measured, a sentence each (R8); empty where everything was. */
  readonly notChecked: readonly string[];
}

export interface AgentSummary {
  readonly agent: string;
  /** Of the run's own steps. */
  readonly attempts: number;
  readonly passed: number;
  /** Launches inside validators. */
  readonly judgements: number;
  readonly turns: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
  readonly costUnknown: boolean;
  /** While it worked, gates not included. */
  readonly durationMs: number;
}

export interface TaskSummary {
  /** State path, e.g. `decompose/greeting`. */
  readonly path: string;
  /** As shown, e.g. `build/task-1`. */
  readonly shown: string;
  readonly name: string;
  readonly index: number;
  readonly status: 'queued' | 'running' | 'pass' | 'fail' | 'cancelled';
}

export interface StepSummary {
  /** State path, e.g. `decompose/greeting/converge`. */
  readonly path: string;
  /** As shown, e.g. `build/task-1/converge`. */
  readonly shown: string;
  readonly kind: string;
  readonly status: 'running' | 'pass' | 'fail' | 'skipped' | 'cancelled' | 'paused';
  readonly reason: string | null;
  readonly commit: string | null;
  readonly attempts: readonly AttemptSummary[];
  readonly costUsd: number;
  readonly costUnknown: boolean;
}

export interface AttemptSummary {
  readonly attempt: number;
  readonly agent: string | null;
  readonly sessionMode: 'new' | 'resume' | 'from';
  /** The agent's own name for the conversation; null where it told none. */
  readonly sessionId: string | null;
  /** SHA-256 of the prompt in hex; null where nothing was launched. */
  readonly promptHash: string | null;
  /** Paths that the attempt changed. */
  readonly files: readonly string[];
  /** True where another run made it, of which this one is a replay: its cost is not among this run's. */
  readonly copied: boolean;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: 'running' | 'pass' | 'fail' | 'killed';
  readonly error: string | null;
  readonly commit: string | null;
  readonly costUsd: number;
  readonly costUnknown: boolean;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly turns: number;
  /** How many tools the agent used, and when it changed the first file; null where nothing told. */
  readonly toolCalls: number | null;
  readonly firstChangeMs: number | null;
  /** File name in `artifacts/` with what the agent printed, where it has one. */
  readonly log: string | null;
  /** What a `validate` step said; null for other kinds, and where it said nothing. */
  readonly verdict: Verdict | null;
  readonly gates: readonly GateSummary[];
  /** The validators of `retry:` that were asked about it once it had failed. */
  readonly conditions: readonly ConditionSummary[];
}

/** What a validator of `retry:` said; it is part of no verdict on the work. */
export interface ConditionSummary {
  /** As the trace calls it: the validator's name, with `_2` behind a repeated one. */
  readonly name: string;
  /** `pass`: the entry applies to the next attempt; `fail`: it does not. */
  readonly status: 'running' | 'pass' | 'fail';
  readonly startedAt: string;
  readonly durationMs: number;
  /** Its comments, or why it gave no verdict. */
  readonly comments: string;
  /** Among the attempt's cost. */
  readonly costUsd: number;
  readonly costUnknown: boolean;
}

export interface GateSummary {
  readonly name: string;
  readonly status: 'running' | 'pass' | 'fail' | 'skip';
  readonly commit: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly reason: string;
  readonly comments: string;
  readonly findings: readonly Finding[];
  /** Artifact's file name, or null. */
  readonly log: string | null;
}
