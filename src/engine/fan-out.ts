/**
 * A run on more than one machine: where branches side by side are about to begin, each goes on in a job of its own
 * (branch-job.ts). What they did comes back as events (come-back.ts).
 */
import type { Fact } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';
import { budgetOf, tokensOf } from './budget.ts';
import type { Effect, RecordEffect } from './effect.ts';
import { limitedCalls } from './limited-calls.ts';
import { join, locate, type Parted, parted } from './place.ts';
import type { RunState } from './state.ts';

/** What of a run is done here: all of it, all up to the first branches that can go elsewhere, or one such branch. */
export type Course =
  | { readonly kind: 'whole' }
  | { readonly kind: 'fan-out' }
  | { readonly kind: 'branch'; readonly path: string };

/** The fact that sends the branches away, where nothing else is wanted than that all branches of one fork begin; else null. */
export function fanOut(plan: Plan, state: RunState, effects: readonly Effect[]): RecordEffect | null {
  const begun = effects.map(branchBegunBy);
  const fork = begun[0]?.prefix;
  if (fork === undefined || begun.length < 2 || begun.some((one) => one?.prefix !== fork)) return null;
  const place = locate(plan, state, fork);
  if (!place?.node.step.parallel) return null;
  const { step, children } = place.node;
  const all = step.kind === 'split' ? place.step?.attempt?.result?.tasks?.length : children.length;
  if (begun.length !== all) return null;
  const names = begun.flatMap((one) => one?.name ?? []).slice(0, limits.matrixJobsMax);
  const branches = names.map((name) => join(fork, name));
  const share = shareOf(plan, state, { fork, count: branches.length });
  const facts: readonly Fact[] = [
    { type: 'notice', step: fork, message: toldOf(branches.length, share.share_budget) },
    { type: 'run_fanned_out', run: plan.run, branches, ...share },
  ];
  return { kind: 'record', id: `${fork}/fan-out`, facts };
}

function toldOf(count: number, usd: number | null): string {
  const share = usd === null ? '' : `; each may spend $${usd.toFixed(2)} of what is left`;
  return `${count} branches go on in jobs of their own${share}`;
}

/** The branch that an effect would begin; null for everything else, and for judges, which stay with what they judge. */
function branchBegunBy(effect: Effect): Parted | null {
  if (effect.kind !== 'record' || !effect.begins?.own) return null;
  const [fact] = effect.facts;
  if (fact?.type === 'task_started') return { prefix: fact.step, name: fact.task };
  return fact?.type === 'step_started' || fact?.type === 'group_started' ? parted(fact.step) : null;
}

/** Equal parts of what the run and the called workflows around have left: one purse cannot be shared over machines. */
function shareOf(plan: Plan, state: RunState, { fork, count }: { fork: string; count: number }) {
  const calls = limitedCalls(plan, state).filter(({ path }) => fork.startsWith(`${path}/`));
  const run = { limits: { ...plan.limits, maxBudgetUsd: budgetOf(plan, state) }, spent: state.spent };
  const purses = [run, ...calls];
  const leftUsd = purses.map(({ limits, spent }) => left(limits.maxBudgetUsd, spent.cost));
  const leftTokens = purses.map(({ limits, spent }) => left(limits.maxTokens, tokensOf(spent)));
  return {
    share_budget: part(Math.min(...leftUsd) / count, 1e6),
    share_tokens: part(Math.min(...leftTokens) / count, 1),
  };
}

function left(most: number | null, used: number): number {
  return most === null ? Infinity : Math.max(0, most - used);
}

/** In whole units, `perOne` of which make one; null: not limited. All of them together are never more than there is. */
function part(share: number, perOne: number): number | null {
  // What is a whole unit may be computed as a little less.
  return share === Infinity ? null : Math.floor(share * perOne + 1e-6) / perOne;
}
