/** What the handlers ask of their host: start the Action for this issue. */
import type { RunOptions } from './options.ts';
import type { RepoName } from './rest.ts';

export interface DispatchOrder extends RepoName {
  /** The default branch: the workflow file is read from there. */
  readonly ref: string;
  /** `fix`: a run on top of what the issue's branch has, which answers a review. */
  readonly command: 'run' | 'fix' | 'resume';
  readonly issue: number;
  /** `issue-<n>-<comment id>`, for `fix` see follow-up.ts: the same comment always means the same run. */
  readonly runId: string;
  /** Null for `resume`: the run knows it. */
  readonly workflow: string | null;
  /** The frozen spec; null for `resume`: the run has it. */
  readonly spec: { readonly commit: string; readonly hash: string } | null;
  readonly options: RunOptions;
  /** When it was commanded, in GitHub's time; ISO 8601, UTC, whole seconds. */
  readonly since: string;
}

export type DispatchResult =
  | { readonly started: true }
  /** What is missing and how to mend it, as markdown. */
  | { readonly started: false; readonly problem: string };

/** Starting the same run id twice must not run twice. */
export type Dispatch = (order: DispatchOrder) => Promise<DispatchResult>;
