/** Which agent a step would start with, as far as that can be told before anything has run. */
import type { RunSettings } from '../events/event.ts';
import { render } from '../template/render.ts';
import type { PlanNode } from './plan.ts';

/** The steps that can be named at a place, and what the call around it gives; outermost last. */
export interface Scope {
  readonly nodes: readonly PlanNode[];
  /** Of a called workflow or validator, or of the run itself; empty elsewhere. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The agent that the call gives to steps which name none. */
  readonly agent: string | null;
  /** Where the inputs are templates of. */
  readonly around: Scope | null;
}

/** Null: the step launches none. A name that is only known in the run stays as it is written. */
export function agentHint(
  settings: RunSettings,
  scope: Scope,
  { step }: PlanNode,
  override?: string,
): string | null {
  if (!['code', 'split', 'validate'].includes(step.kind)) return null;
  const named = override ?? step.agent ?? givenAgent(scope) ?? settings.default_agent;
  if (named === 'pass') return named;
  if (settings.agent !== null) return settings.agent;
  return named === null ? null : resolve({ settings, scope, depth: 0 }, named);
}

function givenAgent(scope: Scope): string | null {
  return scope.agent ?? (scope.around ? givenAgent(scope.around) : null);
}

interface Asking {
  readonly settings: RunSettings;
  readonly scope: Scope;
  /** Names may stand for templates; each goes one step outwards or backwards. */
  readonly depth: number;
}

const depthMax = 20;

function resolve(asking: Asking, template: string): string {
  return render(template, (name) => meant(asking, name) ?? `{${name}}`).trim();
}

function meant({ settings, scope, depth }: Asking, name: string): string | null {
  if (depth > depthMax) return null;
  const deeper = { settings, depth: depth + 1 };
  const step = /^([\w-]+)\.agent$/.exec(name)?.[1];
  for (let place: Scope | null = scope; place; place = place.around) {
    const input = Object.hasOwn(place.inputs, name) ? place.inputs[name] : undefined;
    if (input !== undefined) return resolve({ ...deeper, scope: place.around ?? outside }, input);
    const node = step === undefined ? undefined : place.nodes.find((one) => one.step.name === step);
    if (node) return agentNamed(deeper, place, node);
  }
  return null;
}

const outside: Scope = { nodes: [], inputs: {}, agent: null, around: null };

function agentNamed(asking: Omit<Asking, 'scope'>, scope: Scope, { step }: PlanNode): string | null {
  const name = step.agent ?? givenAgent(scope) ?? asking.settings.default_agent;
  return name === null ? null : resolve({ ...asking, scope }, name);
}
