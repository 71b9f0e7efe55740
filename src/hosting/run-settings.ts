/** What a run is started with: what was typed, over the environment, over the files. It goes into the ledger, so that a resume behaves the same. */
import type { Config } from '../config/config.ts';
import { defaultAgent } from '../config/fields.ts';
import type { RunSettings, SandboxMode } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Configuration } from './config-layers.ts';

/** As typed, or given as inputs; null where nothing was. */
export interface Asked {
  readonly agent: string | null;
  readonly maxBudgetUsd: number | null;
  readonly maxParallel: number | null;
  readonly pauseAfter: string | null;
  /** Inputs of the workflow itself, by name; undefined without any. */
  readonly set?: RunSettings['set'] | undefined;
  readonly sandbox?: SandboxMode | undefined;
  /** Absolute; undefined without one. */
  readonly agentScript?: string | undefined;
}

export function runSettings(
  asked: Asked,
  { layers, user }: Pick<Configuration, 'layers' | 'user'>,
  config: Config,
): RunSettings {
  const typed = layers.find(({ source }) => source === 'environment')?.config.budget ?? {};
  const { max_parallel, ...budget } = config.budget;
  const { agents, breaker, error_context } = config;
  const sandbox = { ...config.sandbox, ...(asked.sandbox && { mode: asked.sandbox }) };
  const validation = user?.config.validation ?? {};
  return {
    default_agent: config.root.default_agent ?? defaultAgent,
    agent: asked.agent,
    max_budget: asked.maxBudgetUsd ?? typed.max_budget ?? null,
    max_parallel: asked.maxParallel ?? max_parallel ?? limits.parallelDefault,
    pause_after: asked.pauseAfter,
    ...(typed.max_tokens === undefined ? {} : { max_tokens: typed.max_tokens }),
    ...(typed.max_timeout === undefined ? {} : { max_timeout: typed.max_timeout }),
    ...(asked.agentScript === undefined ? {} : { agent_script: asked.agentScript }),
    ...said({ set: asked.set ?? {}, sandbox, budget, error_context, breaker, validation, agents }),
  };
}

/** Without what is empty: most runs have no configuration, and their ledgers say nothing of it. */
function said<T extends Readonly<Record<string, object>>>(parts: T): Partial<T> {
  const entries = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return Object.fromEntries(entries) as Partial<T>;
}
