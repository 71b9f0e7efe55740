/** Agent names: `family` or `family-model`. Families are known, models are the CLIs' own business. */
import { type Diagnostic, nearest, type Position } from '../diagnostic.ts';
import { placeholders } from '../template/template.ts';
import { sourceLineOf } from './place.ts';
import type { Step, Workflow } from './workflow.ts';

/** Families of agent CLIs, by the first part of an agent's name. */
export const knownFamilies: readonly string[] = [
  'claude',
  'codex',
  'gemini',
  'qwen',
  'opencode',
  'cursor',
  'copilot',
  'pi',
];

/** The known family of a name (`claude-opus` → `claude`, whatever follows the dash), or null. */
export function agentFamily(name: string): string | null {
  return familyAmong(name, knownFamilies);
}

/** The name among `families` that a name is, or begins with before a dash: the longest; null where none is. */
export function familyAmong(name: string, families: readonly string[]): string | null {
  const known = families.filter((family) => name === family || name.startsWith(`${family}-`));
  // A configured family may have a dash itself: the longest one means it.
  return known.sort((a, b) => b.length - a.length)[0] ?? null;
}

/**
 * Problems of the agent names of a workflow: unknown families, with the nearest. Templates are judged when they have a
 * value, `pass` is nobody, and an input named `agent` of a validator or called workflow counts as an agent's name.
 * @param extraFamilies families that the configuration adds
 */
export function checkAgents(
  workflow: Workflow,
  extraFamilies: readonly string[] = [],
): readonly Diagnostic[] {
  const families = [...knownFamilies, ...extraFamilies];
  return workflow.steps.flatMap(namesOf).flatMap(({ name, at }) => {
    const why = refuseAgentName(name, families);
    if (why === null) return [];
    return [{ severity: 'error' as const, code: 'unknown-agent', at, ...sourceLineOf(workflow, at), ...why }];
  });
}

/** Why a name is no agent's, with what to do; null where it is fine, `pass`, or a template. */
export function refuseAgentName(
  name: string,
  families: readonly string[] = knownFamilies,
): { readonly message: string; readonly hint: string } | null {
  if (name === 'pass' || placeholders(name).length > 0 || familyAmong(name, families) !== null) return null;
  const meant = nearestAgent(name, families);
  const message = `unknown agent family in \`${name}\``;
  return { message, hint: meant ? `did you mean \`${meant}\`?` : `families: ${families.join(', ')}` };
}

/** The same for a name that somebody typed: no template stands for it. */
export function refuseTypedAgent(
  name: string,
  families: readonly string[] = knownFamilies,
): ReturnType<typeof refuseAgentName> {
  if (placeholders(name).length === 0) return refuseAgentName(name, families);
  const message = `\`${name}\` is no agent's name: only a workflow file has templates`;
  return { message, hint: `families: ${families.join(', ')}` };
}

/** A family's name is short, so one with the same first letter may differ by more: `clod-opus` means `claude-opus`. */
function nearestAgent(name: string, families: readonly string[]): string | null {
  const [family = name] = name.split('-');
  const rest = name.slice(family.length);
  const near = nearest(family, families);
  if (near) return near + rest;
  const alike = families.filter((known) => known[0] === family[0]?.toLowerCase());
  return nearest(
    name,
    alike.map((known) => known + rest),
  );
}

interface AgentName {
  readonly name: string;
  readonly at: Position;
}

function namesOf(step: Step): readonly AgentName[] {
  const place = (key: string): Position => step.places?.[key] ?? step.at;
  const own = step.agent === null ? [] : [{ name: step.agent, at: place('agent') }];
  const given = step.with.agent === undefined ? [] : [{ name: step.with.agent, at: place('with.agent') }];
  const inputs = step.gates.flatMap(({ inputs: { agent }, at }, index) =>
    agent === undefined ? [] : [{ name: agent, at: step.places?.[`gate.${index}.agent`] ?? at }],
  );
  const conditions = step.retry.flatMap(({ condition, at }, index) =>
    condition.kind === 'validate' && condition.with.agent !== undefined
      ? [{ name: condition.with.agent, at: step.places?.[`retry.${index}.with.agent`] ?? at }]
      : [],
  );
  const retries = step.retry.flatMap(({ overrides: { agent } }, index) =>
    agent === undefined ? [] : [{ name: agent, at: place(`retry.${index}.agent`) }],
  );
  return [
    ...own,
    ...given,
    ...inputs,
    ...conditions,
    ...retries,
    ...step.each.flatMap(namesOf),
    ...step.steps.flatMap(namesOf),
  ];
}
