/** Several sources put together: environment over project over user; the command line stands over all of them. */
import type { Diagnostic, Position } from '../diagnostic.ts';
import { knownFamilies, refuseAgentName } from '../workflow/agent-names.ts';
import { printable } from '../workflow/problems.ts';
import { type AgentConfig, type Config, emptyConfig, keyPath, type Layer } from './config.ts';
import { keysOf, type Section, sections } from './fields.ts';

/** The nearest source first. Keys are taken one by one; an agent's table is taken as a whole. */
export function mergeLayers(layers: readonly Layer[]): Config {
  return layers.toReversed().reduce((below, { config }): Config => {
    return {
      root: { ...below.root, ...config.root },
      validation: { ...below.validation, ...config.validation },
      budget: { ...below.budget, ...config.budget },
      error_context: { ...below.error_context, ...config.error_context },
      sandbox: { ...below.sandbox, ...config.sandbox },
      breaker: { ...below.breaker, ...config.breaker },
      github: { ...below.github, ...config.github },
      agents: { ...below.agents, ...config.agents },
    };
  }, emptyConfig);
}

/** Families that the configuration adds to those that are known: the names of its own agents. */
export function ownFamilies(agents: Readonly<Record<string, AgentConfig>>): readonly string[] {
  return Object.keys(agents);
}

/** What only shows when all sources are known: a default agent that nobody knows. */
export function checkLayers(layers: readonly Layer[]): readonly Diagnostic[] {
  const config = mergeLayers(layers);
  const name = config.root.default_agent;
  const why =
    name === undefined ? null : refuseAgentName(name, [...knownFamilies, ...ownFamilies(config.agents)]);
  const from = layers.find((layer) => layer.config.root.default_agent !== undefined);
  if (!why || !from) return [];
  const at = from.places.get('default_agent');
  const message = `default_agent (${from.source}): ${why.message}`;
  return [{ severity: 'error', code: 'unknown-agent', message, hint: why.hint, ...placeIn(from, at) }];
}

function placeIn({ lines }: Layer, at: Position | undefined): Pick<Diagnostic, 'at' | 'sourceLine'> {
  return at ? { at, sourceLine: printable(lines[at.line - 1] ?? '') } : {};
}

export interface InForce {
  /** `budget.max_budget` */
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  readonly at: Position | null;
}

/** Every key that somebody said, with the source that decided, in the order of the reference. */
export function inForce(layers: readonly Layer[]): readonly InForce[] {
  const agents = Object.keys(mergeLayers(layers).agents);
  return sections.flatMap((section) =>
    section === 'agent'
      ? agents.flatMap((agent) => keysOf('agent').flatMap((key) => decided(layers, { section, key, agent })))
      : keysOf(section).flatMap((key) => decided(layers, { section, key })),
  );
}

interface Wanted {
  readonly section: Section;
  readonly key: string;
  readonly agent?: string;
}

function decided(layers: readonly Layer[], { section, key, agent }: Wanted): InForce[] {
  const path = keyPath(section, key, agent);
  const values = ({ config }: Layer): Readonly<Record<string, unknown>> | undefined => {
    if (section !== 'agent') return config[section];
    return agent !== undefined && Object.hasOwn(config.agents, agent) ? config.agents[agent] : undefined;
  };
  // The table of an agent is one thing: what a nearer one leaves out is not taken from a farther one.
  const layer = layers.find((one) => (agent === undefined ? values(one)?.[key] : values(one)) !== undefined);
  const value = layer && values(layer)?.[key];
  return layer && value !== undefined
    ? [{ key: path, value, source: layer.source, at: layer.places.get(path) ?? null }]
    : [];
}
