/** The one loop: decide → perform → write down, until nothing is left to do, a person is needed, or somebody stops it. */
import { decide } from '../engine/decide.ts';
import type { Effect } from '../engine/effect.ts';
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { GumpError } from '../errors.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Dependencies, Stage } from './dependencies.ts';
import { openLaunches, openPauses } from './open.ts';
import { performAgent } from './perform-agent.ts';
import { performGate } from './perform-gate.ts';
import { performMerge } from './perform-merge.ts';
import { createRecorder } from './recorder.ts';

export interface RunOrder {
  readonly plan: Plan;
  /** The events so far; empty for a new run. */
  readonly past: readonly Event[];
  /** First facts of this engine: `run_started`, or `run_resumed` and a person's answer. */
  readonly opening: readonly Fact[];
  /** Aborting stops the run; its reason (text) is recorded. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the end and returns the last state: `pass`, `fail`, `paused`, or `cancelled` after a stop.
 * @throws GumpError when the world breaks (git, ledger, disk); the run can be resumed.
 */
export async function executeRun(dependencies: Dependencies, order: RunOrder): Promise<RunState> {
  const { plan, past, opening, signal } = order;
  for (const sink of dependencies.sinks) await sink.open(plan, past);
  const recorder = createRecorder({ ...dependencies, state: fold(past) });
  await recorder.emit(...closeLost(recorder.state()), ...opening);
  const stage = createStage(dependencies, { plan, recorder, signal });
  try {
    await loop(stage, signal);
    await stage.barrier();
  } finally {
    await Promise.all(dependencies.sinks.map((sink) => closeSink(stage, sink)));
  }
  return recorder.state();
}

async function closeSink(stage: Stage, sink: Dependencies['sinks'][number]): Promise<void> {
  try {
    await sink.close();
  } catch (error) {
    // R6: told where it can be told, never a failure of the run.
    const message = `${sink.name} could not show everything: ${error instanceof Error ? error.message : String(error)}`;
    await stage.recorder.emit({ type: 'notice', message }).catch(() => undefined);
  }
}

/** R4: an attempt that was announced and has no end is closed; what it had spent is booked already. */
function closeLost(state: RunState): Fact[] {
  return openLaunches(state).map(({ step, attempt }) => {
    return { type: 'agent_killed', step, attempt, reason: 'its engine was lost while it ran' };
  });
}

function createStage(
  dependencies: Dependencies,
  { plan, recorder, signal }: Pick<Stage, 'plan' | 'recorder'> & { signal: AbortSignal },
): Stage {
  let securing: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  let secured: string | null = null;
  const secure = (commit: string | null) => {
    if (commit !== null && commit === secured) return;
    secured = commit;
    securing = dependencies.ledger.settle(commit).catch((error: unknown) => {
      failure = error;
    });
  };
  return {
    ...dependencies,
    plan,
    recorder,
    state: () => recorder.state(),
    stopping: () => signal.aborted,
    secure,
    async barrier() {
      await securing;
      if (failure === null) await dependencies.ledger.settle(null);
      else throw failure;
    },
  };
}

interface Running {
  readonly effect: Effect;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

async function loop(stage: Stage, signal: AbortSignal): Promise<void> {
  const flights = createFlights(stage);
  const clock = watchRunTime(stage);
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    while (!signal.aborted) {
      const seen = stage.state();
      const effects = decide(stage.plan, seen);
      if (await record(stage, effects)) continue;
      if (await flights.dropUnwanted(effects)) continue;
      flights.start(effects);
      // What happened since the decision may not wake us any more.
      if (stage.state() !== seen) continue;
      if (flights.size() === 0) {
        // An answer is an event that has been written already: nothing else would wake us.
        if (await askPeople(stage)) continue;
        return;
      }
      await Promise.race([stage.recorder.changed(), flights.next(), stopped]);
    }
    await flights.abortAll();
    await stage.recorder.emit({
      type: 'run_interrupted',
      run: stage.plan.run,
      signal: String(signal.reason),
    });
  } finally {
    clearTimeout(clock);
    await flights.abortAll();
  }
}

async function record(stage: Stage, effects: readonly Effect[]): Promise<boolean> {
  const facts = effects.flatMap((effect) => (effect.kind === 'record' ? effect.facts : []));
  for (const fact of facts) if (fact.type === 'run_completed') await keepResult(stage, fact.commit);
  await stage.recorder.emit(...facts);
  return facts.length > 0;
}

/**
 * The branch holds the result before the run is called complete: an engine that was killed behind an attempt's end may
 * not have moved it, and the attempt never runs again.
 */
async function keepResult(stage: Stage, commit: string | null): Promise<void> {
  if (commit === null || commit === stage.plan.base) return;
  await stage.workspace.advance(commit);
  stage.secure(commit);
}

function createFlights(stage: Stage) {
  const flights = new Map<string, Running>();
  let failure: unknown = null;
  let wake: () => void = () => undefined;

  function start(effect: Effect): void {
    const controller = new AbortController();
    const done = perform(stage, effect, controller.signal)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        flights.delete(effect.id);
        wake();
      });
    flights.set(effect.id, { effect, controller, done });
  }

  async function abort(running: readonly Running[]): Promise<void> {
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  return {
    size: () => flights.size,
    start(effects: readonly Effect[]): void {
      for (const effect of effects) if (!flights.has(effect.id)) start(effect);
    },
    /** What runs although nobody wants it any more (a guard, a limit) is ended before anything else is decided. */
    async dropUnwanted(effects: readonly Effect[]): Promise<boolean> {
      const wanted = new Set(effects.map((effect) => effect.id));
      const unwanted = [...flights.values()].filter(({ effect }) => !wanted.has(effect.id));
      await abort(unwanted);
      if (failure !== null) throw failure;
      return unwanted.length > 0;
    },
    next: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    abortAll: () => abort([...flights.values()]),
  };
}

