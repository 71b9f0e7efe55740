/** What an agent's reports and its end mean for what was spent, and for its attempt. */
import type { EventOf, Usage } from '../events/event.ts';
import {
  type AttemptState,
  addUsage,
  lessUsage,
  mostUsage,
  noUsage,
  type RunState,
  type StepState,
} from './state.ts';
import { updateStep } from './tree.ts';

export type Spending = EventOf<'agent_progress'> | EventOf<'agent_completed'> | EventOf<'agent_killed'>;

/** Books what is new against what this launch had reported before: in the step, in the judged steps above it, in the run. */
export function book(state: RunState, event: Spending): RunState {
  let fresh: Usage = noUsage;
  const freshMs = event.type === 'agent_completed' ? event.duration_ms : 0;
  const around = (step: StepState): StepState => {
    return { ...step, spent: addUsage(step.spent, fresh), spentMs: step.spentMs + freshMs };
  };
  const judged = (step: StepState): StepState => ({ ...step, usage: addUsage(step.usage, fresh) });
  const launched = (step: StepState | undefined): StepState | undefined => {
    if (!step?.attempt) return step;
    fresh = lessUsage(usageOf(event), step.attempt.launch?.usage ?? noUsage);
    return judged(around(spend(step, step.attempt, event)));
  };
  const updated = updateStep(state, event.step, launched, { judged, around });
  return { ...updated, spent: addUsage(state.spent, fresh) };
}

function usageOf(event: Spending): Usage {
  return {
    turns: event.turns ?? 0,
    tokens_in: event.tokens_in ?? 0,
    tokens_out: event.tokens_out ?? 0,
    cost: event.cost ?? 0,
    ...(event.cost_unknown ? { cost_unknown: true } : {}),
  };
}

function spend(step: StepState, before: AttemptState, event: Spending): StepState {
  const usage = mostUsage(usageOf(event), before.launch?.usage ?? noUsage);
  const attempt = { ...before, launch: { usage, open: event.type === 'agent_progress' } };
  if (event.type !== 'agent_completed') return { ...step, attempt };
  return {
    ...step,
    durationMs: step.durationMs + event.duration_ms,
    attempt: { ...attempt, end: endOf(event) },
  };
}

function endOf(event: EventOf<'agent_completed'>): AttemptState['end'] {
  return {
    outcome: event.outcome,
    error: event.error,
    output: event.output,
    sessionId: event.session_id,
    commit: event.commit,
    files: event.files,
    stepFiles: event.step_files,
    denied: event.denied,
    refused: event.refused ?? [],
    usage: usageOf(event),
  };
}
