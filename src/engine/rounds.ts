/** What a group's round leaves to the next: attempt numbers go on, so that an id never stands for two attempts (R5). */
import type { EventOf } from '../events/event.ts';
import { join } from './place.ts';
import type { StepState, Steps } from './state.ts';

/** The group (or call) as its next round finds it, the first included. */
export function startRound(step: StepState, event: EventOf<'group_started'>): StepState {
  return {
    ...step,
    status: 'running',
    // Why the round before failed, for `{error}` in this one.
    reason: event.reason ?? null,
    round: event.round,
    base: event.base,
    line: null,
    merges: {},
    used: { ...step.used, ...attemptsIn(step.steps, event.step) },
    steps: {},
    reopened: false,
  };
}

/** The newest attempt's number of every step below, by its path. */
export function attemptsIn(steps: Steps, prefix: string): Readonly<Record<string, number>> {
  const all = Object.entries(steps).flatMap(([name, step]) => {
    const path = join(prefix, name);
    const tasks = Object.entries(step.tasks).map(([task, { steps: inner }]) =>
      attemptsIn(inner, join(path, task)),
    );
    const own = step.attempt ? [[path, step.attempt.number] as const] : [];
    const below = [step.used, attemptsIn(step.steps, path), ...tasks].flatMap(Object.entries<number>);
    return [...own, ...below];
  });
  return Object.fromEntries(all);
}
