/** The one loop: decide → perform → write down, until nothing is left to do, a person is needed, or somebody stops it. */
import { decide } from '../engine/decide.ts';
import type { Effect } from '../engine/effect.ts';
import { fold } from '../engine/evolve.ts';
import type { Course } from '../engine/fan-out.ts';
import type { RunState } from '../engine/state.ts';
import { GumpError } from '../errors.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { startClocks } from './clocks.ts';
import type { Dependencies, Stage } from './dependencies.ts';
import { closeLost } from './end-lost.ts';
import { createFlights } from './flights.ts';
import { noticeOnceBy } from './notice-once.ts';
import { askedPauses, questionOf, whyAsked } from './open.ts';
import { createRecorder, publish } from './recorder.ts';
import { closeSink, openSinks } from './sinks.ts';

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
  /** What of the run is done here; default: all of it. */
  readonly course?: Course;
  /** Aborting stops the run; its reason (text) is recorded. */
  readonly signal: AbortSignal;
  /** Absent: the engine has all the time that it needs. */
  readonly handOver?: HandOver;
}

/** An engine whose time ends leaves the run to the next one. */
export interface HandOver {
  /** Aborted: nothing begins any more, and the run is handed over when what runs has ended. */
  readonly soon: AbortSignal;
  /** Aborted: what still runs is ended at once; the next engine does it again. */
  readonly now: AbortSignal;
}

/**
 * Runs until the end and returns the last state: `pass`, `fail`, `paused`, `cancelled` after a stop, `running` where the run was
 * handed over, `away` where the course ends before the run.
 * @throws GumpError when the world breaks (git, ledger, disk); the run can be resumed.
 */
export async function executeRun(dependencies: Dependencies, order: RunOrder): Promise<RunState> {
  const { plan, past, unseen = [], opening, signal, handOver, course = { kind: 'whole' } } = order;
  const { listen = () => () => undefined } = order;
  const { sinks, problems } = await openSinks(dependencies.sinks, plan, past);
  const recorder = createRecorder({ ...dependencies, sinks, state: fold([...past, ...unseen]) });
  const broken = new AbortController();
  // A branch whose share is used up has not failed: what it was at is done again where there is more.
  const isSpent = () => course.kind === 'branch' && recorder.state().exceeded !== null;
  const isOver = () => signal.aborted || broken.signal.aborted || handOver?.now.aborted === true;
  const stopping = () => isOver() || isSpent();
  const stage = createStage({ ...dependencies, sinks }, { plan, recorder, stopping });
  for (const event of unseen) for (const sink of sinks) publish(sink, event);
  let deafen: () => void = () => undefined;
  try {
    // The time between two engines belongs to none of them: it ends with the first fact of the new one.
    await recorder.emit(...opening, ...closeLost(recorder.state()), ...problems);
    const isOpen = ({ status, exceeded }: RunState) => status === 'running' && exceeded === null;
    deafen = listen((facts) => recorder.emitBy((state) => (isOpen(state) ? facts : [])));
    await loop(stage, { signal, broken, course, ...(handOver && { handOver }) });
    await stage.barrier();
  } finally {
    deafen();
    await Promise.all(sinks.map((sink) => closeSink(recorder, sink)));
  }
  return recorder.state();
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

interface Stops {
  /** A person or the machine stops the run. */
  readonly signal: AbortSignal;
  /** Aborted by the loop itself when the world breaks: what is in flight then stays open for the next engine. */
  readonly broken: AbortController;
  readonly course: Course;
  readonly handOver?: HandOver;
}

async function loop(stage: Stage, { signal, broken, course, handOver }: Stops): Promise<void> {
  const flights = createFlights(stage);
  const clocks = startClocks(stage);
  const [stopped, ending] = [untilAborted(signal, handOver?.now), untilAborted(handOver?.soon)];
  try {
    while (!signal.aborted && !handOver?.now.aborted) {
      const seen = stage.state();
      // Behind an exceeded limit nothing goes on, not even what is only being prepared.
      if (seen.exceeded && (await flights.dropUnwanted([]))) continue;
      if (await flights.dropBelow(Object.keys(seen.overdrawn))) continue;
      clocks.sync();
      const effects = decide(stage.plan, seen, course);
      if (await record(stage, effects)) continue;
      if (await flights.dropUnwanted(effects)) continue;
      // What happened since the decision may have made it stale: an effect that has ended must not start again.
      if (stage.state() !== seen) continue;
      const isEnding = handOver?.soon.aborted === true;
      if (!isEnding) flights.start(effects);
      else if (flights.size() === 0 && effects.length > 0) break;
      if (flights.size() === 0) {
        // An answer is an event that has been written already: nothing else would wake us.
        if (await askPeople(stage, stopped)) continue;
        return;
      }
      await Promise.race([stage.recorder.changed(), flights.next(), stopped, ...(isEnding ? [] : [ending])]);
    }
    await flights.abortAll();
    if (stage.state().status === 'running') await stage.recorder.emit(leaving(stage, signal));
  } finally {
    clocks.stop();
    broken.abort();
    await flights.abortAll();
  }
}

/** The last fact of an engine that ends before its run does. */
function leaving({ plan: { run } }: Stage, { aborted, reason }: AbortSignal): Fact {
  return aborted
    ? { type: 'run_interrupted', run, signal: String(reason) }
    : { type: 'run_handed_over', run };
}

/** Resolves when one of those that are given aborts. */
function untilAborted(...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) signal?.addEventListener('abort', () => resolve(), { once: true });
  });
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

/** True when something was answered, or nobody waits for an answer any more, and the run goes on. */
async function askPeople(stage: Stage, stopped: Promise<void>): Promise<boolean> {
  const state = stage.state();
  if (state.status !== 'running') return false;
  const asked = askedPauses(state);
  const [pause] = asked;
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
      reason: asked.map(whyAsked).join('\n'),
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
