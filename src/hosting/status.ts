/** `gump status`: how the runs of a repository stand, newest first. */
import type { Diagnostic } from '../diagnostic.ts';
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Event } from '../events/event.ts';
import { resultBranch } from '../git/keep.ts';
import { mergedBranches } from '../git/result-branches.ts';
import { lookThroughRuns, type RunListing } from '../ledger/run-folder.ts';
import { openPauses } from '../runtime/open.ts';
import { hasChanged } from './facts.ts';
import { openHere } from './read-files.ts';

export interface RunStanding {
  readonly run: string;
  readonly workflow: string;
  /** `running`: a process works on it; `lost`: none does, and it has no end; `unreadable`: its ledger is damaged. */
  readonly status: 'running' | 'pass' | 'fail' | 'paused' | 'cancelled' | 'lost' | 'unreadable';
  /** False where it was lost before its first event: there is nothing to go on with. */
  readonly begun: boolean;
  readonly startedAt: string | null;
  readonly durationMs: number;
  readonly costUsd: number;
  readonly costUnknown: boolean;
  /** True once its result is in what is checked out. */
  readonly applied: boolean;
  /** False where it has made no commit: there is nothing to take. */
  readonly changed: boolean;
  /** The run that it is a replay of. */
  readonly replayOf: string | null;
  /** Steps behind or in which a person is asked. */
  readonly waitsFor: readonly string[];
  readonly engine: RunListing['engine'];
  readonly problem: string | null;
  readonly folder: string;
}

export type Status =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'listed'; readonly runs: readonly RunStanding[] };

export async function statusOf(dir: string): Promise<Status> {
  const repository = await openHere(dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  return { kind: 'listed', runs: await standings(repository.root) };
}

/** The runs of a repository's folder, newest first. @throws GumpError where they cannot be listed */
export async function standings(root: string): Promise<readonly RunStanding[]> {
  const [runs, merged] = await Promise.all([lookThroughRuns(root, look), mergedBranches(root)]);
  return runs.map((run) => standing(run, merged));
}

interface Seen {
  readonly state: RunState;
  readonly changed: boolean;
  readonly replayOf: string | null;
}

function look(events: readonly Event[]): Seen {
  const replayed = events.findLast((event) => event.type === 'run_replayed');
  const state = fold(events);
  const started = events.find((event) => event.type === 'run_started');
  const changed = started !== undefined && hasChanged(state, started.base);
  return { state, changed, replayOf: replayed?.type === 'run_replayed' ? replayed.of : null };
}

type Listed = RunListing & { readonly seen: Seen | null };

function standing(listed: Listed, merged: ReadonlySet<string>): RunStanding {
  const { run, workflow, begun, startedAt, engine, problem, folder, seen } = listed;
  const status = statusWord(listed);
  const waits = seen && status === 'paused' ? openPauses(seen.state) : [];
  return {
    ...{ run, workflow, status, begun, startedAt },
    durationMs: seen?.state.activeMs ?? 0,
    costUsd: seen?.state.spent.cost ?? 0,
    costUnknown: seen?.state.spent.cost_unknown ?? false,
    applied: status === 'pass' && merged.has(resultBranch(run)),
    changed: seen?.changed ?? false,
    replayOf: seen?.replayOf ?? null,
    waitsFor: waits.map(({ step }) => step),
    ...{ engine, problem, folder },
  };
}

/** A process that holds the run says more than its last word: it may be on its way to the next. */
function statusWord({ status, engine, problem }: Listed): RunStanding['status'] {
  if (engine) return 'running';
  if (problem !== null) return 'unreadable';
  return status === 'unfinished' ? 'lost' : status;
}
