/** The agents whose programs are driven by their own stream: one adapter for each name that a workflow may say. */
import type { AgentConfig, UpstreamConfig } from '../config/config.ts';
import type { AgentAdapter } from '../ports/agent.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { familyAmong } from '../workflow/agent-names.ts';
import type { Cli } from './cli.ts';
import { createCliAgent } from './cli-adapter.ts';
import { clis } from './clis.ts';
import { assumedFacts, factsOf, type ModelFacts, type Price } from './model-facts.ts';
import { modelOf } from './models.ts';
import type { CliTokens } from './tokens.ts';
import { type Upstreams, upstreamFor } from './upstreams.ts';

export interface CliAgentsOptions {
  /** `[agents.<name>]` of the configuration. */
  readonly own: Readonly<Record<string, AgentConfig>>;
  /** Whatever `upstream` of an agent may name. */
  readonly upstreams: Upstreams;
  /** Common variables of every child. */
  readonly env: Readonly<Record<string, string>>;
  /** Where each program keeps its settings and sessions while models are reached through the gateway. */
  readonly homeOf: (family: string) => string;
  /** Null: none. */
  readonly sandbox: Sandbox | null;
}

/** By family; the program's path is whatever was found on PATH. */
export type CliAgents = Readonly<Record<string, (agent: string, program: string) => AgentAdapter>>;

export function createCliAgents(options: CliAgentsOptions): CliAgents {
  // An adapter is made for each launch; what a session had counted outlives it.
  const counted = new Map<string, CliTokens>();
  return Object.fromEntries(
    clis.map((cli) => [
      cli.family,
      (agent: string, program: string) => adapterFor(options, { cli, agent, program, counted }),
    ]),
  );
}

interface Wanted {
  readonly cli: Cli;
  readonly agent: string;
  readonly program: string;
  readonly counted: Map<string, CliTokens>;
}

function adapterFor(options: CliAgentsOptions, { cli, agent, program, counted }: Wanted): AgentAdapter {
  const { model } = modelOf(agent, options.own);
  const { own, upstreams } = options;
  const chosen = upstreamFor(agent, { own, upstreams, apis: cli.apis });
  const adapter = createCliAgent({
    cli,
    program,
    counted,
    env: options.env,
    home: options.homeOf(cli.family),
    model,
    ...(chosen === null ? {} : { upstream: chosen }),
    priceOf: (tokens) => costOf(ratesOf(options.own, agent), tokens),
    sandbox: options.sandbox,
  });
  const upstream = chosen?.name ?? cli.upstream(model);
  return { ...adapter, ...(upstream === null ? { ownLogin: 'stream' } : { upstream }) };
}

type Own = CliAgentsOptions['own'];

/** USD for a million tokens, and for a whole request with a long prompt. */
interface Rates {
  readonly price: Price;
  readonly longPrompts?: ModelFacts['longPrompts'];
}

function ratesOf(own: Own, agent: string): Rates | null {
  const name = familyAmong(agent, Object.keys(own));
  const given = name === null ? null : configuredPrice(own[name] ?? {});
  if (given !== null) return { price: given };
  const { model, family } = modelOf(agent, own);
  return factsOf(model ?? '', family);
}

export interface PriceSources {
  readonly agents: Own;
  /** `[gateway.<name>]`. */
  readonly gateway: Readonly<Record<string, UpstreamConfig>>;
}

type Counted = Rates & {
  readonly contextTokens: number | null;
  readonly outputTokensMax: number | null;
  readonly isAssumed?: boolean;
};

/**
 * What the gateway counts by: what the configuration says of a model by its name, then of the upstream, else what is
 * publicly known. Nobody knows what an upstream of one's own takes: there a list price is a guess.
 */
export function modelFactsOf(
  { agents, gateway }: PriceSources,
  upstream: string,
  model: string,
): Counted | null {
  const service = Object.hasOwn(gateway, upstream) ? gateway[upstream] : undefined;
  const config = agentAsking(agents, { upstream: service ? upstream : undefined, model });
  const price = (config && configuredPrice(config)) ?? (service ? configuredPrice(service) : null);
  if (price !== null) return { price, contextTokens: config?.context_window ?? null, outputTokensMax: null };
  if (!service) return publicFacts(model);
  const there = service.models && Object.hasOwn(service.models, model) ? service.models[model] : undefined;
  const known = (there === undefined ? null : publicFacts(there)) ?? publicFacts(model);
  return known && { ...known, isAssumed: true };
}

function publicFacts(model: string): Counted | null {
  return factsOf(model) ?? assumedFacts(model);
}

/** The agent's table that speaks of a model: by its name, or as the one that sends whatever it asks for to this upstream. */
function agentAsking(
  agents: Own,
  { upstream, model }: { readonly upstream: string | undefined; readonly model: string },
): AgentConfig | undefined {
  const tables = Object.values(agents);
  if (upstream === undefined) return tables.find((one) => one.model === model);
  const there = tables.filter((one) => one.upstream === upstream);
  return there.find((one) => one.model === model) ?? there.find((one) => one.model === undefined);
}

type Priced = Pick<AgentConfig, 'price_in' | 'price_out' | 'price_cached'>;

/** A price of the configuration; null where it says none. Services that take more for what goes into a cache take a quarter. */
function configuredPrice(config: Priced): Price | null {
  const { price_in: input, price_out: output, price_cached } = config;
  if (input === undefined || output === undefined) return null;
  return { input, output, cacheRead: price_cached ?? input, cacheWrite: input * 1.25 };
}

/** By the launch as a whole: which of its requests were long, its stream does not say. */
function costOf(rates: Rates | null, tokens: CliTokens): number | null {
  if (rates === null) return null;
  const { input, output, cacheRead = input, cacheWrite = input } = rates.price;
  const plain = tokens.input - tokens.cacheRead - tokens.cacheWrite;
  const cached = tokens.cacheRead * cacheRead + tokens.cacheWrite * cacheWrite;
  return Math.round(plain * input + cached + tokens.output * output) / 1e6;
}
