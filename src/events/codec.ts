/** One event, one line of JSON; and back, with what a crash may have left at the end. */
import type { Event } from './event.ts';
import { shapeProblem } from './shape.ts';

export interface LedgerError {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export interface DecodedLedger {
  /** In order; where `error` is set, those before the line that it names. */
  readonly events: readonly Event[];
  /** The torn last line, as it was found; null where the text ends with a whole line. */
  readonly dropped: string | null;
  /** Damage that no crash can explain; null where there is none. */
  readonly error: LedgerError | null;
}

/** The event as one line of JSON without line ending, the head first (v, seq, ts, type, step). */
export function encodeEvent(event: Event): string {
  const { v, seq, ts, type, ...rest } = event;
  const step = 'step' in rest && rest.step !== undefined ? { step: rest.step } : {};
  return JSON.stringify({ v, seq, ts, type, ...step, ...rest });
}

/**
 * The events of a ledger's text. A last line without line ending, or one that is no JSON, is what a crash
 * leaves: dropped and told. Unknown types are kept, for ledgers of later versions.
 */
export function decodeLedger(text: string): DecodedLedger {
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  let dropped = tail === '' ? null : tail;
  const events: Event[] = [];
  for (const [index, line] of lines.entries()) {
    const value = parse(line);
    if (value === undefined && index === lines.length - 1 && dropped === null) {
      dropped = line;
      break;
    }
    const message = lineProblem(value, events.length + 1);
    if (message !== null) return { events, dropped: null, error: { line: index + 1, message } };
    events.push(value as Event);
  }
  return { events, dropped, error: null };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function lineProblem(value: unknown, seq: number): string | null {
  if (value === undefined) return 'it is no JSON';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no event';
  const event = value as Record<string, unknown>;
  if (event.v !== 1)
    return `its version is ${JSON.stringify(event.v) ?? 'missing'}, this gump reads version 1`;
  if (event.seq !== seq) return `its seq is ${JSON.stringify(event.seq) ?? 'missing'}, expected ${seq}`;
  return shapeProblem(event);
}
