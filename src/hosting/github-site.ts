/** What a run on GitHub is asked to do, where it happens, and how its end is told. */

import { join } from 'node:path';
import { type Diagnostic, formatDiagnostic, hasErrors } from '../diagnostic.ts';
import type { RunState } from '../engine/state.ts';
import { GumpError } from '../errors.ts';
import { isHandedOver } from '../events/ending.ts';
import type { Event, SandboxMode } from '../events/event.ts';
import type { Publisher } from '../git/publish.ts';
import type { Annotation } from '../github/annotations/annotation.ts';
import type { GithubClient } from '../github/api/client.ts';
import { runByHand } from '../github/runs/branch.ts';
import { runFolder } from '../ledger/run-folder.ts';
import { limits } from '../limits.ts';
import type { Sink } from '../ports/sink.ts';
import type { HandOver } from '../runtime/run.ts';
import type { Configuration } from './config-layers.ts';

export interface GithubRunOptions {
  readonly owner: string;
  readonly repo: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly serverUrl: string;
  readonly token: string;
  /** Pushes in place of `token`; null: `token` does. */
  readonly pushToken: string | null;
  /**
   * `fix`: a new run on top of what the issue's branch has. `task`: one branch of a run that has fanned out; `join`: the run
   * goes on with what its branches did.
   */
  readonly command: 'run' | 'fix' | 'resume' | 'approve' | 'reject' | 'replay' | 'task' | 'join';
  /** The branch's path, for `task`; null for everything else. */
  readonly task: string | null;
  /** True: branches side by side go on in jobs of their own, where none of them has begun. */
  readonly fanOut: boolean;
  /** Login of the person who commanded; null: not told. */
  readonly by: string | null;
  /** Of a no. */
  readonly reason: string | null;
  /** The ledger's last event when a person answered; null: whatever is asked now is meant. */
  readonly seq: number | null;
  /** How often in a row the run goes on by itself, with this job; null: a person wants it to go on. */
  readonly continued: number | null;
  /** When this job leaves the run to another one; absent: it works until it is cut off. */
  readonly handOver?: HandOver;
  /** Where a replay begins; null for everything else. */
  readonly replay: { readonly of: string; readonly step: string } | null;
  /** Null: the run belongs to no issue. */
  readonly issue: number | null;
  /** Null: make one. With the id of a run whose ledger exists, that run is continued. */
  readonly runId: string | null;
  /** Null: what `[github]` of gump.toml says, else `implement-spec`. */
  readonly workflow: string | null;
  readonly spec:
    | { readonly kind: 'file'; readonly path: string; readonly text: string }
    | { readonly kind: 'commit'; readonly commit: string; readonly hash: string }
    | { readonly kind: 'issue' }
    | null;
  /** Absolute path; null where real agents run. */
  readonly agentScript: string | null;
  readonly settings: {
    readonly agent: string | null;
    readonly maxBudgetUsd: number | null;
    readonly maxParallel: number | null;
    /** The branch to start on and to merge into; null: what `[github]` of gump.toml says, else the default branch. */
    readonly base: string | null;
    readonly dryRun: boolean;
    /** Inputs of the workflow itself, by name; a run that goes on has its own. */
    readonly set: Readonly<Record<string, string>>;
    /** Null: as configured. */
    readonly sandbox: SandboxMode | null;
  };
  readonly tempDir: string;
  /** The command that starts this very program again; `scripted-agent` is appended for the scripted agent. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  /** For what a person should see without reading the log; default: the log. */
  readonly warn?: (line: string) => void;
  /** Called instead of check runs where those cannot be written. */
  readonly annotate?: (annotation: Annotation) => void;
  /** Besides those that write to GitHub. */
  readonly sinks: readonly Sink[];
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal;
}

