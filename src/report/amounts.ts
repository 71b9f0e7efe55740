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

/** `12s`, `5m`, `3h`, `4d`: how long ago something was, cut to its largest unit. */
export function formatAge(ageMs: number): string {
  const seconds = Math.floor(Math.max(0, ageMs) / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** `$8.42`; cents, rounded. Where a part of it is not known: `at least $8.42`, or `unknown` where nothing is. */
export function formatCost(costUsd: number, isUnknown = false): string {
  const amount = `$${(Number.isFinite(costUsd) ? costUsd : 0).toFixed(2)}`;
  if (!isUnknown) return amount;
  return costUsd > 0 ? `at least ${amount}` : 'unknown';
}

/** The same where no word beside it says that it is a cost. */
export function formatSpent(costUsd: number, isUnknown: boolean): string {
  const cost = formatCost(costUsd, isUnknown);
  return cost === 'unknown' ? 'cost unknown' : cost;
}

/** `512 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB'];
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `1 task`, `3 tasks`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
