/** When each attempt worked, as bars of equal scale. */
import { formatDuration } from './amounts.ts';
import type { Summary } from './summary.ts';

const width = 40;

interface Bar {
  readonly label: string;
  readonly fromMs: number;
  readonly durationMs: number;
}

/** A row per attempt: path and number, its bar within the run, its duration; empty where nothing has started. */
export function timelineRows(summary: Summary): readonly string[] {
  const bars = summary.steps.flatMap((step) =>
    step.attempts.map(
      ({ attempt, startedAt, durationMs }): Bar => ({
        label: `${step.shown} ${attempt}`,
        fromMs: Date.parse(startedAt),
        durationMs,
      }),
    ),
  );
  const start = Math.min(...bars.map((bar) => bar.fromMs));
  const spanMs = Math.max(1, ...bars.map((bar) => bar.fromMs + bar.durationMs - start));
  const column = Math.max(0, ...bars.map((bar) => bar.label.length));
  return bars.map((bar) => {
    const from = Math.min(width - 1, Math.floor(((bar.fromMs - start) / spanMs) * width));
    const length = Math.max(1, Math.min(width - from, Math.round((bar.durationMs / spanMs) * width)));
    const drawn = `${'·'.repeat(from)}${'█'.repeat(length)}`.padEnd(width, '·');
    return `${bar.label.padEnd(column)}  ${drawn}  ${formatDuration(bar.durationMs)}`;
  });
}
