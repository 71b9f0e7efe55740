import type { Json } from './expression.ts';

/** What starts a workflow: a dispatch, or any other event with its payload. */
export interface RunRequest {
  readonly owner: string;
  readonly repo: string;
  /** For example `.github/workflows/gump.yml`. */
  readonly workflowPath: string;
  /** A branch or tag, short or full. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The login of who asked. */
  readonly actor: string;
  /** The id of the workflow run if somebody has made it already. */
  readonly runId?: number;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
  /** Default `workflow_dispatch`. */
  readonly eventName?: string;
  /** The event's payload; a dispatch gets its own. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** One attempt of one workflow run, ready to be executed. */
export interface PreparedRun {
  readonly runId: number;
  readonly runNumber: number;
  readonly runAttempt: number;
  readonly repository: string;
  readonly owner: string;
  readonly repositoryId: number;
  readonly ownerId: number;
  readonly gitDir: string;
  readonly eventName: string;
  readonly event: Readonly<Record<string, Json>>;
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly triggeringActor: string;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly inputTexts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}
