/** Several sources put together: environment over project over user; the command line stands over all of them. */
import { type Diagnostic, nearest, type Position } from '../diagnostic.ts';
import { knownFamilies, refuseTypedAgent } from '../workflow/agent-names.ts';
import { printable } from '../workflow/problems.ts';
import { type AgentConfig, type Config, emptyConfig, keyPath, type Layer } from './config.ts';
import { isNamed, keysOf, type Section, sections } from './fields.ts';
import { knownUpstreamNames } from './gateway-fields.ts';

/** The nearest source first. Keys are taken one by one; the table of an agent or an upstream is taken as a whole. */
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
      gateway: { ...below.gateway, ...config.gateway },
    };
  }, emptyConfig);
}

/** Families that the configuration adds to those that are known: the names of its own agents. */
export function ownFamilies(agents: Readonly<Record<string, AgentConfig>>): readonly string[] {
  return Object.keys(agents);
}

/** What only shows when all sources are known: a default agent or an upstream that nobody knows. */
export function checkLayers(layers: readonly Layer[]): readonly Diagnostic[] {
  const config = mergeLayers(layers);
  return [...checkDefault(layers, config), ...checkUpstreams(layers, config)];
}

/** A warning: whoever does not use that agent can work. Who does is refused where it is looked for. */
function checkUpstreams(layers: readonly Layer[], { gateway }: Config): readonly Diagnostic[] {
  const known: readonly string[] = [...knownUpstreamNames, ...Object.keys(gateway)];
  return layers.flatMap((layer) =>
    Object.entries(layer.config.agents).flatMap(([name, { upstream }]): Diagnostic[] => {
      if (upstream === undefined || known.includes(upstream)) return [];
      const near = nearest(upstream, known);
      const message = `the agent \`${name}\` (${layer.source}) is sent to the upstream \`${upstream}\`, and there is no [gateway.${upstream}]`;
      const hint = near ? `did you mean \`${near}\`?` : `upstreams here: ${known.join(', ')}`;
      const at = layer.places.get(keyPath('agent', 'upstream', name));
      return [{ severity: 'warning', code: 'unknown-upstream', message, hint, ...placeIn(layer, at) }];
    }),
  );
}

function checkDefault(layers: readonly Layer[], config: Config): readonly Diagnostic[] {
  const name = config.root.default_agent;
  const why =
    name === undefined ? null : refuseTypedAgent(name, [...knownFamilies, ...ownFamilies(config.agents)]);
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
  const { agents, gateway } = mergeLayers(layers);
  const names = { agent: Object.keys(agents), gateway: Object.keys(gateway) };
  return sections.flatMap((section) =>
    isNamed(section)
      ? names[section].flatMap((of) =>
          keysOf(section).flatMap((key) => decided(layers, { section, key, of })),
        )
      : keysOf(section).flatMap((key) => decided(layers, { section, key })),
  );
}

interface Wanted {
  readonly section: Section;
  readonly key: string;
  readonly of?: string;
}

function decided(layers: readonly Layer[], { section, key, of }: Wanted): InForce[] {
  const path = keyPath(section, key, of);
  const values = ({ config }: Layer): Readonly<Record<string, unknown>> | undefined => {
    if (!isNamed(section)) return config[section];
    const tables = section === 'agent' ? config.agents : config.gateway;
    return of !== undefined && Object.hasOwn(tables, of) ? tables[of] : undefined;
  };
  // Such a table is one thing: what a nearer one leaves out is not taken from a farther one.
  const layer = layers.find((one) => (of === undefined ? values(one)?.[key] : values(one)) !== undefined);
  const value = layer && values(layer)?.[key];
  return layer && value !== undefined
    ? [{ key: path, value, source: layer.source, at: layer.places.get(path) ?? null }]
    : [];
}
