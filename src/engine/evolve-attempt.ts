/** What an event means for the attempt that it is about: its tree, its launch, its result, its gates. */
import type { EventOf } from '../events/event.ts';
import { own } from '../own.ts';
import { type AttemptState, type GateState, noUsage } from './state.ts';

export type AttemptEvent = EventOf<
  | 'tree_reset'
  | 'agent_launched'
  | 'session_lost'
  | 'state_updated'
  | 'gate_started'
  | 'gate_passed'
  | 'gate_failed'
  | 'gate_skipped'
  | 'condition_started'
  | 'condition_ended'
  | 'guard_triggered'
>;

/** `activeMs` is the run's active time. */
export function evolveAttempt(attempt: AttemptState, event: AttemptEvent, activeMs: number): AttemptState {
  switch (event.type) {
    case 'tree_reset':
      return { ...attempt, base: event.commit };
    case 'agent_launched':
      return { ...attempt, launch: { usage: noUsage, open: true } };
    case 'session_lost':
      return { ...attempt, sessionMode: 'new' };
    case 'state_updated': {
      const { tasks, verdict, commit, error } = event;
      return { ...attempt, result: { tasks, verdict, commit, error } };
    }
    case 'guard_triggered':
      return attempt.guard ? attempt : { ...attempt, guard: { guard: event.guard, reason: event.reason } };
    case 'gate_started':
      return withGate(attempt, event.gate, {
        ...emptyGate,
        startedAt: event.ts,
        since: { spent: noUsage, activeMs },
        validator: event.validator ?? false,
        commit: event.commit,
      });
    case 'gate_passed':
      return withGate(attempt, event.gate, { ...judged(attempt, event), status: 'pass' });
    case 'gate_failed':
      return withGate(attempt, event.gate, { ...judged(attempt, event), status: 'fail' });
    case 'gate_skipped':
      return withGate(attempt, event.gate, {
        ...emptyGate,
        status: 'skip',
        commit: event.commit,
        reason: event.reason,
      });
    case 'condition_started':
    case 'condition_ended':
      return evolveCondition(attempt, event, activeMs);
    default:
      return attempt;
  }
}

/** Whoever judges the attempt knows by then why it has failed. */
function evolveCondition(
  attempt: AttemptState,
  event: EventOf<'condition_started' | 'condition_ended'>,
  activeMs: number,
): AttemptState {
  const { condition: name } = event;
  if (event.type === 'condition_started') {
    const { ts: startedAt, commit, reason: failure } = event;
    const since = { spent: noUsage, activeMs };
    const state: GateState = { ...emptyGate, startedAt, since, validator: true, commit };
    return { ...attempt, failure, conditions: { ...attempt.conditions, [name]: state } };
  }
  const status = event.applies ? 'pass' : 'fail';
  const state: GateState = { ...(own(attempt.conditions, name) ?? emptyGate), status, reason: event.reason };
  return { ...attempt, conditions: { ...attempt.conditions, [name]: state } };
}

const emptyGate: GateState = {
  status: 'running',
  startedAt: null,
  since: { spent: noUsage, activeMs: 0 },
  validator: false,
  commit: '',
  reason: '',
  comments: '',
  findings: [],
  steps: {},
};

function judged(attempt: AttemptState, event: EventOf<'gate_passed' | 'gate_failed'>): GateState {
  return {
    ...(own(attempt.gates, event.gate) ?? emptyGate),
    commit: event.commit,
    reason: event.reason ?? '',
    comments: event.comments ?? '',
    findings: event.findings ?? [],
  };
}

function withGate(attempt: AttemptState, name: string, gate: GateState): AttemptState {
  return { ...attempt, gates: { ...attempt.gates, [name]: gate } };
}
