/** What may still be spent: the question behind every call of a model. */
import type { Plan } from '../plan/plan.ts';
import { budgetOf } from './budget.ts';
import { limitedCalls } from './limited-calls.ts';
import { locate } from './place.ts';
import type { RunState } from './state.ts';

/** One of the budgets that a call is paid from: all of them must suffice. In USD. */
export interface PurseState {
  readonly scope: 'attempt' | 'call' | 'run';
  /** Of the attempt's step, or of the call (or gate) whose called workflow has a budget; empty for the run. */
  readonly path: string;
  readonly maxUsd: number;
  /** What is booked on it. */
  readonly spentUsd: number;
  readonly leftUsd: number;
}

/** The budgets around the attempt at `path`, the narrowest first; empty where nothing is limited. */
export function pursesOf(plan: Plan, state: RunState, path: string): readonly PurseState[] {
  const place = locate(plan, state, path);
  const used = place?.step?.attempt?.launch?.usage.cost ?? 0;
  const calls = limitedCalls(plan, state).filter((call) => path.startsWith(`${call.path}/`));
  return [
    ...purse('attempt', path, { maxUsd: place?.node.step.guard.maxBudgetUsd, spentUsd: used }),
    ...calls
      .toReversed()
      .flatMap((call) =>
        purse('call', call.path, { maxUsd: call.limits.maxBudgetUsd, spentUsd: call.spent.cost }),
      ),
    ...purse('run', '', { maxUsd: budgetOf(plan, state), spentUsd: state.spent.cost }),
  ];
}

interface Booked {
  /** Null or undefined: not limited. */
  readonly maxUsd: number | null | undefined;
  readonly spentUsd: number;
}

function purse(
  scope: PurseState['scope'],
  path: string,
  { maxUsd = null, spentUsd }: Booked,
): readonly PurseState[] {
  return maxUsd === null ? [] : [{ scope, path, maxUsd, spentUsd, leftUsd: maxUsd - spentUsd }];
}
