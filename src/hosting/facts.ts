/** The facts with which a host opens a run. */
import { back } from '../engine/come-back.ts';
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { isHandedOver } from '../events/ending.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { askedPauses } from '../runtime/open.ts';

/** The first fact of a run. */
export function startedFact(plan: Plan): Fact {
  return {
    type: 'run_started',
    run: plan.run,
    workflow: plan.workflow,
    spec_hash: plan.spec.hash,
    spec_origin: plan.spec.origin,
    base: plan.base,
    settings: plan.settings,
    gump: plan.gump,
  };
}

/** False where no step of the run has left a commit of its own. */
export function hasChanged({ steps }: RunState, base: string): boolean {
  return Object.values(steps).some(({ commit }) => commit !== null && commit !== base);
}

/** What a person said of a run that goes on. */
export interface Consent {
  /** To what a paused run asks. */
  readonly approved: boolean;
  /** The login where it is known. */
  readonly by: string | null;
  /** Of a no. */
  readonly reason: string | null;
}

const yes: Consent = { approved: true, by: null, reason: null };

/**
 * A resume is the consent that a paused run waits for, unless the person said no. One that was stopped or lost while a
 * person was being asked has no answer: it asks again.
 */
export function resumedFacts(
  run: string,
  events: readonly Event[],
  {
    maxBudgetUsd,
    consent = yes,
  }: { readonly maxBudgetUsd?: number | undefined; readonly consent?: Consent } = {},
): Fact[] {
  const state = fold(events);
  const last = events.findLast(({ type }) => type.startsWith('run_'));
  const isBack = last?.type === 'run_resumed' && last.reason === back;
  const open = isHandedOver(events) ? 'was handed over' : isBack ? 'had fanned out' : 'was lost';
  const reason =
    { paused: 'was paused', fail: 'had failed', cancelled: 'was stopped' }[state.status as string] ?? open;
  const resumed: Fact = {
    type: 'run_resumed',
    run,
    reason,
    ...(maxBudgetUsd === undefined ? {} : { max_budget: maxBudgetUsd }),
  };
  const asked = state.status === 'paused' ? askedPauses(state) : [];
  const approvals = asked.map(({ step, attempt }): Fact => {
    return { type: 'hitl_resumed', step, attempt, ...consent };
  });
  return [resumed, ...approvals];
}
