/** Three-way merge without a tree on disk. */
import { type Environment, runGit, splitNul } from './git.ts';

export interface TreeMerge {
  /** The merged tree, or null on a conflict. */
  readonly tree: string | null;
  /** Paths in conflict, sorted. */
  readonly conflicts: readonly string[];
}

/**
 * Merges two commits over their own merge base.
 * @source git-merge-tree(1), git 2.38: exit code 0 clean, 1 conflicts, other values a failure; the first field is the tree (read 2026-11).
 * @throws GumpError `git` when a commit is not there or the histories have nothing in common.
 */
export async function mergeTrees(
  place: { readonly cwd: string; readonly env: Environment },
  ours: string,
  theirs: string,
): Promise<TreeMerge> {
  const { exitCode, stdout } = await runGit(
    ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs],
    { ...place, okCodes: [0, 1] },
  );
  const [tree = '', ...names] = splitNul(stdout);
  if (exitCode === 0) return { tree: tree.trim(), conflicts: [] };
  return { tree: null, conflicts: [...new Set(names)].filter((name) => name !== '').sort() };
}
