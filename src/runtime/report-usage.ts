/** What a running agent reports becomes a fact at once: guards and budget decide on it, and a crash does not lose it. */
import type { AgentEffect } from '../engine/effect.ts';
import { breach } from '../engine/guard.ts';
import { locate } from '../engine/place.ts';
import type { RunState } from '../engine/state.ts';
import type { Fact, Usage } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Stage } from './dependencies.ts';

/** A breach stands in the ledger together with the report that shows it, so that no agent can end between the two. */
export async function reportUsage(stage: Stage, effect: AgentEffect, usage: Usage): Promise<void> {
  await stage.recorder.emitBy((state) => [
    progress(effect, usage),
    ...breached(stage.plan, state, { effect, usage }),
  ]);
}

/** For the last report, which the end of the attempt contains already: it is a fact of its own only where it breaches. */
export async function reportBreach(stage: Stage, effect: AgentEffect, usage: Usage): Promise<void> {
  await stage.recorder.emitBy((state) => {
    const facts = breached(stage.plan, state, { effect, usage });
    return facts.length === 0 ? [] : [progress(effect, usage), ...facts];
  });
}

function progress({ path: step, attempt }: AgentEffect, usage: Usage): Fact {
  return { type: 'agent_progress', step, attempt, ...usage };
}

interface Report {
  readonly effect: AgentEffect;
  readonly usage: Usage;
}

/** One breach is one event: a guard that was triggered is not triggered again, however close two reports come. */
function breached(plan: Plan, state: RunState, { effect: { path, attempt }, usage }: Report): Fact[] {
  const place = locate(plan, state, path);
  if (!place || place.step?.attempt?.guard) return [];
  const broken = breach(place.node.step.guard, usage);
  return broken ? [{ type: 'guard_triggered', step: path, attempt, ...broken }] : [];
}
