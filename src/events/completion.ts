/** An attempt's agent has ended: everything that came of it, in one fact; after it the attempt never runs again. */

/** With what it has used beside it. */
export interface CompletionFact {
  readonly step: string;
  readonly attempt: number;
  readonly type: 'agent_completed';
  readonly agent: string;
  /** `ok`: its own success report and exit code 0; `error`: anything else; `killed`: ended by us. */
  readonly outcome: 'ok' | 'error' | 'killed';
  readonly exit_code: number | null;
  readonly duration_ms: number;
  readonly session_id: string | null;
  /** Final text or structured result as JSON text, cut to its limit. */
  readonly output: string;
  /** Why it is not ok; null when it is. */
  readonly error: string | null;
  /** The attempt's commit (the base when it changed nothing). */
  readonly commit: string;
  /** Paths changed in this attempt. */
  readonly files: readonly string[];
  /** Paths changed since the step started. */
  readonly step_files: readonly string[];
  /** Writes that were tried where none is allowed. */
  readonly denied: readonly string[];
  /** Protected paths that it had changed, for whose sake nothing of it was kept; absent where there were none. */
  readonly refused?: readonly string[];
  /** How many tools its stream told of; absent in ledgers of earlier versions. */
  readonly tool_calls?: number;
  /** File name in `artifacts/` with what it printed, head and tail, where it has one. */
  readonly log?: string;
  /** From the launch to the first write of a file that its stream told of; absent where it told of none. */
  readonly first_change_ms?: number;
}
