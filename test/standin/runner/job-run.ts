import type { Json } from './expression.ts';
import type { JobAnnotation } from './step-output.ts';

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';
export type Status = 'queued' | 'in_progress' | 'completed';

/** One step of a job, as the pages show it. */
export interface StepRun {
  readonly name: string;
  readonly status: Status;
  readonly conclusion: Conclusion | null;
  readonly exitCode: number | null;
}

/** One job of a workflow run, live: its fields change until `status` is `completed`. */
export interface JobRun {
  /** Unique within the runner, a number as text. */
  readonly id: string;
  readonly runId: number;
  readonly runNumber: number;
  /** From 1; each rerun adds one. */
  readonly runAttempt: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly workflowPath: string;
  readonly workflowName: string;
  /** The key under `jobs:`. */
  readonly jobKey: string;
  readonly name: string;
  readonly matrix: Readonly<Record<string, Json>>;
  readonly eventName: string;
  /** Full name, for example `refs/heads/main`. */
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly status: Status;
  readonly conclusion: Conclusion | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly steps: readonly StepRun[];
  /** Masked lines, in the order in which they were printed. */
  readonly log: readonly string[];
  readonly annotations: readonly JobAnnotation[];
  /** The outputs of the job as `outputs:` declares them. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The outputs of each step that has an id. */
  readonly stepOutputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Markdown of all steps, masked; at most 1 MiB a step. */
  readonly summary: string;
  /** Of the last step that ran the action; null before its end. */
  readonly exitCode: number | null;
  /** The job's folder: workspace, home, temp, event file. */
  readonly dir: string;
  /** True when everything was killed at once, as when a machine vanishes. */
  readonly lost: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The runner's own, writable view of a job. */
export type JobRecord = Mutable<Omit<JobRun, 'steps' | 'log' | 'annotations' | 'stepOutputs'>> & {
  readonly steps: Mutable<StepRun>[];
  readonly log: string[];
  readonly annotations: JobAnnotation[];
  readonly stepOutputs: Record<string, Record<string, string>>;
};

/** Now, as GitHub writes it, in whole seconds. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
