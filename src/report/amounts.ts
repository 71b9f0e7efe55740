/** Amounts as people read them. */

/** `0.4s`, `34s`, `12m34s`, `1h02m`; cut, never rounded up, so that a limit is not shown as reached before it is. */
export function formatDuration(durationMs: number): string {
  const ms = Number.isFinite(durationMs) ? Math.max(0, durationMs) : 0;
  if (ms < 1_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
}

/** `$8.42`; cents, rounded. */
export function formatCost(costUsd: number): string {
  return `$${(Number.isFinite(costUsd) ? costUsd : 0).toFixed(2)}`;
}

/** `1 task`, `3 tasks`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
