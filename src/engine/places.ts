/**
 * `max_parallel` is the run's, however its branches are nested: so many attempts of its own are under way at once, and so
 * many agents at work. An attempt takes its place with the fact that announces it, and leaves it when it has been judged;
 * so who has one never loses it to another, whatever becomes ready meanwhile. A validator works in the place of the attempt
 * that it judges; its agents are counted all the same, for it may have branches, too.
 */
import type { Plan } from '../plan/plan.ts';
import type { Effect } from './effect.ts';
import type { AttemptState, RunState, Steps } from './state.ts';

/** The effects without what has to wait for a place; places are given in the order of declaration. */
export function admit(plan: Plan, state: RunState, effects: readonly Effect[]): readonly Effect[] {
  if (!effects.some((effect) => begins(effect) !== null)) return effects;
  const { max_parallel } = plan.settings;
  let { attempts, agents } = atWork(state.steps, true);
  return effects.filter((effect) => {
    const one = begins(effect);
    if (one === null) return true;
    if ((one.own && attempts >= max_parallel) || (one.agent && agents >= max_parallel)) return false;
    if (one.own) attempts++;
    if (one.agent) agents++;
    return true;
  });
}

function begins(effect: Effect) {
  return effect.kind === 'record' ? (effect.begins ?? null) : null;
}

interface AtWork {
  readonly attempts: number;
  readonly agents: number;
}

const nobody: AtWork = { attempts: 0, agents: 0 };

function atWork(steps: Steps, isOwn: boolean): AtWork {
  return Object.values(steps).reduce((sum, step) => {
    if (step.status !== 'running') return sum;
    const announced = step.reopened || step.retrying ? null : step.attempt;
    const inside = [
      announced ? ofAttempt(announced, isOwn) : nobody,
      atWork(step.steps, isOwn),
      ...Object.values(step.tasks).map((task) => atWork(task.steps, isOwn)),
    ];
    return inside.reduce(add, sum);
  }, nobody);
}

/** A split's attempt is over when it has its list: from then on its tasks need the places. */
function ofAttempt(attempt: AttemptState, isOwn: boolean): AtWork {
  const { agent, end, result, gates, conditions } = attempt;
  const launches = agent !== null && agent !== 'pass' && end === null;
  const self = { attempts: isOwn && !result?.tasks ? 1 : 0, agents: launches ? 1 : 0 };
  const judges = [...Object.values(gates), ...Object.values(conditions)];
  const judging = judges.filter(({ status }) => status === 'running');
  return judging.map(({ steps }) => atWork(steps, false)).reduce(add, self);
}

function add(one: AtWork, other: AtWork): AtWork {
  return { attempts: one.attempts + other.attempts, agents: one.agents + other.agents };
}
