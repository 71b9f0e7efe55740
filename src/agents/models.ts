/** What stands behind an agent's name: its CLI, the model that the CLI is asked for, and what is publicly known of that model. */
import type { AgentConfig } from '../config/config.ts';
import { familyAmong, knownFamilies } from '../workflow/agent-names.ts';
import { factsOf, type ModelFacts } from './model-facts.ts';

/**
 * Agents by the names that Gump documents, with the model that their CLI is asked for; null: the CLI's own default. Any
 * other name of a family asks for the model that its suffix names.
 * @source Gump's table of models and its adapters (read 2026-11); the names of Gemini's models as the API has them now
 */
const aliases: Readonly<Record<string, string | null>> = {
  claude: null,
  'claude-opusplan': 'opusplan',
  'claude-opus': 'opus',
  'claude-opus[1m]': 'opus[1m]',
  'claude-sonnet': 'sonnet',
  'claude-sonnet[1m]': 'sonnet[1m]',
  'claude-haiku': 'haiku',
  'claude-opus-4-6': 'claude-opus-4-6',
  'claude-sonnet-4-6': 'claude-sonnet-4-6',
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
  codex: null,
  'codex-gpt54': 'gpt-5.4',
  'codex-gpt54-mini': 'gpt-5.4-mini',
  'codex-gpt53': 'gpt-5.3-codex',
  'codex-gpt53-spark': 'gpt-5.3-codex-spark',
  'codex-gpt52': 'gpt-5.2-codex',
  'codex-gpt51-max': 'gpt-5.1-codex-max',
  'codex-o3': 'o3-codex',
  gemini: null,
  'gemini-pro': 'gemini-3.1-pro-preview',
  'gemini-flash': 'gemini-3-flash-preview',
  'gemini-flash-lite': 'gemini-3.1-flash-lite',
  'gemini-25-pro': 'gemini-2.5-pro',
  'gemini-25-flash': 'gemini-2.5-flash',
  qwen: null,
  'qwen-coder': 'qwen3-coder',
  'qwen-coder-plus': 'qwen3-coder-plus',
  'qwen-plus': 'qwen3-coder-plus',
  'qwen-local': null,
  opencode: null,
  'opencode-opus': 'anthropic/claude-opus-4-6',
  'opencode-sonnet': 'anthropic/claude-sonnet-4-6',
  'opencode-haiku': 'anthropic/claude-haiku-4-5',
  'opencode-gpt54': 'openai/gpt-5.4',
  'opencode-gpt53': 'openai/gpt-5.3',
  'opencode-gemini': 'google/gemini-3.1-pro',
  cursor: null,
  'cursor-sonnet': 'claude-4.6-sonnet-medium',
  'cursor-sonnet-thinking': 'claude-4.6-sonnet-medium-thinking',
  'cursor-opus': 'claude-4.6-opus-high',
  'cursor-opus-thinking': 'claude-4.6-opus-high-thinking',
  'cursor-gpt5': 'gpt-5.4-medium',
  'cursor-gemini': 'gemini-3.1-pro',
  copilot: null,
  pi: null,
};

export interface AgentModel {
  readonly agent: string;
  /** The CLI's family; the agent's own name where the configuration gives it a command. */
  readonly family: string;
  /** What the CLI is asked for; null: its own default. */
  readonly model: string | null;
  readonly contextTokens: number | null;
  /** USD for a million tokens, each null where it is not known. */
  readonly price: {
    readonly input: number | null;
    readonly output: number | null;
    readonly cached: number | null;
  };
  readonly longPrompts: ModelFacts['longPrompts'] | null;
  /** Where context and price were read, and when; null where nothing is known. */
  readonly source: string | null;
  readonly date: string | null;
}

type Agents = Readonly<Record<string, AgentConfig>>;

/** What an agent's name stands for; a name of an unknown family is a family of its own, of which nothing is known. */
export function modelOf(agent: string, own: Agents = {}): AgentModel {
  const name = familyAmong(agent, Object.keys(own));
  const config: AgentConfig = (name === null ? undefined : own[name]) ?? {};
  const isOwn = config.command !== undefined || config.acp !== undefined;
  const family = isOwn ? (name ?? agent) : (config.family ?? familyAmong(agent, knownFamilies) ?? agent);
  const model = config.model ?? askedFor(agent, { name, family });
  const facts = isOwn ? null : factsOf(model ?? '', family);
  const isSaid = ['context_window', 'price_in', 'price_out', 'price_cached'].some((key) => key in config);
  return {
    agent,
    family,
    model,
    contextTokens: config.context_window ?? facts?.contextTokens ?? null,
    price: {
      input: config.price_in ?? facts?.price.input ?? null,
      output: config.price_out ?? facts?.price.output ?? null,
      cached: config.price_cached ?? facts?.price.cacheRead ?? null,
    },
    // A price of the configuration is the whole price.
    longPrompts: config.price_in === undefined ? (facts?.longPrompts ?? null) : null,
    source: isSaid ? 'configuration' : (facts?.source ?? null),
    date: isSaid ? null : (facts?.date ?? null),
  };
}

function askedFor(
  agent: string,
  { name, family }: { readonly name: string | null; readonly family: string },
): string | null {
  if (Object.hasOwn(aliases, agent)) return aliases[agent] ?? null;
  const start = name ?? family;
  return agent.startsWith(`${start}-`) ? agent.slice(start.length + 1) : null;
}

/** The agents that have a name here, by family in the order of the language, then those of the configuration. */
export function namedAgents(own: Agents = {}): readonly string[] {
  const known = Object.keys(aliases);
  return [...known, ...Object.keys(own).filter((name) => !known.includes(name))];
}
