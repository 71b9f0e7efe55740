import { GumpError } from '../errors.ts';
import type { Event } from '../events/event.ts';

/** Refuses events that do not follow directly on `seq`. @throws GumpError `internal` naming the first that does not. */
export function checkOrder(events: readonly Event[], seq: number): void {
  events.forEach((event, index) => {
    const expected = seq + index + 1;
    if (event.seq === expected) return;
    throw new GumpError(
      `Event ${event.type} was not appended: its seq is ${event.seq}, expected ${expected}.`,
      {
        code: 'internal',
      },
    );
  });
}