async function perform(stage: Stage, effect: Effect, signal: AbortSignal): Promise<void> {
  if (effect.kind === 'agent') return performAgent(stage, effect, signal);
  if (effect.kind === 'gate') return performGate(stage, effect, signal);
  if (effect.kind === 'merge') return performMerge(stage, effect);
  throw new GumpError(`nothing performs ${effect.id}`, { code: 'internal' });
}

/** True when something was answered and the run goes on. */
async function askPeople(stage: Stage): Promise<boolean> {
  const state = stage.state();
  if (state.status !== 'running') return false;
  const [pause] = openPauses(state);
  if (!pause)
    throw new GumpError('the run has nothing left to do and no end', {
      code: 'internal',
      hint: 'please report this with the run folder',
    });
  const { step, attempt, when } = pause;
  const question = `${step}: ${when.replaceAll('_', ' ')}, attempt ${attempt}. Approve?`;
  const answer = await stage.system.ask(question);
  if (answer === null) {
    await stage.recorder.emit({
      type: 'run_paused',
      run: stage.plan.run,
      step,
      reason: `${step} waits for a person (${when})`,
    });
    return false;
  }
  await stage.recorder.emit({
    type: 'hitl_resumed',
    step,
    attempt,
    approved: answer === 'approve',
    by: null,
    reason: null,
  });
  return true;
}

/** The run's time limit interrupts what is running; the clock is here, the decision is in the engine. */
function watchRunTime(stage: Stage): NodeJS.Timeout | undefined {
  const maxMs = stage.plan.limits.maxTimeoutMs;
  if (maxMs === null) return undefined;
  const leftMs = Math.max(0, maxMs - stage.state().activeMs);
  return setTimeout(() => {
    stage.recorder
      .emit({ type: 'budget_exceeded', scope: 'run', kind: 'time', max: maxMs, current: maxMs })
      // A ledger that cannot be written fails the run at the next event of its own.
      .catch(() => undefined);
  }, leftMs);
}
