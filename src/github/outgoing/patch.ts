/** Which lines of a file a review may comment on: those that the diff shows on its new side. */

/** One hunk's lines on the new side, both included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** The ranges of a patch as GitHub's API gives it; empty for a binary file, a deleted one or a patch left out for its size. */
export function commentableLines(patch: string | undefined): readonly LineRange[] {
  const ranges: LineRange[] = [];
  for (const head of (patch ?? '').matchAll(hunkHead)) {
    const from = Number(head[1]);
    const count = head[2] === undefined ? 1 : Number(head[2]);
    if (count > 0) ranges.push({ from, to: from + count - 1 });
  }
  return ranges;
}

const hunkHead = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm;

/** What the new side's lines say, as far as the patch shows them. */
export function shownLines(patch: string | undefined): ReadonlyMap<number, string> {
  const lines = new Map<number, string>();
  let number = 0;
  for (const line of (patch ?? '').split('\n')) {
    const head = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(line);
    if (head) number = Number(head[1]);
    else if (/^[ +]/.test(line)) lines.set(number++, line.slice(1));
  }
  return lines;
}

/** Where a remark on `line`…`endLine` can stand: within one hunk, else on its first line alone, else nowhere (null). */
export function placeInDiff(
  ranges: readonly LineRange[],
  line: number | undefined,
  endLine: number | undefined,
): { readonly startLine: number | null; readonly line: number } | null {
  if (line === undefined) return null;
  const last = Math.max(line, endLine ?? line);
  const holding = ranges.find((range) => line >= range.from && line <= range.to);
  if (!holding) return null;
  if (last > line && last <= holding.to) return { startLine: line, line: last };
  return { startLine: null, line };
}