export interface GithubRunResult {
  /** `handed-over`: another job is to go on; `fanned-out`: one for each of the tasks, and then one that joins them. */
  readonly status: 'pass' | 'fail' | 'cancelled' | 'paused' | 'handed-over' | 'fanned-out';
  /** For `fanned-out`: the branches by their paths, and how many of their jobs may run at once. */
  readonly away?: { readonly tasks: readonly string[]; readonly maxParallel: number };
  readonly runId: string;
  /** Null: nothing was pushed. */
  readonly branch: string | null;
  readonly pullRequest: number | null;
  readonly costUsd: number;
  /** True where an agent told nobody what it used. */
  readonly costUnknown: boolean;
  readonly commit: string | null;
  /** Why it did not pass; null when it did. */
  readonly reason: string | null;
}

/** One run in one repository, with its ways to GitHub. */
export interface Site {
  readonly options: GithubRunOptions;
  readonly runId: string;
  readonly client: GithubClient;
  readonly publisher: Publisher;
  readonly root: string;
  readonly baseBranch: string;
  readonly branch: string;
  /** As the default branch says it. */
  readonly configuration: Configuration;
  /** The newest commit of the default branch. */
  readonly defaultTip: string;
}

/** Which run a job works on: the one that it was told, else one of its own. */
export function runIdOf({ runId, issue, env }: Pick<GithubRunOptions, 'runId' | 'issue' | 'env'>): string {
  const job = env.GITHUB_RUN_ID ?? 'local';
  return runId ?? (issue === null ? `run-${job}` : runByHand(issue, job));
}

/** Where the run's ledger is pushed. */
export function ledgerRef(runId: string): string {
  return `refs/gump/runs/${runId}`;
}

/** The run's folder on this machine. */
export function folderOf({ root, runId }: Pick<Site, 'root' | 'runId'>): string {
  return runFolder(root, runId);
}

/** Where the run's trees are made; may be emptied between two runs of a job. */
export function workFolder({ root, runId }: Site): string {
  return join(root, 'work', runId);
}

/** The result as state and events tell it. */
export function endOf({ runId, branch }: Site, state: RunState, events: readonly Event[]): GithubRunResult {
  const completed = events.findLast((event) => event.type === 'run_completed');
  return {
    ...statusOf(state, events),
    runId,
    branch,
    pullRequest: null,
    costUsd: state.spent.cost,
    costUnknown: state.spent.cost_unknown ?? false,
    commit: completed?.commit ?? null,
  };
}

function statusOf(
  { status }: RunState,
  events: readonly Event[],
): Pick<GithubRunResult, 'status' | 'reason' | 'away'> {
  switch (status) {
    case 'pass':
      return { status, reason: null };
    case 'idle':
    case 'running':
      return { status: isHandedOver(events) ? 'handed-over' : 'cancelled', reason: null };
    case 'away':
      return leftAs(events);
    case 'paused':
      return { status, reason: events.findLast((event) => event.type === 'run_paused')?.reason ?? null };
    default:
      return { status, reason: events.findLast((event) => event.type === 'run_completed')?.reason ?? null };
  }
}

/** Of the job that sent the branches away, or of one of theirs. */
function leftAs(events: readonly Event[]): Pick<GithubRunResult, 'status' | 'reason' | 'away'> {
  const last = events.findLast(({ type }) => type === 'run_fanned_out' || type === 'branch_left');
  if (last?.type === 'branch_left')
    return { status: last.status === 'open' ? 'fanned-out' : last.status, reason: last.reason };
  const started = events.find((event) => event.type === 'run_started');
  const tasks = last?.type === 'run_fanned_out' ? last.branches : [];
  const maxParallel = started?.settings.max_parallel ?? limits.parallelDefault;
  return { status: 'fanned-out', reason: null, away: { tasks, maxParallel } };
}

/** The value, where no problem is an error. @throws GumpError `usage` with every problem. */
export function need<T>(diagnostics: readonly Diagnostic[], value: T | null): T {
  if (value !== null && !hasErrors(diagnostics)) return value;
  throw new GumpError(`nothing was started:\n${diagnostics.map(formatDiagnostic).join('\n')}`, {
    code: 'usage',
  });
}

/** What a person has to mend before anything is started. */
export function usageError(message: string, hint: string): GumpError {
  return new GumpError(message, { code: 'usage', hint });
}
