/** What each event adds to the draft of a summary. Unknown events add nothing. */
import { noUsage } from '../engine/state.ts';
import type { Event, EventOf } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { endAgentWork, launchAgent } from './agents.ts';
import { formatCost, formatDuration } from './amounts.ts';
import { beginAnew, launch, openStep, startAttempt } from './attempts.ts';
import { beginReplay, book, type Draft, endAttempt, lastAttempt } from './draft.ts';
import { askCondition, endCondition, readGate } from './judges.ts';
import { branchesAround } from './node.ts';
import { endTasks, failTask, reopen, startTask } from './tasks.ts';

export interface Reading {
  readonly plan: Plan | null;
  readonly draft: Draft;
  /** The step that this event's step judges; null for a step of the run's own. */
  readonly judged: string | null;
}

export function readEvent(reading: Reading, event: Event): void {
  switch (event.type) {
    case 'run_resumed':
      reading.draft.reason = null;
      reopen(reading.draft);
      reading.draft.hasFailed = false;
      return;
    case 'run_replayed':
      beginReplay(reading.draft, { of: event.of, fromStep: event.from_step });
      return;
    case 'run_completed':
    case 'run_paused':
    case 'run_interrupted':
      readEnding(reading.draft, event);
      return;
    case 'run_handed_over':
      reading.draft.notices.push([null, 'the job came near its limit of time: a fresh one goes on']);
      return;
    case 'budget_exceeded':
      reading.draft.notices.push([event.step ?? null, limitSentence(event)]);
      return;
    case 'notice':
      reading.draft.notices.push([event.step ?? null, event.message]);
      return;
    case 'agent_launched':
      reading.draft.launches.set(event.step, { agent: event.agent, usage: noUsage });
      launchAgent(reading.draft.agents, event, reading.judged);
      if (reading.judged === null) launch(reading.draft, event);
      return;
    case 'agent_progress':
    case 'agent_completed':
    case 'agent_killed':
      book(reading.draft, { path: event.step, judged: reading.judged }, event);
      if (event.type === 'agent_completed') endAgentWork(reading.draft.agents, event);
  }
  if (reading.judged === null && 'step' in event) readStep(reading, event);
}

function readEnding(draft: Draft, event: EventOf<'run_completed' | 'run_paused' | 'run_interrupted'>): void {
  if (event.type === 'run_interrupted') draft.reason = `interrupted by ${event.signal}`;
  else draft.reason = event.reason;
  if (event.type === 'run_completed') {
    draft.commit = event.commit ?? draft.commit;
    draft.hasFailed = event.status === 'fail';
  }
  if (event.type !== 'run_paused') return;
  const step = draft.steps.get(event.step);
  if (step?.status === 'running') step.status = 'paused';
}

function limitSentence({ kind, max, current, call }: EventOf<'budget_exceeded'>): string {
  if (call !== undefined)
    return `the budget cannot pay the next call (up to ${formatCost(call)}): ${formatCost(current)} of ${formatCost(max)} are spent`;
  if (kind === 'budget') return `budget exceeded: ${formatCost(current)} of ${formatCost(max)}`;
  if (kind === 'time') return `time exceeded: ${formatDuration(current)} of ${formatDuration(max)}`;
  return `tokens exceeded: ${current} of ${max}`;
}

function readStep({ plan, draft }: Reading, event: Event): void {
  switch (event.type) {
    case 'group_started':
      openStep(draft, event.step, event.step_type);
      return;
    case 'step_started':
      startAttempt(draft, event);
      return;
    case 'agent_completed':
      endAgent({ plan, draft, judged: null }, event);
      return;
    case 'agent_killed':
      endAttempt(draft, lastAttempt(draft, event.step), { status: 'killed', error: event.reason });
      return;
    case 'guard_triggered':
      endAttempt(draft, lastAttempt(draft, event.step), {
        status: 'killed',
        error: `${event.guard}: ${event.reason}`,
      });
      return;
    case 'session_lost':
      beginAnew(draft, event);
      return;
    case 'state_updated':
      readResult(draft, event);
      return;
    case 'gate_started':
    case 'gate_passed':
    case 'gate_failed':
    case 'gate_skipped':
      readGate(draft, event);
      return;
    case 'condition_started':
      endAttempt(draft, lastAttempt(draft, event.step), { status: 'fail', error: event.reason });
      askCondition(draft, event);
      return;
    case 'condition_ended':
      endCondition(draft, event);
      return;
    case 'retry_triggered':
      endAttempt(draft, lastAttempt(draft, event.step), { status: 'fail', error: event.reason });
      return;
    case 'hitl_paused':
    case 'hitl_resumed': {
      const step = draft.steps.get(event.step);
      if (step) step.status = event.type === 'hitl_paused' ? 'paused' : 'running';
      return;
    }
    case 'task_started':
      // The split's own work is done when its first task begins.
      endAttempt(draft, lastAttempt(draft, event.step), { status: 'pass' });
      startTask(draft, event);
      return;
    case 'task_merged':
      if (!isAside(plan, event.step)) draft.commit = event.commit;
      return;
    case 'task_conflict':
      failBranch(draft, event);
      return;
    case 'step_completed':
      completeStep({ plan, draft, judged: null }, event);
      return;
  }
}

/** What was made is whole, and does not fit what came before: of a group's child the step itself has failed. */
function failBranch(draft: Draft, { step, task, reason }: EventOf<'task_conflict'>): void {
  failTask(draft, `${step}/${task}`);
  const child = draft.steps.get(`${step}/${task}`);
  if (!child) return;
  child.status = 'fail';
  child.reason = reason;
}

function readResult(draft: Draft, { step, tasks, verdict, error }: EventOf<'state_updated'>): void {
  const attempt = lastAttempt(draft, step);
  const names = tasks?.map((task) => task.name);
  if (names) draft.proposed.set(step, names);
  if (attempt) attempt.verdict = verdict;
  if (error !== null) endAttempt(draft, attempt, { status: 'fail', error });
}

function endAgent({ plan, draft }: Reading, event: EventOf<'agent_completed'>): void {
  const attempt = lastAttempt(draft, event.step);
  if (attempt) {
    attempt.commit = event.commit;
    attempt.sessionId = event.session_id ?? attempt.sessionId;
    attempt.files = event.files;
    attempt.toolCalls = event.tool_calls ?? null;
    attempt.firstChangeMs = event.first_change_ms ?? null;
    attempt.log = event.log ?? null;
  }
  if (!isAside(plan, event.step)) draft.commit = event.commit;
  if (event.outcome === 'ok') return;
  endAttempt(draft, attempt, { status: event.outcome === 'killed' ? 'killed' : 'fail', error: event.error });
}

function isAside(plan: Plan | null, path: string): boolean {
  return plan !== null && branchesAround(plan, path).length > 0;
}

function completeStep({ plan, draft }: Reading, event: EventOf<'step_completed'>): void {
  const step = openStep(draft, event.step, 'group');
  step.status = event.status;
  step.reason = event.reason;
  step.commit = event.commit;
  const status = event.status === 'pass' ? 'pass' : event.status === 'fail' ? 'fail' : 'killed';
  endAttempt(draft, step.attempts.at(-1), { status, error: event.reason });
  if (!isAside(plan, event.step)) draft.commit = event.commit;
  endTasks({ plan, draft }, event);
}
