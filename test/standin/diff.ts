import { git } from './git.ts';
import type { Side } from './records.ts';

/** The tree that has nothing in it; git knows it without an object. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface FileDiff {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  readonly sha: string | null;
  readonly additions: number;
  readonly deletions: number;
  /** From the first `@@`; null for binary files and pure renames. */
  readonly patch: string | null;
}

const STATUSES: Readonly<Record<string, FileDiff['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

/** What changed from one tree to another, file by file, as GitHub shows it. */
export async function diffFiles(gitDir: string, from: string, to: string): Promise<FileDiff[]> {
  const [raw, patch] = await Promise.all([
    git(gitDir, ['diff-tree', '-r', '-M', '--raw', '-z', '--no-abbrev', from, to]),
    diffText(gitDir, from, to),
  ]);
  const patches = patch.split(/^(?=diff --git )/m).filter((part) => part !== '');
  return parseRaw(raw.toString()).map((entry, index) => withPatch(entry, patches[index] ?? ''));
}

/** The whole difference as `git diff` prints it. */
export async function diffText(gitDir: string, from: string, to: string): Promise<string> {
  return (
    await git(gitDir, ['diff-tree', '-r', '-M', '-p', '--no-ext-diff', '--no-textconv', from, to])
  ).toString();
}

type RawEntry = Pick<FileDiff, 'path' | 'previousPath' | 'status' | 'sha'>;

function parseRaw(raw: string): RawEntry[] {
  const fields = raw.split('\0');
  const entries: RawEntry[] = [];
  for (let at = 0; (fields[at] ?? '') !== ''; ) {
    const [, , , sha = '', letter = ''] = (fields[at] ?? '').split(' ');
    const moved = letter.startsWith('R') || letter.startsWith('C');
    const path = fields[at + (moved ? 2 : 1)] ?? '';
    const gone = /^0+$/.test(sha);
    entries.push({
      path,
      previousPath: moved ? (fields[at + 1] ?? null) : null,
      status: STATUSES[letter.charAt(0)] ?? 'changed',
      sha: gone ? null : sha,
    });
    at += moved ? 3 : 2;
  }
  return entries;
}

function withPatch(entry: RawEntry, text: string): FileDiff {
  const start = text.search(/^@@ /m);
  const patch = start < 0 ? null : text.slice(start).replace(/\n$/, '');
  const lines = patch?.split('\n') ?? [];
  return {
    ...entry,
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch,
  };
}

export interface DiffLine {
  readonly left: number | null;
  readonly right: number | null;
  /** Lines below the first `@@`, the old way to name a place. */
  readonly position: number;
  /** Number of the `@@` block, from 0. */
  readonly hunk: number;
  readonly text: string;
}

/** Every line of a patch that a comment can stand on. */
export function diffLines(patch: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  let hunk = -1;
  patch.split('\n').forEach((text, position) => {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text);
    if (header) {
      left = Number(header[1]);
      right = Number(header[2]);
      hunk += 1;
    } else if (text.startsWith('+')) lines.push({ left: null, right: right++, position, hunk, text });
    else if (text.startsWith('-')) lines.push({ left: left++, right: null, position, hunk, text });
    else if (!text.startsWith('\\')) lines.push({ left: left++, right: right++, position, hunk, text });
  });
  return lines;
}

export function findLine(patch: string, side: Side, line: number): DiffLine | undefined {
  return diffLines(patch).find((entry) => (side === 'LEFT' ? entry.left : entry.right) === line);
}

/** The part of the patch that GitHub shows above a comment: its block up to and with the line. */
export function hunkUpTo(patch: string, line: DiffLine): string {
  const all = patch.split('\n');
  const start = all.slice(0, line.position + 1).findLastIndex((text) => text.startsWith('@@ '));
  return all.slice(Math.max(0, start), line.position + 1).join('\n');
}

/**
 * Where a line of an older version stands in a newer one.
 * @returns the new number, or null when the line itself was changed or removed.
 */
export async function followLine(
  gitDir: string,
  versions: { readonly from: string; readonly to: string; readonly path: string },
  line: number,
): Promise<number | null> {
  const { from, to, path } = versions;
  const text = (
    await git(gitDir, ['diff-tree', '-r', '-p', '-U0', from, to, '--', `:(literal)${path}`])
  ).toString();
  let shift = 0;
  for (const match of text.matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm)) {
    const start = Number(match[1]);
    const removed = Number(match[2] ?? 1);
    const added = Number(match[4] ?? 1);
    if (removed > 0 && line >= start && line < start + removed) return null;
    // An insertion stands after its `start`, so a line at `start` itself has not moved.
    if (removed > 0 ? line >= start + removed : line > start) shift += added - removed;
  }
  return /^deleted file mode/m.test(text) ? null : line + shift;
}
