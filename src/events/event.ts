/**
 * The vocabulary of facts. One event is one line of the ledger: `{"v":1,"seq":n,"ts":"…Z","type":"…",…}`.
 * Field names are those of Gump's documentation (gump.build, v0.0.4); further types are ours.
 * `step` is the path by step and task names, without attempt: `decompose/greeting/converge`.
 */

import type { AgentConfig, Said } from '../config/config.ts';
import type { Finding, RetryOverrides, StepKind, Task, Verdict } from '../workflow/workflow.ts';
import type { CompletionFact } from './completion.ts';
import type { ConditionFact } from './condition.ts';
import type { FanOutFact } from './fan-out.ts';
import type { LaunchFact } from './launch.ts';
import type { PauseFact } from './pause.ts';

export interface EventHead {
  readonly v: 1;
  /** From 1, without holes. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly ts: string;
}

export type Event = EventHead & Fact;
export type EventType = Fact['type'];
export type EventOf<T extends EventType> = EventHead & Extract<Fact, { type: T }>;

export type RunStatus = 'pass' | 'fail' | 'cancelled' | 'paused';
export type StepStatus = 'pass' | 'fail' | 'skipped' | 'cancelled';

/** Money in USD, tokens in pieces, always of this one attempt and cumulative within it. */
export interface Usage {
  readonly turns: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost: number;
  /** True where an agent told nobody what it used: then cost and tokens are the least that it can be. */
  readonly cost_unknown?: true;
}

/** What a run was started with besides workflow and spec; enough to build the same plan again. */
export interface RunSettings {
  readonly default_agent: string | null;
  /** `--agent`: stands for every agent name of the workflow; null where not given. */
  readonly agent: string | null;
  readonly max_budget: number | null;
  /** Attempts at once, in the whole run. */
  readonly max_parallel: number;
  readonly pause_after: string | null;
  /** Paths that an attempt changes only after a person's yes; absent in older ledgers and where there are none. */
  readonly protected?: readonly string[];
  /** From the environment, as if typed; milliseconds. Absent where it says none. */
  readonly max_tokens?: number;
  readonly max_timeout?: number;
  /** `--set`: inputs of the workflow itself, as text; absent in older ledgers and where none was given. */
  readonly set?: Readonly<Record<string, string>>;
  /** The agent script that it was started with, for a resume on the same machine; absent without one. */
  readonly agent_script?: string;
  /** What configuration says where neither command nor workflow does; absent where it says nothing, and in older ledgers. */
  readonly budget?: Said<'budget'>;
  readonly error_context?: Said<'error_context'>;
  readonly breaker?: Said<'breaker'>;
  /** Of the user's own file: the project's is read from the run's base commit. */
  readonly validation?: Said<'validation'>;
  readonly agents?: Readonly<Record<string, AgentConfig>>;
  /** What was typed or configured of the sandbox; absent where nothing was. */
  readonly sandbox?: Said<'sandbox'>;
}

/** `auto`: agents are isolated where a sandbox can be had; `required`: nothing runs without one. */
export type SandboxMode = 'auto' | 'required' | 'off';

/** What stands between the agents of one engine and the machine. */
export interface IsolationFact {
  /** `bubblewrap 0.8.0`; null where there is none. */
  readonly sandbox: string | null;
  /** Why there is none; null where there is one. */
  readonly reason: string | null;
}

interface InStep {
  readonly step: string;
}
interface InAttempt extends InStep {
  /** Number of the attempt; for a validator's step that of the step it judges. */
  readonly attempt: number;
}

export type Fact =
  | {
      readonly type: 'run_started';
      readonly run: string;
      readonly workflow: string;
      readonly spec_hash: string;
      readonly spec_origin: string;
      /** The commit that the run stands on. */
      readonly base: string;
      readonly settings: RunSettings;
      readonly gump: string;
      /** Absent in ledgers of versions without a sandbox. */
      readonly isolation?: IsolationFact;
    }
  | {
      readonly type: 'run_resumed';
      readonly run: string;
      readonly reason: string;
      /** A budget set anew for the rest of the run; absent: as before. */
      readonly max_budget?: number | null;
      /** As in `run_started`; machines may differ. */
      readonly isolation?: IsolationFact;
    }
  /** A person has set the run's budget anew, while it ran or while it stood still. */
  | {
      readonly type: 'budget_set';
      readonly run: string;
      /** USD. */
      readonly max_budget: number;
      /** The login where it is known. */
      readonly by: string | null;
      /** Id of the order that was taken up, so that it is taken once; null for none. */
      readonly order: string | null;
    }
  /** The events between `run_started` and this one were copied from another run; spending and limits begin anew. */
  | {
      readonly type: 'run_replayed';
      readonly run: string;
      /** The run that they were copied from. */
      readonly of: string;
      /** The step (state path) with which it begins. */
      readonly from_step: string;
    }
  | {
      readonly type: 'run_completed';
      readonly run: string;
      readonly status: 'pass' | 'fail' | 'cancelled';
      readonly duration_ms: number;
      readonly cost: number;
      readonly cost_unknown?: true;
      readonly tokens_in: number;
      readonly tokens_out: number;
      /** The result's commit; null where nothing was made. */
      readonly commit: string | null;
      /** Why it did not pass; null when it did. */
      readonly reason: string | null;
    }
  | { readonly type: 'run_paused'; readonly run: string; readonly reason: string; readonly step: string }
  | { readonly type: 'run_interrupted'; readonly run: string; readonly signal: string }
  /** Its engine ends before it is cut off, and another one is to go on: nobody stopped the run. */
  | { readonly type: 'run_handed_over'; readonly run: string }
  | FanOutFact
  | (InStep & {
      /** What has steps below it begins: a group's round, a call, or a step whose `get.workflow` runs before its first attempt. */
      readonly type: 'group_started';
      readonly step_type: StepKind;
      readonly round: number;
      readonly base: string;
      /** Why the round before failed; absent for the first. */
      readonly reason?: string;
    })
  | (InAttempt & {
      readonly type: 'step_started';
      readonly step_type: StepKind;
      readonly agent: string | null;
      readonly task: string | null;
      readonly session_mode: 'new' | 'resume' | 'from';
      /** The step whose session is continued, where session_mode is `from`. */
      readonly session_from?: string;
      /** The commit that this attempt starts on, before a reset. */
      readonly base: string;
    })
  | (InAttempt & { readonly type: 'tree_reset'; readonly to: string; readonly commit: string })
  | LaunchFact
  | (InAttempt & Usage & { readonly type: 'agent_progress' })
  | (Usage & CompletionFact)
  | (InAttempt & { readonly type: 'agent_killed'; readonly reason: string } & Partial<Usage>)
  | (InAttempt & {
      readonly type: 'state_updated';
      /** The attempt's result as the engine understood it; exactly one of these is not null. */
      readonly tasks: readonly Task[] | null;
      readonly verdict: Verdict | null;
      readonly commit: string | null;
      /** Why no result could be taken; null when one was. */
      readonly error: string | null;
    })
  | (InAttempt & {
      readonly type: 'gate_started';
      readonly gate: string;
      readonly commit: string;
      /** True where the steps of a validator judge; they follow below `<step>/<gate>/`. */
      readonly validator?: boolean;
    })
  | (InAttempt &
      GateFindings & {
        readonly type: 'gate_passed';
        readonly gate: string;
        readonly commit: string;
        readonly duration_ms: number;
        /** A remark, e.g. that the command came from the head. */
        readonly reason?: string;
      })
  | (InAttempt &
      GateFindings & {
        readonly type: 'gate_failed';
        readonly gate: string;
        readonly commit: string;
        readonly duration_ms: number;
        readonly reason: string;
      })
  | (InAttempt & {
      readonly type: 'gate_skipped';
      readonly gate: string;
      readonly commit: string;
      readonly duration_ms: number;
      readonly reason: string;
    })
  | ConditionFact
  | (InAttempt & { readonly type: 'guard_triggered'; readonly guard: string; readonly reason: string })
  | (InAttempt & {
      readonly type: 'retry_triggered';
      /** `attempt` is the number of the attempt to come. */
      readonly overrides: RetryOverrides;
      readonly reason: string;
      /** The attempt whose entries were taken at once, counted like `exit`, because the failure came back unchanged. */
      readonly escalated?: number;
    })
  | PauseFact
  | {
      readonly type: 'budget_exceeded';
      /** `run`, or `call` where the limit is a called workflow's own. */
      readonly scope: string;
      /** Path of the call, or of the gate whose validator it is; absent for the run's limits. */
      readonly step?: string;
      readonly kind: 'budget' | 'tokens' | 'time';
      readonly max: number;
      readonly current: number;
      /** The most that the call would have cost that was not forwarded, in USD; absent where the limit was passed. */
      readonly call?: number;
    }
  | (InStep & {
      readonly type: 'task_started';
      readonly task: string;
      /** From 1, in declaration order. */
      readonly index: number;
      readonly base: string;
    })
  /** A branch (a parallel split's task, a parallel group's child) came into the line of its split or group. */
  | (InStep & {
      readonly type: 'task_merged';
      /** Of the task or child. */
      readonly task: string;
      /** The line behind it. */
      readonly commit: string;
    })
  | (InStep & {
      readonly type: 'task_conflict';
      readonly task: string;
      readonly files: readonly string[];
      /** The branches merged before that changed them, by name. */
      readonly with?: readonly string[];
      readonly reason: string;
    })
  | (InAttempt & {
      readonly type: 'step_completed';
      readonly status: StepStatus;
      /** The commit of the tree behind this step. */
      readonly commit: string;
      readonly reason: string | null;
    })
  /** Something that a reader should know and that changes nothing. */
  | { readonly type: 'notice'; readonly step?: string; readonly message: string };

interface GateFindings {
  /** File name in `artifacts/` with the gate's whole log, where it has one. */
  readonly log?: string;
  /** A validator's comments. */
  readonly comments?: string;
  readonly findings?: readonly Finding[];
}
