/** What an answer says that it used. Pure. */
import { limits } from '../limits.ts';
import { type Api, isGiven, isObject, type JsonObject, listOf } from './call.ts';

/** In pieces. `input` counts the whole prompt, what came from a cache or went into one included. */
export interface Tokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** What the model wrote, its reasoning included. */
  readonly output: number;
  /** Of `cacheWrite`, what is kept for an hour; absent: nothing. */
  readonly cacheWriteHour?: number;
  /** Searches of the web that the service made; absent: none. */
  readonly searches?: number;
  /** The tier of prices in which it was answered; absent: it does not say. */
  readonly tier?: 'fast' | 'plain' | 'slow';
  /** Whether it was answered in the United States only; absent: it does not say. */
  readonly inUs?: boolean;
}

export const noTokens: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** The tokens of an object that reports usage in this API's way; null where it reports none, or what can be no number of tokens. */
export function tokensIn(api: Api, value: unknown): Tokens | null {
  const tokens = isObject(value) ? readers[api](value) : null;
  return tokens !== null && !Object.values(tokens).some(Number.isNaN) ? tokens : null;
}

/** Reports are cumulative: the largest of each is the last word, also where one goes backwards. */
export function mostTokens(a: Tokens | null, b: Tokens | null): Tokens | null {
  if (a === null || b === null) return a ?? b;
  return {
    input: Math.max(a.input, b.input),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
    output: Math.max(a.output, b.output),
    ...some('cacheWriteHour', Math.max(a.cacheWriteHour ?? 0, b.cacheWriteHour ?? 0)),
    ...some('searches', Math.max(a.searches ?? 0, b.searches ?? 0)),
    ...said('tier', b.tier ?? a.tier),
    ...said('inUs', b.inUs ?? a.inUs),
  };
}

function some(name: 'cacheWriteHour' | 'searches', value: number): Partial<Tokens> {
  return value === 0 ? {} : { [name]: value };
}

function said<Name extends 'tier' | 'inUs'>(name: Name, value: Tokens[Name]): Partial<Tokens> {
  return value === undefined ? {} : { [name]: value };
}

/**
 * Whether an answer is told to its end: Claude's stream tells its output behind its input, Gemini's tells both with each
 * piece. The others tell once, at the end.
 */
export function isLastWord(api: Api, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (api === 'anthropic') return within(value, 'usage') !== null;
  if (api !== 'gemini') return true;
  const candidates = listOf(value.candidates);
  return candidates.length === 0 || candidates.some(({ finishReason }) => typeof finishReason === 'string');
}

/** @source the answers of the four APIs, as recorded and described (2026-11). */
const readers: Readonly<Record<Api, (answer: JsonObject) => Tokens | null>> = {
  // Cached tokens stand beside `input_tokens`; a stream tells input first (`message_start`) and output last.
  anthropic(answer) {
    const usage = within(answer, 'usage') ?? within(within(answer, 'message'), 'usage');
    if (!usage) return null;
    // What the service called models for by itself (to shorten the conversation, to ask an adviser) stands apart.
    const apart = listOf(usage.iterations).filter(({ type }) => type !== 'message');
    const all = [usage, ...apart];
    const cacheRead = sum(all, 'cache_read_input_tokens');
    const cacheWrite = sum(all, 'cache_creation_input_tokens');
    const hour = sum(
      all.map((one) => within(one, 'cache_creation') ?? {}),
      'ephemeral_1h_input_tokens',
    );
    const { speed, inference_geo: place } = usage;
    return {
      ...{ input: sum(all, 'input_tokens') + cacheRead + cacheWrite, cacheRead, cacheWrite },
      output: sum(all, 'output_tokens'),
      ...some('cacheWriteHour', Math.min(hour, cacheWrite)),
      ...some('searches', count(within(usage, 'server_tool_use')?.web_search_requests)),
      ...said('tier', typeof speed === 'string' ? (speed === 'fast' ? 'fast' : 'plain') : undefined),
      ...said('inUs', typeof place === 'string' ? place === 'us' : undefined),
    };
  },
  responses(answer) {
    const response = within(answer, 'response') ?? answer;
    const usage = within(answer, 'usage') ?? within(response, 'usage');
    if (!usage) return null;
    const details = within(usage, 'input_tokens_details');
    return {
      input: count(usage.input_tokens),
      cacheRead: count(details?.cached_tokens),
      cacheWrite: count(details?.cache_write_tokens),
      output: count(usage.output_tokens),
      ...some('searches', listOf(response.output).filter(isSearch).length),
      ...said('tier', openaiTier(response)),
    };
  },
  // With some services what was thought is in the total only.
  chat(answer) {
    const usage = within(answer, 'usage');
    if (!usage) return null;
    const details = within(usage, 'prompt_tokens_details');
    const input = count(usage.prompt_tokens);
    return {
      input,
      cacheRead: count(details?.cached_tokens),
      cacheWrite: count(details?.cache_write_tokens ?? details?.cache_creation_input_tokens),
      output: Math.max(count(usage.completion_tokens), count(usage.total_tokens) - input),
      ...said('tier', openaiTier(answer)),
    };
  },
  // What was thought stands beside the candidates.
  gemini(answer) {
    const usage = within(answer, 'usageMetadata');
    if (!usage) return null;
    const output = count(usage.candidatesTokenCount) + count(usage.thoughtsTokenCount);
    const input = count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount);
    const searches = listOf(answer.candidates)
      .map((candidate) => within(candidate, 'groundingMetadata')?.webSearchQueries)
      .reduce((total: number, queries) => total + (Array.isArray(queries) ? queries.length : 0), 0);
    const cacheRead = count(usage.cachedContentTokenCount);
    return { input, cacheRead, cacheWrite: 0, output, ...some('searches', searches) };
  },
};

/** Opening a page that was found, and looking for a word in it, are not paid. */
function isSearch(item: JsonObject): boolean {
  const action = within(item, 'action');
  return item.type === 'web_search_call' && (action === null || action.type === 'search');
}

function openaiTier({ service_tier: tier }: JsonObject): Tokens['tier'] {
  if (tier === 'priority' || tier === 'fast') return 'fast';
  if (tier === 'flex') return 'slow';
  return tier === 'default' ? 'plain' : undefined;
}

function sum(objects: readonly JsonObject[], key: string): number {
  return objects.reduce((total, object) => total + count(object[key]), 0);
}

function within(value: JsonObject | null, key: string): JsonObject | null {
  const inner = value?.[key];
  return isObject(inner) ? inner : null;
}

/** What is not said counts as none; NaN where something is said that can be no number of tokens. */
function count(value: unknown): number {
  if (!isGiven(value)) return 0;
  const isCount = Number.isSafeInteger(value) && (value as number) >= 0;
  return isCount && (value as number) <= limits.answerTokensMax ? (value as number) : Number.NaN;
}
