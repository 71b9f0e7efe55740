/**
 * Which events of a run make the state before one of its steps (language.md §8): what came before it on its own line,
 * and of what ran beside it all that was finished. Nothing of the step itself, nor of what came after it.
 */
import type { Event } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { evolve, fold } from './evolve.ts';
import { locate } from './place.ts';
import { besides, commitsOf, forksAround, type Past } from './replay-beside.ts';
import { initialState, type RunState } from './state.ts';

export interface ReplayPoint {
  /** In their order; `run_started` is not among them. */
  readonly events: readonly Event[];
  /** The newest commit of the run's own line. */
  readonly head: string;
  /** What the state stands on beside that line: commits of branches that are not merged. */
  readonly tips: readonly string[];
}

/** Indexes of the events with which each step began, by its path. Its last attempt is of the last of these lives. */
export type Births = ReadonlyMap<string, readonly number[]>;

/** A step begins anew with the next round of a group around it, and with the next attempt that it judges. */
export function birthsOf(plan: Plan, events: readonly Event[]): Births {
  const births = new Map<string, number[]>();
  follow(events, (event, index, before) => {
    if (!isStart(event) || locate(plan, before, event.step)?.step) return;
    births.set(event.step, [...(births.get(event.step) ?? []), index]);
  });
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

/** Null where the step, or that attempt of its last life, has never started. */
export function replayPoint({ plan, events: all, path, attempt }: ReplayQuestion): ReplayPoint | null {
  const birth = birthsOf(plan, all).get(path)?.at(-1);
  if (birth === undefined) return null;
  const events = all.slice(0, endOfLife(plan, all, { path, birth }));
  const cut = attempt === null ? birth : startOf(events, { path, birth, attempt });
  const start = events[cut];
  if (!start || !isStart(start)) return null;
  const past: Past = { plan, events, state: fold(events), births: birthsOf(plan, events) };
  const forks = forksAround(past, path);
  const branches = forks.flatMap((fork) => besides(past, fork));
  const kept = events.filter((event, index) => {
    if (event.type === 'run_started') return false;
    const branch = branches.find(({ covers }) => covers(event, index));
    return branch ? branch.keeps(event, index) : index < cut;
  });
  return { events: kept, ...commitsOf({ plan, state: fold(kept) }, forks, start.base) };
}

function isStart(event: Event) {
  return event.type === 'step_started' || event.type === 'group_started';
}

function follow(
  events: readonly Event[],
  look: (event: Event, index: number, before: RunState) => void,
): RunState {
  return events.reduce((state, event, index) => {
    look(event, index, state);
    return evolve(state, event);
  }, initialState);
}

interface Birth {
  readonly path: string;
  readonly birth: number;
}

/** The index of the event with which the step is gone from the state; behind the last one where it stays. */
function endOfLife(plan: Plan, events: readonly Event[], { path, birth }: Birth): number {
  let end = events.length;
  follow(events, (event, index, before) => {
    const mayEnd = isStart(event) || event.type === 'run_resumed' || event.type === 'task_started';
    if (index <= birth || index > end || !mayEnd) return;
    if (!locate(plan, evolve(before, event), path)?.step) end = index;
  });
  return end;
}

function startOf(
  events: readonly Event[],
  { path, birth, attempt }: Birth & { readonly attempt: number },
): number {
  return events.findIndex(
    (event, index) =>
      index >= birth && event.type === 'step_started' && event.step === path && event.attempt === attempt,
  );
}
