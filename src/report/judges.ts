/** What judged an attempt, in the draft of a summary: gates, and validators that were asked for conditions of `retry:`. */
import type { EventOf } from '../events/event.ts';
import { conditionPrefix } from '../plan/plan.ts';
import { type Draft, lastAttempt } from './draft.ts';
import type { GateSummary } from './summary.ts';

type GateEvent = EventOf<'gate_started' | 'gate_passed' | 'gate_failed' | 'gate_skipped'>;

export function readGate(draft: Draft, event: GateEvent): void {
  const attempt = lastAttempt(draft, event.step);
  const before = attempt?.gates.get(event.gate);
  attempt?.gates.set(event.gate, {
    name: event.gate,
    status: gateStatus[event.type],
    commit: event.commit,
    startedAt: event.type === 'gate_started' ? event.ts : (before?.startedAt ?? event.ts),
    durationMs: 'duration_ms' in event ? event.duration_ms : 0,
    reason: 'reason' in event ? (event.reason ?? '') : '',
    comments: 'comments' in event ? (event.comments ?? '') : '',
    findings: 'findings' in event ? (event.findings ?? []) : [],
    log: 'log' in event ? (event.log ?? null) : null,
  });
}

const gateStatus: Readonly<Record<GateEvent['type'], GateSummary['status']>> = {
  gate_started: 'running',
  gate_passed: 'pass',
  gate_failed: 'fail',
  gate_skipped: 'skip',
};

export function askCondition(draft: Draft, { step, condition, ts }: EventOf<'condition_started'>): void {
  lastAttempt(draft, step)?.conditions.set(condition, {
    name: condition.slice(conditionPrefix.length),
    status: 'running',
    startedAt: ts,
    durationMs: 0,
    comments: '',
    costUsd: 0,
    costUnknown: false,
  });
}

/** One that was never asked adds nothing. */
export function endCondition(draft: Draft, event: EventOf<'condition_ended'>): void {
  const asked = lastAttempt(draft, event.step)?.conditions.get(event.condition);
  if (!asked) return;
  asked.status = event.applies ? 'pass' : 'fail';
  asked.durationMs = event.duration_ms;
  asked.comments = event.reason;
}
