/** How facts are worded: the word in its column and what stands behind it. */
import type { EventOf } from '../events/event.ts';
import { limits } from '../limits.ts';
import { conditionPrefix, type PlanNode } from '../plan/plan.ts';
import { formatCost, formatDuration } from '../report/amounts.ts';
import { firstLine } from '../report/line.ts';

export type Words = readonly [word: string, rest: string];

export const reasonMax = limits.traceReasonCharactersMax;

/**
 * `(claude-sonnet)  attempt 1`. A first attempt has its number only where more may follow, and a step that continues
 * another's session names that one in its place; a step without an agent says nothing before its second attempt.
 */
export function startWords(event: EventOf<'step_started'>, node: PlanNode | null): Words[] {
  if (event.agent === null && event.attempt === 1) return [];
  const agent = event.agent === null ? '' : `(${event.agent})`;
  return [['running', [agent, startNote(event, node)].filter((part) => part !== '').join('  ')]];
}

function startNote(event: EventOf<'step_started'>, node: PlanNode | null): string {
  if (event.attempt > 1) return `attempt ${event.attempt}`;
  if (event.session_mode === 'from') return `session from: ${sessionStep(event, node)}`;
  return (node?.step.retry.length ?? 0) > 0 ? 'attempt 1' : '';
}

/** As the workflow names it; the ledger holds the whole path. */
function sessionStep(event: EventOf<'step_started'>, node: PlanNode | null): string {
  const session = node?.step.session;
  if (session?.mode === 'from') return session.step;
  return event.session_from?.split('/').at(-1) ?? '';
}

/** `is-flaky applies`: what a validator in `retry:` has decided. */
export function conditionWords({ condition, applies }: EventOf<'condition_ended'>): string {
  const name = condition.slice(conditionPrefix.length);
  return `${name} ${applies ? 'applies' : 'does not apply'}`;
}

/** `attempt 4 — prompt override, agent claude-opus, session new, worktree reset`. */
export function retryWords({ attempt, overrides }: EventOf<'retry_triggered'>): string {
  const list = [
    overrides.prompt === undefined ? '' : 'prompt override',
    overrides.agent === undefined ? '' : `agent ${overrides.agent}`,
    overrides.session === undefined ? '' : `session ${overrides.session}`,
    overrides.worktree === undefined ? '' : `worktree ${overrides.worktree}`,
  ].filter((override) => override !== '');
  return list.length === 0 ? `attempt ${attempt}` : `attempt ${attempt} — ${list.join(', ')}`;
}

/** `budget   exceeded: $1.02 of $1.00`. */
export function limitWords({ kind, max, current, call }: EventOf<'budget_exceeded'>): Words {
  if (call !== undefined)
    return [
      kind,
      `cannot pay the next call (up to ${formatCost(call)}): ${formatCost(current)} of ${formatCost(max)} are spent`,
    ];
  if (kind === 'budget') return [kind, `exceeded: ${formatCost(current)} of ${formatCost(max)}`];
  if (kind === 'time') return [kind, `exceeded: ${formatDuration(current)} of ${formatDuration(max)}`];
  return [kind, `exceeded: ${current} of ${max}`];
}

/** `approved by octocat`. */
export function answerWords({ approved, by, reason }: EventOf<'hitl_resumed'>): Words {
  const why = reason ? firstLine(reason, reasonMax) : '';
  const parts = [by === null ? '' : `by ${by}`, why === '' ? '' : `— ${why}`];
  return [approved ? 'approved' : 'rejected', parts.filter((part) => part !== '').join(' ')];
}

/** A line about the whole run. */
export function runLine(
  event: EventOf<
    | 'run_completed'
    | 'run_resumed'
    | 'run_paused'
    | 'run_interrupted'
    | 'run_handed_over'
    | 'run_fanned_out'
    | 'branch_left'
  >,
): string {
  switch (event.type) {
    case 'run_completed': {
      const { status, duration_ms, cost, cost_unknown } = event;
      return `Run completed: ${status}  duration: ${formatDuration(duration_ms)}  cost: ${formatCost(cost, cost_unknown)}`;
    }
    case 'run_fanned_out':
      return `Run fanned out: ${event.branches.length} branches go on in jobs of their own`;
    case 'branch_left': {
      const why = event.reason === null ? '' : ` — ${firstLine(event.reason, reasonMax)}`;
      return `Branch ${event.branch}: ${event.status}${why}`;
    }
    case 'run_interrupted':
      return `Run interrupted: ${event.signal}`;
    case 'run_handed_over':
      return 'Run handed over: the job came near its limit of time, a fresh one goes on';
    default:
      return `Run ${event.type === 'run_paused' ? 'paused' : 'resumed'}: ${firstLine(event.reason, reasonMax)}`;
  }
}
