/** evolve(state, event) → state: what an event means. Total: an unknown or impossible event changes nothing. */
import type { Event, EventOf } from '../events/event.ts';
import { own } from '../own.ts';
import { countAnew } from './allowance.ts';
import { retried } from './breaker.ts';
import type { Excess } from './budget.ts';
import { evolveAttempt } from './evolve-attempt.ts';
import { book, type Spending } from './evolve-spending.ts';
import { forgetSessions } from './forget.ts';
import { paused } from './pauses.ts';
import { join } from './place.ts';
import { reopenFailed } from './reopen.ts';
import { judgesOf, startRound } from './rounds.ts';
import { type AttemptState, initialState, noUsage, type RunState, type StepState } from './state.ts';
import { updateStep } from './tree.ts';

/** The state behind all the events; the empty list gives the initial state. */
export function fold(events: readonly Event[]): RunState {
  return events.reduce(evolve, initialState);
}

export function evolve(before: RunState, event: Event): RunState {
  const state = tick(before, event);
  switch (event.type) {
    case 'run_started':
      return { ...state, status: 'running', startedAt: event.ts };
    case 'run_resumed':
      return resume(state, event);
    case 'budget_set':
      return { ...state, maxBudgetUsd: event.max_budget };
    case 'run_replayed':
      return begunAnew(state);
    case 'run_completed':
      return { ...state, status: event.status };
    case 'run_paused':
      return { ...state, status: 'paused' };
    case 'run_interrupted':
      return state.status === 'running' ? { ...state, status: 'cancelled' } : state;
    case 'run_fanned_out':
    case 'branch_left':
      return { ...state, status: 'away' };
    case 'budget_exceeded':
      return exceed(state, event);
    case 'notice':
    case 'run_handed_over':
      return state;
    case 'agent_progress':
    case 'agent_completed':
    case 'agent_killed':
      return book(state, event);
    default:
      // A later version's event need not be about a step.
      if (typeof event.step !== 'string') return state;
      return settle(
        updateStep(state, event.step, (step) => evolveStep(step, event, state.activeMs)),
        event,
      );
  }
}

function exceededBy({ kind, max, current, call }: EventOf<'budget_exceeded'>): Excess {
  return { kind, max, current, ...(call === undefined ? {} : { call }) };
}

function tick(state: RunState, event: Event): RunState {
  const idle = state.at === null || event.type === 'run_resumed' || event.type === 'run_replayed';
  const passedMs = idle || state.at === null ? 0 : Date.parse(event.ts) - Date.parse(state.at);
  // Clocks go backwards, and a time stamp that is none gives no number.
  const activeMs = passedMs > 0 ? state.activeMs + passedMs : state.activeMs;
  return { ...state, seq: event.seq, at: event.ts, activeMs };
}

function resume(state: RunState, event: EventOf<'run_resumed'>): RunState {
  return {
    ...state,
    status: 'running',
    exceeded: null,
    maxBudgetUsd: event.max_budget === undefined ? state.maxBudgetUsd : event.max_budget,
    // A run that was lost or stopped goes on as it stands; one that had failed is given another chance.
    steps: state.status === 'fail' ? reopenFailed(state.steps, state.activeMs) : state.steps,
  };
}

/** A replay has the limits of a new run; its steps keep what they have cost. */
function begunAnew(state: RunState): RunState {
  const { spent, activeMs, exceeded, overdrawn, maxBudgetUsd } = initialState;
  const steps = countAnew(forgetSessions(state.steps), activeMs);
  return { ...state, status: 'running', spent, activeMs, exceeded, overdrawn, maxBudgetUsd, steps };
}

function exceed(state: RunState, event: EventOf<'budget_exceeded'>): RunState {
  const excess = exceededBy(event);
  if (event.step === undefined) return { ...state, exceeded: excess };
  return { ...state, overdrawn: { ...state.overdrawn, [event.step]: excess } };
}

/** A call or gate that begins or has ended owes nothing. */
function settle(state: RunState, event: StepEvent): RunState {
  const path = beginsOrEnds(event);
  if (path === null) return state;
  const left = Object.entries(state.overdrawn).filter(
    ([call]) => call !== path && !call.startsWith(`${path}/`),
  );
  return left.length === Object.keys(state.overdrawn).length
    ? state
    : { ...state, overdrawn: Object.fromEntries(left) };
}

