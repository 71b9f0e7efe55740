/** Hand-made events: the head is filled in, a second apart. */
import type { Event, Fact } from '../../src/events/event.ts';

const start = Date.parse('2026-11-23T12:00:00.000Z');

/** The facts as events with seq from `firstSeq`; `ts` is `secondsApart` from one to the next. */
export function record(facts: readonly Fact[], { firstSeq = 1, secondsApart = 1 } = {}): Event[] {
  return facts.map((fact, index) => ({
    v: 1,
    seq: firstSeq + index,
    ts: new Date(start + (firstSeq + index - 1) * secondsApart * 1_000).toISOString(),
    ...fact,
  }));
}

/** `count` small events, from `firstSeq` on. */
export function notices(count: number, firstSeq = 1): Event[] {
  const facts = Array.from(
    { length: count },
    (_, i): Fact => ({ type: 'notice', message: `n${firstSeq + i} ✓` }),
  );
  return record(facts, { firstSeq });
}
