/**
 * What a group's round leaves to the next, and a judged attempt to the one behind it: attempt numbers go on, so that an id
 * never stands for two attempts (R5).
 */
import type { EventOf } from '../events/event.ts';
import { sameness } from './breaker.ts';
import { join } from './place.ts';
import type { AttemptState, StepState, Steps } from './state.ts';

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
    same: event.reason === undefined ? null : sameness(step.same, event.reason),
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
    const judges = judgesOf(step.attempt, path);
    const below = [step.used, judges, attemptsIn(step.steps, path), ...tasks].flatMap(Object.entries<number>);
    return [...own, ...below];
  });
  return Object.fromEntries(all);
}

/** The same of the validators that judge an attempt of the step at `path`. */
export function judgesOf(attempt: AttemptState | null, path: string): Readonly<Record<string, number>> {
  const gates = Object.entries(attempt?.gates ?? {});
  return Object.assign({}, ...gates.map(([label, { steps }]) => attemptsIn(steps, join(path, label))));
}
