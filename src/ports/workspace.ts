/**
 * The port of trees and commits. Commits are the truth; trees on disk are made from them and can be thrown away.
 * The engine's git directory is never one that an agent's commands use.
 */

export interface Tree {
  /** Absolute path. */
  readonly dir: string;
  /** The commit that the tree stands on. */
  readonly commit: string;
  /** What was taken away because only ignore rules of the attempt's own kept it out of the commit. */
  readonly hidden?: readonly string[];
}

export interface Snapshot {
  /** The new commit, or the parent where nothing changed. */
  readonly commit: string;
  /** Paths changed against the parent, sorted; renames as both paths. */
  readonly files: readonly string[];
  /** Paths for whose sake no commit was made; absent where that is not so. */
  readonly refused?: readonly string[];
}

export interface SnapshotOptions {
  readonly parent: string;
  readonly message: string;
  /** True for a path that must not change: then no commit is made, and the parent is given back. */
  readonly refuses?: ((path: string) => boolean) | null;
}

export interface Merge {
  /** The merge's commit, or null on a conflict. */
  readonly commit: string | null;
  readonly conflicts: readonly Conflict[];
}

export interface Conflict {
  readonly path: string;
  /** How the sides do not fit, in git's words (`modify/delete`, `binary`); null where both changed the same text. */
  readonly kind: string | null;
}

export interface Workspace {
  /** The tree of a scope (`''` the run's own, else the path of a branch beside others), standing exactly on `commit`; what the run's first commit ignores is kept. */
  tree(scope: string, commit: string): Promise<Tree>;
  /** A tree for judging and for read-only steps, standing on `commit`; `key` names it, the next call with the key may reuse it. */
  view(key: string, commit: string): Promise<Tree>;
  /** Commits whatever the tree of the scope holds now (untracked too, ignored not) on top of `parent`; a clean tree gives the parent back. */
  snapshot(scope: string, options: SnapshotOptions): Promise<Snapshot>;
  /** What a tree changed against the commit it was made from; empty where nothing. */
  changes(tree: Tree): Promise<readonly string[]>;
  /** Removes what is in a tree and in no commit, ignored or not, at the paths that `isHeld` names; those paths, sorted. */
  takeAway(tree: Tree, isHeld: (path: string) => boolean): Promise<readonly string[]>;
  /** A commit on top of `parent` with the tree of `to`: a reset that rewrites nothing. */
  restore(options: {
    readonly parent: string;
    readonly to: string;
    readonly message: string;
  }): Promise<string>;
  /** Unified diff, cut to `bytesMax` by whole lines in the middle; empty where equal. */
  diff(from: string, to: string, bytesMax: number): Promise<string>;
  /** Paths that differ, sorted. */
  changedFiles(from: string, to: string): Promise<readonly string[]>;
  /** Paths in which the commit may differ from the one that the run started on, sorted; those that were changed back may be among them. */
  sinceBase(commit: string): Promise<readonly string[]>;
  /** The commit with the paths that `isHeld` names as in the run's first commit, and which of them differ; itself where none does. */
  asFirst(
    commit: string,
    isHeld: (path: string) => boolean,
  ): Promise<{ readonly commit: string; readonly paths: readonly string[] }>;
  /** Text of a file at a commit; null where it is not there or is no text file. */
  readFile(commit: string, path: string): Promise<string | null>;
  /** Three-way merge of two commits without a tree. */
  merge(options: {
    readonly ours: string;
    readonly theirs: string;
    readonly base: string;
    readonly message: string;
  }): Promise<Merge>;
  /** Moves the run's result branch forward to the commit (never backwards). */
  advance(commit: string): Promise<void>;
  /** Removes the trees; commits and branch stay. */
  dispose(): Promise<void>;
}
