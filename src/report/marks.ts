import type { GateSummary } from './summary.ts';

const marks: Readonly<Record<string, string>> = {
  pass: '✓',
  fail: '✗',
  killed: '✗',
  skip: '–',
  skipped: '–',
  cancelled: '–',
  queued: '·',
  running: '…',
  lost: '…',
  paused: '…',
};

/** One sign for how a run, step, attempt, gate or task stands. */
export function statusMark(status: string): string {
  return marks[status] ?? '?';
}

/** `compile ✓  test ✓  review ✗`; empty where there are none. */
export function gateMarks(gates: readonly GateSummary[]): string {
  return gates.map(({ name, status }) => `${name} ${statusMark(status)}`).join('  ');
}
