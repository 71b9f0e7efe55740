/** What each event of a step says, and what has to be remembered of an attempt until it has been told. */
import type { Event, EventOf } from '../events/event.ts';
import type { PlanNode } from '../plan/plan.ts';
import { formatCount } from '../report/amounts.ts';
import { firstLine } from '../report/line.ts';
import { answerWords, conditionWords, reasonMax, retryWords, startWords, type Words } from './words.ts';

/** Of one attempt of one step. */
export interface Memory {
  readonly gates: Map<string, Mark>;
  gatesTold: boolean;
  /** The count of a split's tasks; null for other steps. */
  tasks: number | null;
  /** A split's `pass` has been told. */
  accepted: boolean;
  /** Why the attempt fails has been told. */
  failureTold: boolean;
  started: EventOf<'step_started'> | null;
  /** The run was resumed since: a launch is this attempt once more, and is told again. */
  resumed: boolean;
}

type Mark = '✓' | '✗' | '–';

export function newMemory(): Memory {
  return {
    gates: new Map(),
    gatesTold: false,
    tasks: null,
    accepted: false,
    failureTold: false,
    started: null,
    resumed: false,
  };
}

/** The words of an event, none where it says nothing; `memory` is brought up to date. */
export function stepWords(event: Event, memory: Memory, node: PlanNode | null): Words[] {
  switch (event.type) {
    case 'step_started':
      memory.started = event;
      return startWords(event, node);
    case 'agent_launched':
      return relaunch(memory, node);
    case 'group_started':
      return event.round === 1 ? [] : [['retry', `attempt ${event.round}`]];
    case 'tree_reset':
      return [['reset', `worktree to ${event.to.replace(/^([0-9a-f]{10})[0-9a-f]{30,}$/, '$1')}`]];
    case 'agent_completed':
      return event.outcome === 'error' ? failure(memory, 'error', event.error ?? 'the agent failed') : [];
    case 'agent_killed':
      return failure(memory, 'killed', event.reason);
    case 'guard_triggered':
      return failure(memory, 'guard', `${event.guard}: ${event.reason}`);
    case 'state_updated':
      memory.tasks = event.tasks?.length ?? null;
      return event.error === null ? [] : failure(memory, 'error', event.error);
    case 'gate_passed':
      return gateResult(event, '✓', { memory, node });
    case 'gate_failed':
      return gateResult(event, '✗', { memory, node });
    case 'gate_skipped':
      return gateResult(event, '–', { memory, node });
    default:
      return afterGates(event, memory);
  }
}

/** A split has passed when its list of tasks is accepted, which is before the first of them runs. Told once. */
export function acceptance(memory: Memory): Words[] {
  if (memory.accepted || memory.tasks === null) return [];
  memory.accepted = true;
  return [...gateLine(memory), ['pass', formatCount(memory.tasks, 'task')]];
}

/** What had failed with the engine that was lost says nothing about the repeated attempt. */
function relaunch(memory: Memory, node: PlanNode | null): Words[] {
  if (!memory.resumed || memory.started === null) return [];
  memory.resumed = false;
  memory.failureTold = false;
  return startWords(memory.started, node);
}

function afterGates(event: Event, memory: Memory): Words[] {
  switch (event.type) {
    case 'condition_started':
      return whyFailed(event, memory);
    case 'condition_ended':
      return [['retry', conditionWords(event)]];
    case 'retry_triggered':
      return [...whyFailed(event, memory), ['retry', retryWords(event)]];
    case 'hitl_paused':
      return [...gateLine(memory), ['paused', `${event.when} — waits for a person`]];
    case 'hitl_resumed':
      return [answerWords(event)];
    case 'step_completed':
      return [...gateLine(memory), ...ending(event, memory)];
    default:
      return [];
  }
}

/** The gate line where gates say it, else the reason. */
function whyFailed({ reason }: { readonly reason: string }, memory: Memory): Words[] {
  const gates = gateLine(memory);
  return [...gates, ...(memory.gatesTold ? [] : failure(memory, 'error', reason))];
}

function ending({ status, reason }: EventOf<'step_completed'>, memory: Memory): Words[] {
  if (status !== 'pass') return [[status, firstLine(reason ?? '', reasonMax)]];
  if (memory.accepted) return [];
  return memory.tasks === null ? [['pass', '']] : acceptance(memory);
}

/** Why the attempt fails, once: what follows from it is not told again. */
function failure(memory: Memory, word: string, reason: string): Words[] {
  if (memory.failureTold) return [];
  memory.failureTold = true;
  return [[word, firstLine(reason, reasonMax)]];
}

interface Judged {
  readonly memory: Memory;
  readonly node: PlanNode | null;
}

/** The one line of a gate phase stands where the last of its gates has its result. */
function gateResult(event: { readonly gate: string }, mark: Mark, { memory, node }: Judged): Words[] {
  memory.gates.set(event.gate, mark);
  const planned = node?.gates ?? [];
  const whole = planned.length > 0 && planned.every(({ label }) => memory.gates.has(label));
  return whole ? gateLine(memory) : [];
}

/** The gate line where it has not been told yet, with the results that there are. */
function gateLine(memory: Memory): Words[] {
  if (memory.gatesTold || memory.gates.size === 0) return [];
  memory.gatesTold = true;
  return [['gate', [...memory.gates].map(([label, mark]) => `${label} ${mark}`).join('  ')]];
}
