/** What is open in a state: launches without an end, and questions without an answer. */
import { shownPaths } from '../engine/protected.ts';
import type { GateState, Pause, RunState, StepState, Steps } from '../engine/state.ts';
import { limits } from '../limits.ts';

export interface OpenLaunch {
  readonly step: string;
  readonly attempt: number;
}

export function openLaunches(state: RunState): readonly OpenLaunch[] {
  return everyStep(state.steps).flatMap(([path, step]) => {
    return step.attempt?.launch?.open ? [{ step: path, attempt: step.attempt.number }] : [];
  });
}

export interface OpenPause extends OpenLaunch {
  readonly when: Pause['when'];
  readonly paths: Pause['paths'];
}

export function openPauses(state: RunState): readonly OpenPause[] {
  return everyStep(state.steps).flatMap(([path, step]) => {
    const pause = step.pause;
    if (pause?.approved !== null) return [];
    const { attempt, when, paths } = pause;
    return [{ step: path, attempt, when, paths }];
  });
}

/** Those that a paused run tells of, and that one answer is for: nobody says yes to what was not shown. Never none of several. */
export function askedPauses(state: RunState): readonly OpenPause[] {
  let room: number = limits.questionsCharactersMax;
  return openPauses(state).filter((pause, index) => {
    room -= whyAsked(pause).length + 1;
    return index === 0 || room >= 0;
  });
}

export function questionOf({ step, attempt, when, paths }: OpenPause): string {
  const about = paths.length > 0 ? ` (${shownPaths(paths)})` : '';
  return `${step}: ${when.replaceAll('_', ' ')}${about}, attempt ${attempt}. Approve?`;
}

/** Why the run waits, where nobody is there to answer. */
export function whyAsked({ step, when, paths }: OpenPause): string {
  if (paths.length === 0) return `${step} waits for a person (${when})`;
  return `${step} waits for a person: it changed ${shownPaths(paths)}, and nothing of the attempt was kept; a yes lets it try again`;
}

function everyStep(steps: Steps, prefix = ''): [string, StepState][] {
  return Object.entries(steps).flatMap(([name, step]): [string, StepState][] => {
    const path = prefix + name;
    const judges = [step.attempt?.gates ?? {}, step.attempt?.conditions ?? {}].flatMap(
      Object.entries<GateState>,
    );
    return [
      [path, step],
      ...judges.flatMap(([judge, { steps: inner }]) => everyStep(inner, `${path}/${judge}/`)),
      ...Object.entries(step.tasks).flatMap(([task, { steps: inner }]) =>
        everyStep(inner, `${path}/${task}/`),
      ),
      ...everyStep(step.steps, `${path}/`),
    ];
  });
}
