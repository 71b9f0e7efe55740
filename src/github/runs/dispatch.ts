/** What the handlers ask of their host: start the Action for this issue. */

import type { RepoName } from '../api/rest.ts';
import type { RunOptions } from '../commands/options.ts';

export interface DispatchOrder extends RepoName {
  /** The default branch: the workflow file is read from there. */
  readonly ref: string;
  /** `fix`: a run on top of what the issue's branch has, which answers a review. */
  readonly command: 'run' | 'fix' | 'resume' | 'approve' | 'reject' | 'replay';
  readonly issue: number;
  /** `issue-<n>-<comment id>`, for `fix` see follow-up.ts, for a job by hand branch.ts: the same comment always means the same run, be it a new one or one that goes on. */
  readonly runId: string;
  /** Null where the run knows it. */
  readonly workflow: string | null;
  /** The frozen spec; null where the run has it. */
  readonly spec: { readonly commit: string; readonly hash: string } | null;
  readonly options: RunOptions;
  /** What else the Action is told, by the names of its inputs. */
  readonly told: Readonly<Partial<Record<ToldInput, string>>>;
  /** When it was commanded, in GitHub's time; ISO 8601, UTC, whole seconds. */
  readonly since: string;
  /** GitHub's id of the job that asks, where a job of the run does: it is at its end and in nobody's way. */
  readonly within?: number;
  /** When the run asked what this answers, by the clock of its job; ISO 8601, UTC. */
  readonly askedAt?: string;
}

/**
 * `by`: who commanded it; `reason`: of a no; `seq`: of the ledger's last event that a decision was made on; `of`, `step`: the
 * run and step that a replay begins from; `continued`: how often in a row it goes on by itself.
 */
export type ToldInput = 'by' | 'reason' | 'seq' | 'of' | 'step' | 'continued';

export type DispatchResult =
  /** The run that goes first; null: none. */
  | { readonly started: true; readonly behind: string | null }
  /** What is missing and how to mend it, as markdown. */
  | { readonly started: false; readonly problem: string };

/** Starting the same run id twice must not run twice. */
export type Dispatch = (order: DispatchOrder) => Promise<DispatchResult>;
