/** The port of a gate that measures a tree; validators are not here, the engine runs them as steps. */
import type { Gate, Task } from '../workflow/workflow.ts';

export interface GateOrder {
  readonly gate: Gate;
  /** The argument with its placeholders rendered (shell-quoted for `bash`); null where the gate has none. */
  readonly argument: string | null;
  /** The attempt's tree. What a gate leaves behind there is never committed. */
  readonly cwd: string;
  readonly commit: string;
  /** The commit that the run started on: commands are read from there. */
  readonly base: string;
  /** Paths changed since the step started (for a step without a change of its own: since the run started). */
  readonly files: readonly string[];
  readonly tasks: readonly Task[] | null;
  /** Text of a file of the run's base commit, or null where it has none. */
  readonly readBase: (path: string) => Promise<string | null>;
  /** Paths in which the judged commit may differ from the run's base; renames as both. */
  readonly changed: () => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

export interface GateResult {
  readonly status: 'pass' | 'fail' | 'skip';
  /** Why; for a failure the useful part of the output. Empty for a plain pass. */
  readonly reason: string;
  /** The whole log, cut to its limit; empty where nothing ran. */
  readonly log: string;
  /** What its command wrote into report files (JUnit's XML, Checkstyle's, SARIF) of a failure; absent or empty: nothing. */
  readonly reports?: string;
}

export interface GateRunner {
  /** Settles with the verdict; never rejects for what the project's commands do. */
  run(order: GateOrder): Promise<GateResult>;
}
