/** The trace as a sink: lines go to a terminal or a runner's log as the facts come in. */
import type { Event } from '../events/event.ts';
import type { Sink } from '../ports/sink.ts';
import { colourLine } from './colour.ts';
import { type TraceOptions, traceLines } from './trace.ts';

export interface TraceSinkOptions extends TraceOptions {
  /** Takes whole lines with their ending, UTF-8; must return at once. When it throws, the trace falls silent. */
  readonly write: (text: string) => void;
  /** True only for a terminal whose user wants colour; without it the bytes are those of the reference. */
  readonly colour: boolean;
}

/** A sink that writes the trace. Events of the past are taken in and not told again. */
export function createTraceSink(options: TraceSinkOptions): Sink {
  let lines: ((event: Event) => readonly string[]) | null = null;
  let silent = false;
  return {
    name: 'trace',
    open(plan, past) {
      const told = traceLines(plan, options);
      for (const event of past) told(event);
      lines = told;
    },
    event(event) {
      if (silent || lines === null) return;
      try {
        const text = lines(event).map((line) => `${options.colour ? colourLine(line) : line}\n`);
        if (text.length > 0) options.write(text.join(''));
      } catch {
        // Neither a closed pipe nor an event that cannot be told is a reason for a run to end (R6).
        silent = true;
      }
    },
    close: async () => undefined,
  };
}
