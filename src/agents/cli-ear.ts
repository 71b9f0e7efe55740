/** Listens to the stream of a CLI: from its lines to events, and to what it has used so far. */
import type { Usage } from '../events/event.ts';
import type { AgentEvent } from '../ports/agent.ts';
import type { Happening, StreamReader, Told } from './cli.ts';
import { isWanted, readLine } from './cli-line.ts';
import { type CliTokens, lessTokens, mostTokens, noCliTokens } from './tokens.ts';

export interface Ear {
  /** Of a line's bytes; false for one that means nothing. */
  wants(line: Buffer): boolean;
  /** A promise only where somebody has to be waited for. */
  hear(line: string): Promise<void> | undefined;
  usage(): Usage;
  /** What is wrong with the stream; null where nothing is. */
  problem(): string | null;
}

export interface EarParts {
  readonly reader: StreamReader;
  /** What its usage had counted before this launch, where it counts the whole session. */
  readonly before: CliTokens;
  /** What tokens cost, in USD; null where that is not known. */
  readonly priceOf: (tokens: CliTokens) => number | null;
  readonly onEvent: (event: AgentEvent) => Promise<void> | void;
}

/** Turns lines into events: what happened at once, turns and usage whenever they have grown. */
export function createEar({ reader, before, priceOf, onEvent }: EarParts): Ear {
  let problem: string | null = null;
  let last: Told = reader.told();
  let tokens = noCliTokens;
  let ownCostUsd = 0;

  /** What was used stays used, whatever the program says later. */
  function usageOf(told: Told): Usage {
    tokens = mostTokens(tokens, lessTokens(told.tokens, before));
    ownCostUsd = Math.max(ownCostUsd, told.costUsd ?? 0);
    const cost = told.costUsd === null ? priceOf(tokens) : ownCostUsd;
    const used = { turns: told.turns ?? 0, tokens_in: tokens.input, tokens_out: tokens.output };
    return cost === null ? { ...used, cost: 0, cost_unknown: true } : { ...used, cost };
  }

  async function tellGrowth(told: Told): Promise<void> {
    if (told.sessionId !== null && told.sessionId !== last.sessionId)
      await onEvent({ type: 'session', id: told.sessionId });
    if (told.turns !== null && told.turns !== last.turns) await onEvent({ type: 'turn', turn: told.turns });
    if (told.tokens !== last.tokens || told.costUsd !== last.costUsd)
      await onEvent({ type: 'usage', usage: usageOf(told) });
    last = told;
  }

  async function tellAll(happened: readonly Happening[], told: Told): Promise<void> {
    for (const event of happened) await onEvent(event);
    await tellGrowth(told);
  }

  return {
    wants: (line) => isWanted(reader, line),
    usage: () => usageOf(reader.told()),
    problem: () => problem,
    hear(text) {
      if (text.trim() === '') return undefined;
      const line = readLine(text);
      if ('problem' in line) {
        problem ??= line.problem;
        return undefined;
      }
      const happened = reader.read(line.value);
      const told = reader.told();
      return happened.length === 0 && told === last ? undefined : tellAll(happened, told);
    },
  };
}
