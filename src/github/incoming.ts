/** What handling an event takes and gives, whoever hosts it. */
import type { Plan } from '../plan/plan.ts';
import type { RestClient } from './api/rest.ts';
import type { TriggerConfig } from './intent.ts';
import type { DescribeRun } from './runs/describe-run.ts';
import type { Dispatch } from './runs/dispatch.ts';
import type { RunRecord } from './runs/ledger.ts';
import type { DescribeWorkflow } from './runs/workflow-facts.ts';

export interface IncomingConfig extends TriggerConfig {
  /** What runs where neither label, command nor the repository's gump.toml names one. */
  readonly defaultWorkflow: string;
  /** For links, without a slash at its end: `https://github.com`. */
  readonly serverUrl: string;
  readonly describeWorkflow: DescribeWorkflow;
  readonly describeRun: DescribeRun;
  /** The plan of a run, from its own record; null where this version cannot make one of it. */
  readonly planOf: (record: RunRecord) => Plan | null;
  /** Why a run cannot be replayed from a step, for a reader; null where it can. */
  readonly replayProblem: (record: RunRecord, step: string) => string | null;
  /** Accounts of ours that answer here beside us, as the App does where the workflow file listens too; none where left out. */
  readonly beside?: readonly number[];
  /** Age from which a 👀 without 🚀 counts as left behind by a crash. */
  readonly takeoverAfterMs: number;
}

export interface EventOrder {
  /** Without action, for example `issue_comment`. */
  readonly name: string;
  readonly payload: unknown;
  /** Its id, the same when GitHub delivers it again; left out where the host is not told. */
  readonly delivery?: string;
  /** Acts as the App's installation, or with the job's token. */
  readonly client: RestClient;
  readonly config: IncomingConfig;
  readonly dispatch: Dispatch;
  /**
   * Locks (`claimOn`) that this very process may hold from an earlier try: kept by the host, so that a try that failed is
   * not taken for another replica's.
   */
  readonly claims?: Set<string>;
  /** True: the event itself is lost, so that what the issue said when the command came is not known. */
  readonly isLate?: boolean;
  readonly log: (line: string) => void;
}

export interface Outcome {
  /** `put off`: GitHub could not be reached for it. */
  readonly done: 'ignored' | 'refused' | 'proposed' | 'replied' | 'dispatched' | 'put off';
  /** One sentence for the log. */
  readonly detail: string;
  /** It is not done, or somebody else is at it and may have died: look again after so long. */
  readonly lookAgainAfterMs?: number;
}

/** The lock of a command or a review, in `claims`. */
export function claimOn(kind: 'comment' | 'review', id: number): string {
  return `${kind} ${id}`;
}
