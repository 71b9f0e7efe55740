/** Which lines of a file a review may comment on: those that the diff shows on its new side. */

/** One hunk's lines on the new side, both included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** The ranges of a patch as GitHub's API gives it; empty for a binary file, a deleted one or a patch left out for its size. */
export function commentableLines(patch: string | undefined): readonly LineRange[] {
  const ranges: LineRange[] = [];
  for (const head of (patch ?? '').matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm)) {
    const from = Number(head[1]);
    const count = head[2] === undefined ? 1 : Number(head[2]);
    if (count > 0) ranges.push({ from, to: from + count - 1 });
  }
  return ranges;
}

/** Where a remark on `line`…`endLine` can stand: within one hunk, else on its last line alone, else nowhere (null). */
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