function beginsOrEnds(event: StepEvent): string | null {
  if (event.type === 'step_completed' || event.type === 'group_started') return event.step;
  if ('condition' in event) return join(event.step, event.condition);
  return 'gate' in event ? join(event.step, event.gate) : null;
}

type StepEvent = Exclude<Extract<Event, { readonly step: string }>, Spending | EventOf<'run_paused'>>;

function evolveStep(step: StepState | undefined, event: StepEvent, activeMs: number): StepState | undefined {
  if (event.type === 'step_started') return startAttempt(step ?? freshStep(event.base, activeMs), event);
  if (event.type === 'group_started') return begin(step ?? freshStep(event.base, activeMs), event);
  if (!step) return step;
  switch (event.type) {
    case 'task_started': {
      const task = step.attempt?.result?.tasks?.find((one) => one.name === event.task);
      if (!task) return step;
      const started = { task, index: event.index, base: event.base, steps: {} };
      return { ...step, tasks: { ...step.tasks, [event.task]: started } };
    }
    case 'task_merged':
    case 'task_conflict':
      return settleBranch(step, event);
    case 'retry_triggered':
      return { ...withFailure(step, event.reason), ...retried(step, event), retrying: true };
    case 'hitl_paused':
    case 'hitl_resumed':
      return { ...step, ...paused(step, event) };
    case 'step_completed':
      return {
        ...withFailure(step, event.reason),
        status: event.status,
        reason: event.reason,
        commit: event.commit,
      };
    default:
      return step.attempt ? { ...step, attempt: evolveAttempt(step.attempt, event, activeMs) } : step;
  }
}

function settleBranch(step: StepState, event: EventOf<'task_merged' | 'task_conflict'>): StepState {
  const start = own(step.tasks, event.task)?.base ?? own(step.steps, event.task)?.begun;
  if (start === undefined) return step;
  const onto = step.line ?? start;
  const [commit, reason] = event.type === 'task_merged' ? [event.commit, null] : [null, event.reason];
  const merges = { ...step.merges, [event.task]: { onto, commit, reason, again: null } };
  return { ...step, line: commit ?? step.line, merges };
}

function withFailure(step: StepState, failure: string | null): StepState {
  return step.attempt ? { ...step, attempt: { ...step.attempt, failure } } : step;
}

/** A group or call starts a round; any other step is only there, for its `get.workflow` to run below it. */
function begin(step: StepState, event: EventOf<'group_started'>): StepState {
  const { step_type: kind } = event;
  return kind === 'group' || kind === 'call' ? startRound(step, event) : step;
}

function startAttempt(step: StepState, event: EventOf<'step_started'>): StepState {
  const attempt: AttemptState = {
    number: event.attempt,
    agent: event.agent,
    sessionMode: event.session_mode,
    base: event.base,
    launch: null,
    end: null,
    result: null,
    guard: null,
    failure: null,
    gates: {},
    conditions: {},
  };
  // A validator's step counts with the step that it judges. What `get.workflow` has made is where the step starts.
  const first = step.attempt === null ? { start: event.base, offset: event.attempt - 1 } : {};
  return {
    ...step,
    ...first,
    status: 'running',
    reason: null,
    attempt,
    previous: step.attempt,
    used: { ...step.used, ...judgesOf(step.attempt, event.step) },
    reopened: false,
    retrying: false,
    pause: null,
  };
}

function freshStep(start: string, activeMs: number): StepState {
  return {
    status: 'running',
    reason: null,
    begun: start,
    start,
    commit: null,
    attempt: null,
    previous: null,
    overrides: {},
    same: null,
    reached: 0,
    offset: 0,
    reopened: false,
    retrying: false,
    tasks: {},
    steps: {},
    round: 1,
    used: {},
    base: start,
    line: null,
    merges: {},
    usage: noUsage,
    durationMs: 0,
    spent: noUsage,
    spentMs: 0,
    since: { spent: noUsage, activeMs },
    pause: null,
    allowed: [],
  };
}
