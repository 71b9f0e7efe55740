/** The port behind which every coding agent sits: a child process that is spawned, streamed and can be killed. */
import type { Usage } from '../events/event.ts';
import type { StepKind, WorktreeAccess } from '../workflow/workflow.ts';

export interface AgentOrder {
  /** The name in force, e.g. `claude-sonnet`. */
  readonly agent: string;
  /** State path of the step. */
  readonly step: string;
  /** For a validator's step that of the step it judges. */
  readonly attempt: number;
  readonly stepKind: StepKind;
  readonly session: { readonly mode: 'new' } | { readonly mode: 'resume'; readonly id: string };
  readonly prompt: string;
  /** What it is told instead where the session that it was to continue is not there: a new agent must learn its task. */
  readonly promptAnew: string;
  /** The worktree; the agent's working directory. */
  readonly cwd: string;
  readonly access: WorktreeAccess;
  /** Whether a path, relative to the worktree, lies within the task's files; absent: all do. */
  readonly mayWrite?: (path: string) => boolean;
  /** A folder that is fresh for this attempt, outside the worktree. */
  readonly scratch: string;
  /** Where a split or validate result may be written as JSON (inside `scratch`). */
  readonly resultFile: string;
  /** Where models are reached without a key of ours; absent: the program uses its own login. */
  readonly models?: ModelAccess;
  /** A sign of life: called at everything that the program prints, also at what means nothing to us. */
  readonly onAlive?: () => void;
  /** Aborting ends the whole process group. */
  readonly signal: AbortSignal;
}

/** The right to call models for the time of one attempt. */
export interface ModelAccess {
  /** Without a slash at its end. */
  readonly url: (upstream: string) => string;
  /** Sent in place of a key; worth nothing anywhere else. */
  readonly token: string;
}

export type AgentEvent =
  | { readonly type: 'session'; readonly id: string }
  /** A turn begins; `turn` counts from 1. */
  | { readonly type: 'turn'; readonly turn: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly detail: string }
  /** A file was written, or a write was tried where none is allowed. */
  | { readonly type: 'write'; readonly path: string; readonly denied: boolean }
  /** Cumulative within this launch. */
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The session that was to be continued is not there: a new one begins, with `promptAnew`. */
  | { readonly type: 'session_lost'; readonly id: string }
  /** Something that a reader should know. */
  | { readonly type: 'notice'; readonly message: string };

export interface AgentEnd {
  /** `ok` only with the CLI's own success report and exit code 0. */
  readonly outcome: 'ok' | 'error' | 'killed';
  readonly exitCode: number | null;
  readonly sessionId: string | null;
  /** The structured result as JSON text where there is one, else the last text. */
  readonly output: string;
  readonly error: string | null;
  readonly usage: Usage;
  /** What it printed, unknown events included, head and tail within a limit; absent where nobody keeps it. */
  readonly printed?: string;
  /** What it says itself that this launch has cost, in USD; absent where it says nothing, or no more than nothing. */
  readonly toldCostUsd?: number;
  readonly durationMs: number;
}

export interface AgentAdapter {
  /** The gateway's upstream through which its models are reached; absent: it calls none. */
  readonly upstream?: string;
  /**
   * It reaches models by its own login, never through the gateway, and tells what it uses on its stream, or only when its
   * turn ends. Absent: it has an `upstream`, calls none, or nobody knows (`costUnknown`).
   */
  readonly ownLogin?: 'stream' | 'end';
  /** Its stream does not tell when a model call begins, so the gateway's calls count as its turns. */
  readonly turns?: 'calls';
  /** It can report success though its last call of a model failed, so the gateway's word counts. */
  readonly hidesErrors?: true;
  /** Nobody can tell what it uses, so that no budget of money or tokens holds it. */
  readonly costUnknown?: true;
  /**
   * Starts the agent and settles when its process group has ended. Never rejects for what the agent does;
   * `onEvent` is called in order and may be slow: the stream waits for it.
   * @throws GumpError `agent` when the program cannot be started at all.
   */
  launch(order: AgentOrder, onEvent: (event: AgentEvent) => Promise<void> | void): Promise<AgentEnd>;
}

export interface AgentRegistry {
  /** The adapter for a name, or a sentence saying why there is none and what to do. */
  find(agent: string): AgentAdapter | { readonly problem: string; readonly hint: string };
  /** Agents of the same family can continue each other's sessions. */
  family(agent: string): string;
}
