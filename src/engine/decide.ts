/** decide(plan, state) → effects: what should happen next. Asking again while it happens gives the same effects, same ids (R5). */
import type { Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { decideBranch, leaveOpen } from './branch-job.ts';
import { excess, limitSentence } from './budget.ts';
import { closing } from './closing.ts';
import type { Effect } from './effect.ts';
import { type Course, fanOut } from './fan-out.ts';
import { admit } from './places.ts';
import { decideSequence } from './sequence.ts';
import type { RunState } from './state.ts';

export function decide(plan: Plan, state: RunState, course: Course = whole): readonly Effect[] {
  if (state.status !== 'running') return [];
  const branch = course.kind === 'branch' ? course.path : null;
  if (state.exceeded) {
    return branch === null ? finishExceeded(plan, state) : [leaveOpen(plan, state, branch)];
  }
  const over = excess(plan, state);
  if (over) return [record('run/limit', [{ type: 'budget_exceeded', scope: 'run', ...over }])];
  const outcome = decideSequence(
    {
      plan,
      state,
      prefix: '',
      scope: '',
      head: plan.base,
      task: null,
      judging: null,
      readOnly: false,
      used: {},
      defaultAgent: null,
    },
    plan.nodes,
    state.steps,
  );
  const effects = outcome.status === 'pending' ? outcome.effects : [];
  if (branch !== null) return decideBranch(plan, state, { path: branch, effects });
  if (outcome.status === 'pending') {
    const away = course.kind === 'fan-out' ? fanOut(plan, state, effects) : null;
    return away ? [away] : admit(plan, state, effects);
  }
  const { status, head, reason } = outcome;
  return [record('run/end', [completed(plan, state, { status, commit: head, reason })])];
}

const whole: Course = { kind: 'whole' };

/** What still runs is no longer wanted, so the runtime ends it; when it has ended, everything open is closed. */
function finishExceeded(plan: Plan, state: RunState): readonly Effect[] {
  const { steps, at, exceeded } = state;
  const reason = limitSentence("the run's", exceeded ?? { kind: 'budget', max: 0, current: 0 });
  const end = closing({ nodes: plan.nodes, steps, reason, at, prefix: '' });
  if (end.busy) return [];
  const commit = end.commit ?? plan.base;
  return [record('run/end', [...end.facts, completed(plan, state, { status: 'fail', commit, reason })])];
}

interface Ending {
  readonly status: 'pass' | 'fail';
  readonly commit: string;
  readonly reason: string | null;
}

function completed(plan: Plan, state: RunState, { status, commit, reason }: Ending): Fact {
  return {
    type: 'run_completed',
    run: plan.run,
    status,
    duration_ms: state.activeMs,
    cost: state.spent.cost,
    ...(state.spent.cost_unknown ? { cost_unknown: true } : {}),
    tokens_in: state.spent.tokens_in,
    tokens_out: state.spent.tokens_out,
    commit,
    reason,
  };
}

function record(id: string, facts: readonly Fact[]): Effect {
  return { kind: 'record', id, facts };
}
