/** The one loop: decide → perform → write down, until nothing is left to do, a person is needed, or somebody stops it. */
import { decide } from '../engine/decide.ts';
import type { Effect } from '../engine/effect.ts';
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { GumpError } from '../errors.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sink } from '../ports/sink.ts';
import { startClocks } from './clocks.ts';
import type { Dependencies, Stage } from './dependencies.ts';
import { noticeOnceBy } from './notice-once.ts';
import { openLaunches, openPauses, questionOf, whyAsked } from './open.ts';
import { performAgent } from './perform-agent.ts';
import { performGate } from './perform-gate.ts';
import { performMerge } from './perform-merge.ts';
import { createRecorder, publish } from './recorder.ts';

export interface RunOrder {
  readonly plan: Plan;
  /** The events so far; empty for a new run. */
  readonly past: readonly Event[];
  /** Events behind those, in the ledger too, that nobody has been shown yet. */
  readonly unseen?: readonly Event[];
  /** First facts of this engine: `run_started`, or `run_resumed` and a person's answer. */
  readonly opening: readonly Fact[];
  /**
   * Facts from outside (what a person orders) while it runs: told how to hand them over, gives how to stop. What comes when
   * the run has stopped, or its limit is passed, is dropped: the next engine finds it again.
   */
  readonly listen?: (tell: (facts: readonly Fact[]) => Promise<void>) => () => void;
  /** Aborting stops the run; its reason (text) is recorded. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the end and returns the last state: `pass`, `fail`, `paused`, or `cancelled` after a stop.
 * @throws GumpError when the world breaks (git, ledger, disk); the run can be resumed.
 */
export async function executeRun(dependencies: Dependencies, order: RunOrder): Promise<RunState> {
  const { plan, past, unseen = [], opening, signal, listen = () => () => undefined } = order;
  const { sinks, problems } = await openSinks(dependencies.sinks, plan, past);
  const recorder = createRecorder({ ...dependencies, sinks, state: fold([...past, ...unseen]) });
  const broken = new AbortController();
  const stopping = () => signal.aborted || broken.signal.aborted;
  const stage = createStage({ ...dependencies, sinks }, { plan, recorder, stopping });
  for (const event of unseen) for (const sink of sinks) publish(sink, event);
  let deafen: () => void = () => undefined;
  try {
    // The time between two engines belongs to none of them: it ends with the first fact of the new one.
    await recorder.emit(...opening, ...closeLost(recorder.state()), ...problems);
    const isOpen = ({ status, exceeded }: RunState) => status === 'running' && exceeded === null;
    deafen = listen((facts) => recorder.emitBy((state) => (isOpen(state) ? facts : [])));
    await loop(stage, { signal, broken });
    await stage.barrier();
  } finally {
    deafen();
    await Promise.all(sinks.map((sink) => closeSink(stage, sink)));
  }
  return recorder.state();
}

/** R6: a sink that cannot be opened is told of and left out. */
async function openSinks(all: Dependencies['sinks'], plan: Plan, past: readonly Event[]) {
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

async function closeSink(stage: Stage, sink: Dependencies['sinks'][number]): Promise<void> {
  try {
    await sink.close();
  } catch (error) {
    // R6: told where it can be told, never a failure of the run.
    const message = `${sink.name} could not show everything: ${messageOf(error)}`;
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
  { plan, recorder, stopping }: Pick<Stage, 'plan' | 'recorder' | 'stopping'>,
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
    stopping,
    noticeOnce: noticeOnceBy(recorder),
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

interface Stops {
  /** A person or the machine stops the run. */
  readonly signal: AbortSignal;
  /** Aborted by the loop itself when the world breaks: what is in flight then stays open for the next engine. */
  readonly broken: AbortController;
}

async function loop(stage: Stage, { signal, broken }: Stops): Promise<void> {
  const flights = createFlights(stage);
  const clocks = startClocks(stage);
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    while (!signal.aborted) {
      const seen = stage.state();
      // Behind an exceeded limit nothing goes on, not even what is only being prepared.
      if (seen.exceeded && (await flights.dropUnwanted([]))) continue;
      if (await flights.dropBelow(Object.keys(seen.overdrawn))) continue;
      clocks.sync();
      const effects = decide(stage.plan, seen);
      if (await record(stage, effects)) continue;
      if (await flights.dropUnwanted(effects)) continue;
      // What happened since the decision may have made it stale: an effect that has ended must not start again.
      if (stage.state() !== seen) continue;
      flights.start(effects);
      if (flights.size() === 0) {
        // An answer is an event that has been written already: nothing else would wake us.
        if (await askPeople(stage, stopped)) continue;
        return;
      }
      await Promise.race([stage.recorder.changed(), flights.next(), stopped]);
    }
    await flights.abortAll();
    if (stage.state().status !== 'running') return;
    await stage.recorder.emit({
      type: 'run_interrupted',
      run: stage.plan.run,
      signal: String(signal.reason),
    });
  } finally {
    clocks.stop();
    broken.abort();
    await flights.abortAll();
  }
}

async function record(stage: Stage, effects: readonly Effect[]): Promise<boolean> {
  const facts = effects.flatMap((effect) => (effect.kind === 'record' ? effect.facts : []));
  if (facts.length === 0) return false;
  for (const fact of facts) if (fact.type === 'run_completed') await keepResult(stage, fact.commit);
  await stage.recorder.emit(...facts);
  return true;
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

  async function drop(isUnwanted: (running: Running) => boolean): Promise<boolean> {
    const unwanted = [...flights.values()].filter(isUnwanted);
    await abort(unwanted);
    if (failure !== null) throw failure;
    return unwanted.length > 0;
  }

  return {
    size: () => flights.size,
    start(effects: readonly Effect[]): void {
      for (const effect of effects) if (!flights.has(effect.id)) start(effect);
    },
    /** What runs although nobody wants it any more (a guard, a limit) is ended before anything else is decided. */
    dropUnwanted(effects: readonly Effect[]): Promise<boolean> {
      const wanted = new Set(effects.map((effect) => effect.id));
      return drop(({ effect }) => !wanted.has(effect.id));
    },
    /** The same of what runs below a path, whatever is decided next. */
    dropBelow(paths: readonly string[]): Promise<boolean> {
      return drop(({ effect }) =>
        paths.some((path) => effect.kind !== 'record' && effect.path.startsWith(`${path}/`)),
      );
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

/** True when something was answered, or nobody waits for an answer any more, and the run goes on. */
async function askPeople(stage: Stage, stopped: Promise<void>): Promise<boolean> {
  const state = stage.state();
  if (state.status !== 'running') return false;
  const [pause] = openPauses(state);
  if (!pause)
    throw new GumpError('the run has nothing left to do and no end', {
      code: 'internal',
      hint: 'please report this with the run folder',
    });
  const { step, attempt } = pause;
  const disturbed = Promise.race([stopped, stage.recorder.changed()]).then(() => 'disturbed' as const);
  const answer = await Promise.race([stage.system.ask(questionOf(pause)), disturbed]);
  if (answer === 'disturbed') return true;
  if (answer === null) {
    await stage.recorder.emit({
      type: 'run_paused',
      run: stage.plan.run,
      step,
      reason: whyAsked(pause),
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
