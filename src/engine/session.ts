/** Whose conversation an attempt continues (language.md §3): none, its own last one, or another step's. */
import type { RunSettings } from '../events/event.ts';
import type { PlanNode } from '../plan/plan.ts';
import { familyOf } from './agent.ts';
import type { Context } from './context.ts';
import { join, locate, type Place } from './place.ts';
import type { AttemptState, StepState } from './state.ts';

export interface SessionPlan {
  readonly mode: 'new' | 'resume' | 'from';
  readonly id: string | null;
  readonly from: string | null;
  /** Why a session that was asked for is not continued; null where it is, or none was. */
  readonly notice: string | null;
}

const fresh: SessionPlan = { mode: 'new', id: null, from: null, notice: null };

interface Question {
  readonly context: Context;
  readonly node: PlanNode;
  readonly step: StepState | undefined;
  readonly agent: string | null;
  /** The attempt before the one in question. */
  readonly last: AttemptState | null;
}

export function sessionOf({ context, node, step, agent, last }: Question): SessionPlan {
  if (agent === null || agent === 'pass') return fresh;
  const first = !step || !last || last.number - step.offset < 1;
  if (first)
    return node.step.session.mode === 'from'
      ? sessionFrom({ context, node, agent }, node.step.session.step)
      : fresh;
  if (step.overrides.session === 'new' || isTold(step, last)) return fresh;
  const { agents } = context.plan.settings;
  return continued(last, agent, { mode: 'resume', from: null, what: 'its own last session', agents });
}

/** The attempt that failed was a retry without a session to continue, and had none of its own: its agent names none. */
function isTold({ previous, offset }: StepState, last: AttemptState): boolean {
  const isRetry = last.number - offset > 1 && previous !== null && previous.number < last.number;
  return isRetry && !last.end?.sessionId && !previous.end?.sessionId;
}

interface Asking {
  readonly context: Context;
  readonly node: PlanNode;
  readonly agent: string;
}

function sessionFrom({ context, node, agent }: Asking, name: string): SessionPlan {
  const last = nearest(context, join(context.prefix, node.step.name), name)?.step?.attempt ?? null;
  const { agents } = context.plan.settings;
  return continued(last, agent, { mode: 'from', from: name, what: `the session of ${name}`, agents });
}

/** The step of that name beside this one or, through the groups around, within the same task. */
function nearest({ plan, state }: Context, path: string, name: string): Place | null {
  const frames = locate(plan, state, path)?.frames ?? [];
  const task = frames.at(-1)?.task ?? null;
  for (const frame of frames.toReversed()) {
    if (frame.task !== task) return null;
    if (frame.nodes.some((node) => node.step.name === name))
      return locate(plan, state, join(frame.prefix, name));
    if (frame.inputs) return null;
  }
  return null;
}

interface Wish {
  readonly mode: 'resume' | 'from';
  readonly from: string | null;
  readonly what: string;
  readonly agents: RunSettings['agents'];
}

function continued(
  last: AttemptState | null,
  agent: string,
  { mode, from, what, agents }: Wish,
): SessionPlan {
  const id = last?.end?.sessionId ?? null;
  if (id === null)
    return { ...fresh, notice: `${what} cannot be continued: there is none; a new one begins` };
  const before = last?.agent ?? '';
  if (familyOf(before, agents) === familyOf(agent, agents)) return { mode, id, from, notice: null };
  return {
    ...fresh,
    notice: `${what} cannot be continued: it was held with ${before}, this is ${agent}; a new one begins`,
  };
}
