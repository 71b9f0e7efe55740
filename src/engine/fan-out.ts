/**
 * A run on more than one machine: where branches side by side are about to begin, each goes on in a job of its own, with
 * the same decisions as here, of which it takes those below its path. What they did comes back as events (come-back.ts).
 */
import type { Event, EventOf, Fact } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';
import { budgetOf, limitSentence } from './budget.ts';
import type { Effect, RecordEffect } from './effect.ts';
import { limitedCalls } from './limited-calls.ts';
import { own } from './own.ts';
import { join, locate } from './place.ts';
import { admit } from './places.ts';
import { isOfBranch, isWithin } from './replay-cuts.ts';
import { micro, type RunState } from './state.ts';

/** What of a run is done here: all of it, all up to the first branches that can go elsewhere, or one such branch. */
export type Course =
  | { readonly kind: 'whole' }
  | { readonly kind: 'fan-out' }
  | { readonly kind: 'branch'; readonly path: string };

/** The fact that sends the branches away, where nothing else is wanted than that all branches of one fork begin; else null. */
export function fanOut(plan: Plan, state: RunState, effects: readonly Effect[]): RecordEffect | null {
  const begun = effects.map(branchBegunBy);
  const fork = begun[0]?.fork;
  if (fork === undefined || begun.length < 2 || begun.some((one) => one?.fork !== fork)) return null;
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

interface Begun {
  readonly fork: string;
  readonly name: string;
}

/** The branch that an effect would begin; null for everything else, and for judges, which stay with what they judge. */
function branchBegunBy(effect: Effect): Begun | null {
  if (effect.kind !== 'record' || !effect.begins?.own) return null;
  const [fact] = effect.facts;
  if (fact?.type === 'task_started') return { fork: fact.step, name: fact.task };
  return fact?.type === 'step_started' || fact?.type === 'group_started' ? parted(fact.step) : null;
}

function parted(path: string): Begun {
  const end = path.lastIndexOf('/');
  return { fork: path.slice(0, Math.max(0, end)), name: path.slice(end + 1) };
}

/** Equal parts of what the run and the called workflows around have left: one purse cannot be shared over machines. */
function shareOf(plan: Plan, state: RunState, { fork, count }: { fork: string; count: number }) {
  const calls = limitedCalls(plan, state).filter(({ path }) => fork.startsWith(`${path}/`));
  const usd = [budgetOf(plan, state), ...calls.map((call) => call.limits.maxBudgetUsd)];
  const tokens = [plan.limits.maxTokens, ...calls.map((call) => call.limits.maxTokens)];
  const spent = [state.spent, ...calls.map((call) => call.spent)];
  const left = (most: number | null, used: number) => (most === null ? Infinity : Math.max(0, most - used));
  const part = (all: readonly number[], unit: number) => {
    const least = Math.min(...all);
    return least === Infinity ? null : Math.floor((least / count) * unit + 1e-6) / unit;
  };
  return {
    share_budget: part(
      usd.map((most, index) => left(most, spent[index]?.cost ?? 0)),
      1e6,
    ),
    share_tokens: part(
      tokens.map((most, index) => left(most, usedTokens(spent[index]))),
      1,
    ),
  };
}

function usedTokens(spent: RunState['spent'] | undefined): number {
  return (spent?.tokens_in ?? 0) + (spent?.tokens_out ?? 0);
}

/** The run as a branch's job does it: within its share, and one attempt at a time, for the other places are elsewhere. */
export function branchPlan(plan: Plan, away: RunState, past: readonly Event[]): Plan {
  const share = shareIn(past)?.share_tokens ?? null;
  const maxTokens = share === null ? plan.limits.maxTokens : usedTokens(away.spent) + share;
  return {
    ...plan,
    limits: { ...plan.limits, maxTokens },
    settings: { ...plan.settings, max_parallel: 1 },
  };
}

/** The first fact of a branch's job. */
export function openingOfBranch({ run }: Plan, away: RunState, past: readonly Event[]): Fact {
  const share = shareIn(past)?.share_budget ?? null;
  const limit = share === null ? {} : { max_budget: micro(away.spent.cost + share) };
  return { type: 'run_resumed', run, reason: 'a branch goes on in a job of its own', ...limit };
}

function shareIn(past: readonly Event[]): EventOf<'run_fanned_out'> | undefined {
  return past.findLast((event) => event.type === 'run_fanned_out');
}

/** Of what the run wants, what is the branch's; that it leaves, once it has ended. */
export function decideBranch(
  plan: Plan,
  state: RunState,
  { path, effects }: { readonly path: string; readonly effects: readonly Effect[] },
): readonly Effect[] {
  const ended = endOfBranch(plan, state, path);
  if (ended) return [leave(plan, path, ended)];
  return admit(
    plan,
    state,
    effects.filter((effect) => isOfBranchEffect(effect, path)),
  );
}

/** A branch whose share is used up stays as it stands: where it comes back there may be what others have not spent. */
export function leaveOpen(plan: Plan, state: RunState, path: string): Effect {
  const { exceeded } = state;
  const reason = exceeded === null ? '' : limitSentence("the branch's", exceeded);
  return leave(plan, path, { status: 'open', reason });
}

interface BranchEnd {
  readonly status: 'pass' | 'fail' | 'open';
  readonly reason: string | null;
}

function leave(plan: Plan, branch: string, end: BranchEnd): Effect {
  const fact: Fact = { type: 'branch_left', run: plan.run, branch, ...end };
  return { kind: 'record', id: `${branch}/left`, facts: [fact] };
}

/** Null while it has not ended. */
function endOfBranch(plan: Plan, state: RunState, path: string): BranchEnd | null {
  const { fork, name } = parted(path);
  const place = locate(plan, state, fork);
  if (!place) return null;
  const { children, step } = place.node;
  const isSplit = step.kind === 'split';
  const nodes = isSplit ? children : children.filter((child) => child.step.name === name);
  const steps = isSplit ? own(place.step?.tasks, name)?.steps : place.step?.steps;
  for (const node of nodes) {
    const state = own(steps, node.step.name);
    if (!state || state.status === 'running') return null;
    if (state.status === 'fail' || state.status === 'cancelled')
      return { status: 'fail', reason: `${node.step.name}: ${state.reason ?? 'failed'}` };
  }
  return { status: 'pass', reason: null };
}

function isOfBranchEffect(effect: Effect, path: string): boolean {
  if (effect.kind === 'record') return effect.facts.slice(0, 1).every((fact) => isOfBranchFact(fact, path));
  return effect.path === path || effect.path.startsWith(`${path}/`);
}

/** True for what happens in the branch, and for what its fork says of its beginning. */
export function isOfBranchFact(fact: Fact, path: string): boolean {
  const { fork, name } = parted(path);
  return isWithin(fact, path) || (fact.type === 'task_started' && isOfBranch(fact, fork, name));
}
