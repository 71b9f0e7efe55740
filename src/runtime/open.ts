/** What is open in a state: launches without an end, and questions without an answer. */
import type { GateState, Pause, RunState, StepState, Steps } from '../engine/state.ts';

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
}

export function openPauses(state: RunState): readonly OpenPause[] {
  return everyStep(state.steps).flatMap(([path, step]) => {
    const pause = step.pause;
    return pause && pause.approved === null ? [{ step: path, attempt: pause.attempt, when: pause.when }] : [];
  });
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
