/** Three-way merge without a tree on disk. */
import type { Conflict } from '../ports/workspace.ts';
import { type Environment, runGit, splitNul } from './git.ts';

export interface TreeMerge {
  /** The merged tree, or null on a conflict. */
  readonly tree: string | null;
  /** Sorted by path, each path once. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Merges two commits over their own merge base.
 * @source git-merge-tree(1), git 2.38: exit code 0 clean, 1 conflicts, other values a failure; with `-z` the tree, the
 * paths in conflict, an empty field, and messages of a count, so many paths, a stable type and a text (read 2026-11).
 * @throws GumpError `git` when a commit is not there or the histories have nothing in common.
 */
export async function mergeTrees(
  place: { readonly cwd: string; readonly env: Environment },
  ours: string,
  theirs: string,
): Promise<TreeMerge> {
  const { exitCode, stdout } = await runGit(
    ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs],
    { ...place, okCodes: [0, 1] },
  );
  const [tree = '', ...fields] = splitNul(stdout);
  if (exitCode === 0) return { tree: tree.trim(), conflicts: [] };
  return { tree: null, conflicts: readConflicts(fields, [ours, theirs]) };
}

function readConflicts(fields: readonly string[], commits: readonly string[]): readonly Conflict[] {
  const end = fields.indexOf('');
  const names = fields.slice(0, end < 0 ? fields.length : end);
  const kinds = new Map<string, string | null>(names.map((name) => [realPath(name, commits), null]));
  for (const { paths, kind } of end < 0 ? [] : readMessages(fields.slice(end + 1))) {
    for (const path of paths.map((name) => realPath(name, commits))) {
      kinds.set(path, kinds.get(path) ?? (kind === 'contents' ? null : kind));
    }
  }
  const conflicts = [...kinds].map(([path, kind]): Conflict => ({ path, kind }));
  return conflicts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Message {
  readonly paths: readonly string[];
  readonly kind: string;
}

/** Those that tell a conflict; the others only say what was done. */
function readMessages(fields: readonly string[]): readonly Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < fields.length; ) {
    const count = Number(fields[at]);
    if (!Number.isInteger(count)) break;
    const paths = fields.slice(at + 1, at + 1 + count);
    const kind = /^CONFLICT \((.+)\)$/.exec(fields[at + 1 + count] ?? '')?.[1];
    if (kind !== undefined) messages.push({ paths, kind });
    at += count + 3;
  }
  return messages;
}

/** Where a file and something else want the same place, git names the file `<path>~<commit>`. */
function realPath(name: string, commits: readonly string[]): string {
  const tail = /~([0-9a-f]{40,64})(_\d+)?$/.exec(name);
  return tail && commits.includes(tail[1] ?? '') ? name.slice(0, tail.index) : name;
}
