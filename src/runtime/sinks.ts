/** Sinks as a run has them: opened with what has happened, closed at its end, and never able to hurt it. */
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sink } from '../ports/sink.ts';
import type { Recorder } from './recorder.ts';

/** R6: a sink that cannot be opened is told of and left out. */
export async function openSinks(all: readonly Sink[], plan: Plan, past: readonly Event[]) {
  const sinks: Sink[] = [];
  const problems: Fact[] = [];
  for (const sink of all) {
    try {
      await sink.open(plan, past);
      sinks.push(sink);
    } catch (error) {
      problems.push({ type: 'notice', message: `${sink.name} shows nothing: ${messageOf(error)}` });
    }
  }
  return { sinks, problems };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** R6: what it could not show is told where it can be told, and never a failure of the run. */
export async function closeSink(recorder: Recorder, sink: Sink): Promise<void> {
  try {
    await sink.close();
  } catch (error) {
    const message = `${sink.name} could not show everything: ${messageOf(error)}`;
    await recorder.emit({ type: 'notice', message }).catch(() => undefined);
  }
}
