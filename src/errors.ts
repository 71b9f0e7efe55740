/**
 * The world broke, or we did. A person's mistakes are diagnostics (diagnostic.ts); expected endings are events.
 */

export type ErrorCode =
  /** The command line, an input or a file is wrong; nothing was started (exit code 2). */
  | 'usage'
  /** git said no. */
  | 'git'
  /** A child process could not be started or ended otherwise than it must. */
  | 'process'
  /** The ledger could not be read or written. */
  | 'ledger'
  /** An agent's program could not be started. */
  | 'agent'
  /** GitHub's API said no, or did not answer. */
  | 'github'
  /** A limit of limits.ts was passed. */
  | 'limit'
  /** A state that should be impossible: a defect of ours. */
  | 'internal';

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What the reader can do next, one sentence. */
  readonly hint?: string;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An error with a code, a next step and a cause. The message says what did not happen, where and why. */
export class GumpError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GumpError';
    this.code = details.code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
  }
}

const fullDisk =
  'The disk is full: make room (`gump gc` removes what old runs left). A run that has begun goes on with: gump run --resume';

/** What the system says in any place, and what a person can do then. */
const systemHints: Readonly<Record<string, string | undefined>> = {
  ENOSPC: fullDisk,
  EDQUOT: fullDisk,
};

/** The message of anything that was thrown, with its hint where it has one; never empty. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error) || 'an unknown error';
  const hint =
    error instanceof GumpError ? error.hint : systemHints[(error as NodeJS.ErrnoException).code ?? ''];
  const message = error.message || error.name;
  return hint ? `${message}\n  ${hint}` : message;
}
