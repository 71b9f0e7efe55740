/** Called workflows under way that have a time limit of their own; the clock that wakes the run is the runtime's. */
import type { Plan, PlanNode } from '../plan/plan.ts';
import { limitedCalls } from './limited-calls.ts';
import type { RunState } from './state.ts';

export interface TimedCall {
  /** Of the call, or of the gate or condition whose validator it is. */
  readonly path: string;
  readonly maxMs: number;
  /** How much of it was left at the state's newest event. */
  readonly leftMs: number;
}

/** Outermost first; empty where nothing that is limited runs. */
export function timedCalls(plan: Plan, state: RunState): readonly TimedCall[] {
  return limitedCalls(plan, state).flatMap(({ path, limits: { maxTimeoutMs: maxMs }, activeMs }) =>
    maxMs === null ? [] : [{ path, maxMs, leftMs: Math.max(0, maxMs - activeMs) }],
  );
}

/** Whether a plan can have any, so that nobody has to look for them all the time. */
export function hasTimedCalls(nodes: readonly PlanNode[]): boolean {
  return nodes.some(({ limits, get, children, gates, conditions }) => {
    const judges = [...gates, ...conditions];
    const timed = [limits, ...judges.map((judge) => judge.limits)].some(
      (one) => (one?.maxTimeoutMs ?? null) !== null,
    );
    const below = [...(get ? [get] : []), ...children, ...judges.flatMap((judge) => judge.nodes)];
    return timed || hasTimedCalls(below);
  });
}
