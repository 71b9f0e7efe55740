/** The end of a run whose engine was lost, where none is to go on with it: written down and shown, and nothing is performed. */
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Dependencies } from './dependencies.ts';
import { openLaunches } from './open.ts';
import { createRecorder } from './recorder.ts';
import { closeSink, openSinks } from './sinks.ts';

/** R4: an attempt that was announced and has no end is closed; what it had spent is booked already. */
export function closeLost(state: RunState): Fact[] {
  return openLaunches(state).map(({ step, attempt }) => {
    return { type: 'agent_killed', step, attempt, reason: 'its engine was lost while it ran' };
  });
}

export interface LostRun {
  readonly plan: Plan;
  readonly past: readonly Event[];
  /** As an engine's that goes on: nobody worked between the lost one and this end. */
  readonly opening: readonly Fact[];
  /** What ended it, as `interrupted by …` goes on. */
  readonly by: string;
  /** What a person should know besides, a sentence; null: nothing. */
  readonly notice: string | null;
}

/** The run is `cancelled` behind it; one that has ended already is only shown. @throws GumpError `ledger` */
export async function endLost(
  dependencies: Pick<Dependencies, 'ledger' | 'sinks' | 'system'>,
  { plan, past, opening, by, notice }: LostRun,
): Promise<RunState> {
  const { ledger, system } = dependencies;
  const { sinks, problems } = await openSinks(dependencies.sinks, plan, past);
  const recorder = createRecorder({ ledger, system, sinks, state: fold(past) });
  try {
    if (recorder.state().status === 'running') {
      const told: readonly Fact[] = notice === null ? [] : [{ type: 'notice', message: notice }];
      const end: Fact = { type: 'run_interrupted', run: plan.run, signal: by };
      await recorder.emit(...opening, ...closeLost(recorder.state()), ...told, ...problems, end);
    }
    await ledger.settle(null);
  } finally {
    await Promise.all(sinks.map((sink) => closeSink(recorder, sink)));
  }
  return recorder.state();
}
