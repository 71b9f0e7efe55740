/** Which agent an attempt gets: the override, the step's own, the validator's input, the default; `--agent` stands for all. */
import type { RunSettings } from '../events/event.ts';
import type { PlanNode } from '../plan/plan.ts';
import { render } from '../template/render.ts';
import { agentFamily, familyAmong } from '../workflow/agent-names.ts';
import type { Context } from './context.ts';
import { locate, type Place } from './place.ts';
import type { StepState } from './state.ts';
import { lookUp } from './values.ts';

/** Null: none is named anywhere, or the step launches none. */
export function agentOf(
  context: Context,
  node: PlanNode,
  at: { path: string; step: StepState | undefined },
): string | null {
  if (node.step.kind === 'gates') return null;
  const named =
    at.step?.overrides.agent ??
    node.step.agent ??
    context.defaultAgent ??
    context.plan.settings.default_agent;
  if (named === 'pass') return named;
  if (context.plan.settings.agent !== null) return context.plan.settings.agent;
  if (named === null) return null;
  const place = locate(context.plan, context.state, at.path);
  const rendered = place ? renderText(context, place, named).trim() : named;
  return rendered === '' ? null : rendered;
}

function renderText(context: Context, place: Place, template: string): string {
  return render(template, (name) => {
    const value = lookUp(context, place, name);
    if (value?.kind === 'text') return value.text;
    return value?.kind === 'template' ? renderText(context, value.place, value.template) : undefined;
  });
}

/** Agents of one family can continue each other's sessions; an agent of the configuration is its own, or of the one that it names. */
export function familyOf(agent: string, agents: RunSettings['agents'] = {}): string {
  const own = familyAmong(agent, Object.keys(agents));
  return (
    agentFamily(agent) ??
    (own === null ? undefined : (agents[own]?.family ?? own)) ??
    agent.split('-')[0] ??
    agent
  );
}
