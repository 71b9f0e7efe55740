/** Spans of time, and how long at least one of them lasted. */

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** The length of what the intervals cover together, within the bounds; where two overlap it counts once. */
export function coveredMs(intervals: readonly Interval[], bounds: Interval): number {
  const cut = intervals
    .map(({ startMs, endMs }) => ({
      startMs: Math.max(startMs, bounds.startMs),
      endMs: Math.min(endMs, bounds.endMs),
    }))
    .sort((a, b) => a.startMs - b.startMs);
  let covered = 0;
  let reached = bounds.startMs;
  for (const { startMs, endMs } of cut) {
    if (endMs <= reached) continue;
    covered += endMs - Math.max(startMs, reached);
    reached = endMs;
  }
  return covered;
}
