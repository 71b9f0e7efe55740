/** How a run stands, from its events alone. */
import type { Event } from './event.ts';

export type RunEnding = 'pass' | 'fail' | 'paused' | 'cancelled' | 'unfinished';

/**
 * The last word that was said about the run; `unfinished` while it runs, and where it was lost without a word.
 * An interrupted run is `cancelled` until it is resumed.
 */
export function endingOf(events: readonly Event[]): RunEnding {
  let ending: RunEnding = 'unfinished';
  for (const event of events) {
    if (['run_started', 'run_resumed', 'run_replayed'].includes(event.type)) ending = 'unfinished';
    if (event.type === 'run_completed') ending = event.status;
    if (event.type === 'run_paused') ending = 'paused';
    if (event.type === 'run_interrupted') ending = 'cancelled';
  }
  return ending;
}

/** True where the last engine has left the run to another one that has not begun yet. */
export function isHandedOver(events: readonly Event[]): boolean {
  return events.findLast(({ type }) => type.startsWith('run_'))?.type === 'run_handed_over';
}

/** True where its branches go on in jobs of their own, and nobody has taken up yet what they do. */
export function isFannedOut(events: readonly Event[]): boolean {
  return events.findLast(({ type }) => type.startsWith('run_'))?.type === 'run_fanned_out';
}

/** The number of the event by which a paused run asks a person; null where none is asked. */
export function questionOf(events: readonly Event[]): number | null {
  if (endingOf(events) !== 'paused') return null;
  return events.findLast((event) => event.type === 'run_paused')?.seq ?? null;
}
