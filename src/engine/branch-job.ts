/** One branch of a run in a job of its own: the decisions of the whole run, of which it takes those below its path. */
import type { Event, EventOf, Fact } from '../events/event.ts';
import { own } from '../own.ts';
import type { Plan } from '../plan/plan.ts';
import { limitSentence, tokensOf } from './budget.ts';
import type { Effect } from './effect.ts';
import { locate, parted } from './place.ts';
import { admit } from './places.ts';
import { isOfBranch, isWithin } from './replay-cuts.ts';
import { micro, type RunState } from './state.ts';

/**
 * The run as a branch's job does it: within its share, and one attempt at a time, for the other places are elsewhere.
 * `away` is the state in which it left the run's job, `past` the events since the run's beginning.
 */
export function branchPlan(plan: Plan, away: RunState, past: readonly Event[]): Plan {
  const share = shareIn(past)?.share_tokens ?? null;
  const maxTokens = share === null ? plan.limits.maxTokens : tokensOf(away.spent) + share;
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
  const { prefix: fork, name } = parted(path);
  const place = locate(plan, state, fork);
  if (!place) return null;
  const { children, step } = place.node;
  // A task's branch is the whole body of its split, a child's of a group the child alone.
  const isTask = step.kind === 'split';
  const nodes = isTask ? children : children.filter((child) => child.step.name === name);
  const steps = isTask ? own(place.step?.tasks, name)?.steps : place.step?.steps;
  for (const node of nodes) {
    const done = own(steps, node.step.name);
    if (!done || done.status === 'running') return null;
    if (done.status === 'fail' || done.status === 'cancelled')
      return { status: 'fail', reason: `${node.step.name}: ${done.reason ?? 'failed'}` };
  }
  return { status: 'pass', reason: null };
}

function isOfBranchEffect(effect: Effect, path: string): boolean {
  if (effect.kind === 'record') return effect.facts.slice(0, 1).every((fact) => isOfBranchFact(fact, path));
  return effect.path === path || effect.path.startsWith(`${path}/`);
}

/** True for what happens in the branch, and for what its fork says of its beginning. */
export function isOfBranchFact(fact: Fact, path: string): boolean {
  const { prefix: fork, name } = parted(path);
  return isWithin(fact, path) || (fact.type === 'task_started' && isOfBranch(fact, fork, name));
}
