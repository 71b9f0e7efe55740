/** Steps and their attempts in the draft of a summary, from their beginning to their launch. */
import type { EventOf } from '../events/event.ts';
import { type Draft, endAttempt, lastAttempt } from './draft.ts';
import { taskOfStep } from './tasks.ts';

/** The step as it stands, running again; it is made where the draft has none. */
export function openStep(draft: Draft, path: string, kind: string) {
  const known = draft.steps.get(path);
  const step = known ?? { path, kind, status: 'running', reason: null, commit: null, attempts: [] };
  step.status = 'running';
  step.reason = null;
  draft.steps.set(path, step);
  return step;
}

export function startAttempt(draft: Draft, event: EventOf<'step_started'>): void {
  const step = openStep(draft, event.step, event.step_type);
  // What its `get.workflow` has done stands in front of it.
  if (step.attempts.length === 0) {
    draft.steps.delete(step.path);
    draft.steps.set(step.path, step);
  }
  endAttempt(draft, step.attempts.at(-1), { status: 'killed' });
  const task = taskOfStep(draft, event.step);
  if (task) task.status = 'running';
  step.attempts.push({
    attempt: event.attempt,
    agent: event.agent,
    sessionMode: event.session_mode,
    sessionId: null,
    promptHash: null,
    files: [],
    copied: false,
    startedAt: event.ts,
    startedActiveMs: draft.activeMs,
    durationMs: 0,
    status: 'running',
    error: null,
    commit: null,
    costUsd: 0,
    costUnknown: false,
    tokensIn: 0,
    tokensOut: 0,
    turns: 0,
    toolCalls: null,
    firstChangeMs: null,
    log: null,
    verdict: null,
    gates: new Map(),
    conditions: new Map(),
  });
}

export function launch(draft: Draft, event: EventOf<'agent_launched'>): void {
  const attempt = lastAttempt(draft, event.step);
  if (!attempt) return;
  if (attempt.status === 'killed') {
    // The engine of the launch before was lost: the attempt is what this one makes of it.
    attempt.status = 'running';
    attempt.error = null;
  }
  attempt.promptHash = event.prompt_hash;
  attempt.sessionId = event.session_id;
}

export function beginAnew(draft: Draft, event: EventOf<'session_lost'>): void {
  const attempt = lastAttempt(draft, event.step);
  if (!attempt) return;
  attempt.promptHash = event.prompt_hash;
  attempt.sessionMode = 'new';
  attempt.sessionId = null;
}
