/** What each agent did and used in a run, whoever's steps it worked on. */
import { addUsage, noUsage } from '../engine/state.ts';
import type { EventOf, Usage } from '../events/event.ts';
import type { AgentSummary, StepSummary } from './summary.ts';

export interface AgentDraft {
  used: Usage;
  durationMs: number;
  /** `<step path>#<attempt>` of launches inside validators. */
  readonly judgements: Set<string>;
}

type Agents = Map<string, AgentDraft>;

export function launchAgent(agents: Agents, event: EventOf<'agent_launched'>, judged: string | null): void {
  const draft = agentIn(agents, event.agent);
  if (judged !== null) draft.judgements.add(`${event.step}#${event.attempt}`);
}

export function bookAgent(agents: Agents, agent: string, fresh: Usage): void {
  const draft = agents.get(agent);
  if (draft) draft.used = addUsage(draft.used, fresh);
}

export function endAgentWork(agents: Agents, event: EventOf<'agent_completed'>): void {
  agentIn(agents, event.agent).durationMs += event.duration_ms;
}

function agentIn(agents: Agents, name: string): AgentDraft {
  const draft = agents.get(name) ?? { used: noUsage, durationMs: 0, judgements: new Set() };
  agents.set(name, draft);
  return draft;
}

export function agentSummaries(agents: Agents, steps: readonly StepSummary[]): readonly AgentSummary[] {
  const own = steps.flatMap((step) => step.attempts).filter(({ copied }) => !copied);
  return [...agents].map(([agent, { used, durationMs, judgements }]) => {
    const attempts = own.filter((attempt) => attempt.agent === agent);
    return {
      agent,
      attempts: attempts.length,
      passed: attempts.filter(({ status }) => status === 'pass').length,
      judgements: judgements.size,
      turns: used.turns,
      tokensIn: used.tokens_in,
      tokensOut: used.tokens_out,
      costUsd: used.cost,
      costUnknown: used.cost_unknown ?? false,
      durationMs,
    };
  });
}
