/** What may be removed of what runs have left behind, and why the rest is kept. Nothing is touched here. */
import type { RunStanding } from './status.ts';

export interface Leftovers {
  /** Newest first. */
  readonly runs: readonly RunStanding[];
  /** Runs without events whose folder is so new that they may be beginning just now. */
  readonly beginning: ReadonlySet<string>;
  /** Branches of runs, by name: true where it holds work that is in no other branch or tag. */
  readonly branches: ReadonlyMap<string, boolean>;
  /** Ids of the runs of all working trees of the repository: their branches are no orphans. */
  readonly known: ReadonlySet<string>;
  /** Runs that references of ours keep commits for (`git/keep.ts`). */
  readonly referenced: ReadonlySet<string>;
  /** A working tree that could not be looked into, so that its runs are not known; null where all could. */
  readonly unseen: string | null;
}

export interface Wish {
  /** So many of the newest runs stay. */
  readonly keepLast: number;
  /** Also what somebody may still want: paused runs, results that nobody has taken, loose work. */
  readonly force: boolean;
}

export interface Choice {
  readonly remove: readonly Removal[];
  readonly keep: readonly Kept[];
}

export type Removal =
  /** `branch` goes with it; null: there is none, or it stays. */
  | { readonly kind: 'run'; readonly run: RunStanding; readonly branch: string | null }
  | { readonly kind: 'branch'; readonly branch: string }
  /** Of a run whose folder is gone: nothing can go on with what they hold. */
  | { readonly kind: 'references'; readonly run: string };

export interface Kept {
  /** The run's id, or the name of a branch. */
  readonly name: string;
  readonly why: string;
}

const prefix = 'gump/run-';

export function choose(leftovers: Leftovers, wish: Wish): Choice {
  const { runs, beginning, branches, known } = leftovers;
  const newest = new Set(runs.filter(({ begun }) => begun).slice(0, wish.keepLast));
  const decided = runs.map((run) => ({
    run,
    why: reasonToKeep(run, { beginning, branches, wish, isNew: newest.has(run) }),
  }));
  const gone = decided.filter(({ why }) => why === null).map(({ run }) => run);
  const orphans = [...branches].filter(
    ([name]) => name.startsWith(prefix) && !known.has(name.slice(prefix.length)),
  );
  const stray = strayReferences(leftovers);
  const left = gone
    .map(({ run }) => prefix + run)
    .filter((name) => branches.get(name) === true && !wish.force);
  return {
    remove: [
      ...gone.map((run): Removal => ({ kind: 'run', run, branch: branchToRemove(run, branches, wish) })),
      ...orphans.filter(([, loose]) => !loose).map(([branch]): Removal => ({ kind: 'branch', branch })),
      ...stray.remove,
    ],
    keep: [
      ...decided.flatMap(({ run, why }) => (why === null ? [] : [{ name: run.run, why }])),
      ...[...left, ...orphans.filter(([, loose]) => loose).map(([name]) => name)].map(keptBranch),
      ...stray.keep,
    ],
  };
}

/** Of runs that no working tree has; where one could not be looked into, they may be its runs'. */
function strayReferences({ referenced, known, unseen }: Leftovers): Choice {
  const stray = [...referenced].filter((run) => !known.has(run));
  if (unseen === null) return { remove: stray.map((run) => ({ kind: 'references', run })), keep: [] };
  const why = `its references stay: the run may be in the working tree ${unseen}, which cannot be read; \`git worktree prune\` forgets one that is gone`;
  return { remove: [], keep: stray.map((name) => ({ name, why })) };
}

interface Around {
  readonly beginning: Leftovers['beginning'];
  readonly branches: ReadonlyMap<string, boolean>;
  readonly wish: Wish;
  readonly isNew: boolean;
}

/** Null where it may go. */
function reasonToKeep(run: RunStanding, { beginning, branches, wish, isNew }: Around): string | null {
  if (run.engine) return `process ${run.engine.pid} works on it`;
  if (beginning.has(run.run)) return 'it may be beginning just now';
  if (!run.begun && run.status === 'lost') return null;
  if (isNew) return `among the newest ${wish.keepLast}`;
  if (wish.force) return null;
  if (run.status === 'paused') return 'paused: a person is asked';
  if (run.status === 'unreadable') return 'its ledger cannot be read';
  return run.status === 'pass' && branches.get(prefix + run.run) === true
    ? 'passed, and its result is not applied'
    : null;
}

function branchToRemove(
  { run }: RunStanding,
  branches: ReadonlyMap<string, boolean>,
  { force }: Wish,
): string | null {
  const isThere = branches.has(prefix + run);
  return isThere && (force || branches.get(prefix + run) === false) ? prefix + run : null;
}

function keptBranch(name: string): Kept {
  return { name, why: `it holds work that is in no other branch; remove it with: git branch -D ${name}` };
}
