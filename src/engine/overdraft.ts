/**
 * The limits that a called workflow sets itself (`max_budget`, `max_tokens`, `max_timeout`): they hold for each call by
 * itself, validators included, beside the run's. Exceeding one ends the agents inside, and the call has failed with a
 * sentence; its caller goes on from there. A call that is taken up again after its failure has its whole allowance again.
 */
import type { Fact, Usage } from '../events/event.ts';
import { own } from '../own.ts';
import type { PlanNode, RunLimits } from '../plan/plan.ts';
import { excessOf, limitSentence } from './budget.ts';
import { type Closing, closing } from './closing.ts';
import { type Context, note, type Outcome, pending } from './context.ts';
import type { RunState, Steps } from './state.ts';

interface CalledWork {
  /** Of the call, or of the gate whose validator it is. */
  readonly path: string;
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly limits: RunLimits | null;
  /** Since the call began. */
  readonly spent: Usage;
  readonly activeMs: number;
}

/** What ends everything inside, once nothing runs there any more; the end of the call itself is the caller's to add. */
export interface Overdraft extends Pick<Closing, 'facts' | 'commit'> {
  readonly status: 'over';
  readonly reason: string;
}

/** Null while the limits are kept; pending while the excess is told and what runs is being ended. */
export function overdraft(context: Context, work: CalledWork): Outcome | Overdraft | null {
  const { path, nodes, steps, limits, spent, activeMs } = work;
  const known = own(context.state.overdrawn, path);
  if (!known) {
    const over = limits && excessOf(limits, spent, activeMs);
    const fact: Fact | null = over && { type: 'budget_exceeded', scope: 'call', step: path, ...over };
    return fact && note(`${path}/limit`, fact);
  }
  const reason = limitSentence("the called workflow's", known);
  // What still runs is no longer wanted, so the runtime ends it.
  const end = closing({ nodes, steps, reason, at: context.state.at, prefix: path });
  return end.busy ? pending() : { status: 'over', facts: end.facts, commit: end.commit, reason };
}

/** The call around a path that has exceeded a limit of its own, or null. */
export function overdrawnAround(state: RunState, path: string): string | null {
  return Object.keys(state.overdrawn).find((call) => path.startsWith(`${call}/`)) ?? null;
}
