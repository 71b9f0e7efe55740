/**
 * Which events of a run make the state before one of its steps (language.md §8): what came before it on its own line,
 * and of what ran beside it all that was finished. Nothing of the step itself, nor of what came after it.
 */
import type { Event } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { commitOf } from './attempts.ts';
import { evolve, fold } from './evolve.ts';
import { locate } from './place.ts';
import { branchesBeside, commitsBeside, type Life, type Parallel, parallelAround } from './replay-beside.ts';
import { initialState } from './state.ts';

export interface ReplayPoint {
  /** In their order; `run_started` is not among them. */
  readonly events: readonly Event[];
  /** The newest commit of the run's own line. */
  readonly head: string;
  /** What the state stands on beside that line: commits of parallel parts that are not merged. */
  readonly tips: readonly string[];
}

/** The index of the event with which each step that has started began last, by its path. */
export type Births = ReadonlyMap<string, number>;

/** A group's next round begins the steps inside anew, and so does the next attempt of a judged step its judges. */
export function birthsOf(plan: Plan, events: readonly Event[]): Births {
  const births = new Map<string, number>();
  let state = initialState;
  for (const [index, event] of events.entries()) {
    if (isStart(event) && !locate(plan, state, event.step)?.step) births.set(event.step, index);
    state = evolve(state, event);
  }
  return births;
}

export interface ReplayQuestion {
  readonly plan: Plan;
  readonly events: readonly Event[];
  /** State path of a step. */
  readonly path: string;
  /** The attempt to begin with; null: the step as a whole. */
  readonly attempt: number | null;
}

/** Null where the step, or that attempt of it, has never started. */
export function replayPoint({ plan, events: all, path, attempt }: ReplayQuestion): ReplayPoint | null {
  const birth = birthsOf(plan, all).get(path);
  if (birth === undefined) return null;
  const events = all.slice(0, endOfLife(all, path, birth));
  const cut = attempt === null ? birth : startOf(events, { path, birth, attempt });
  const start = events[cut];
  if (!start || !isStart(start)) return null;
  const life: Life = { plan, events, state: fold(events), births: birthsOf(plan, events) };
  const around = parallelAround(life, path);
  const branches = around.flatMap((one) => branchesBeside(life, one));
  const kept = events.filter((event, index) => {
    if (event.type === 'run_started') return false;
    const branch = branches.find(({ covers }) => covers(event, index));
    return branch ? branch.keeps(event, index) : index < cut;
  });
  return { events: kept, ...commitsOf(plan, { kept, around, base: start.base }) };
}

function isStart(event: Event) {
  return event.type === 'step_started' || event.type === 'group_started';
}

/** Where a step around it begins anew, and with it whatever is inside. */
function endOfLife(events: readonly Event[], path: string, birth: number): number {
  const end = events.findIndex(
    (event, index) => index > birth && isStart(event) && path.startsWith(`${event.step}/`),
  );
  return end < 0 ? events.length : end;
}

interface Attempt {
  readonly path: string;
  readonly birth: number;
  readonly attempt: number;
}

function startOf(events: readonly Event[], { path, birth, attempt }: Attempt): number {
  return events.findIndex(
    (event, index) =>
      index >= birth && event.type === 'step_started' && event.step === path && event.attempt === attempt,
  );
}

interface Chosen {
  readonly kept: readonly Event[];
  readonly around: readonly Parallel[];
  /** The commit on which the step starts. */
  readonly base: string;
}

function commitsOf(plan: Plan, { kept, around, base }: Chosen): Pick<ReplayPoint, 'head' | 'tips'> {
  const state = fold(kept);
  const places = around.flatMap(({ path, inside }) => {
    const place = locate(plan, state, path);
    return place?.step ? [{ path, inside, node: place.node, step: place.step }] : [];
  });
  const [outermost] = places;
  if (!outermost) return { head: base, tips: [] };
  const { step } = outermost;
  const head = step.line ?? (step.attempt ? commitOf(step.attempt) : step.start);
  const tips = new Set([base, ...places.flatMap(commitsBeside)]);
  tips.delete(head);
  return { head, tips: [...tips] };
}
