/** Searches of the web that a request lets the service make, each with a price of its own. Pure. */
import { limits } from '../limits.ts';
import { type Api, isGiven, type JsonObject, listOf } from './call.ts';

export interface Searches {
  readonly most: number;
  /** USD for one. */
  readonly usd: number;
  /** True where any number of them costs as much as one. */
  readonly isPaidOnce: boolean;
}

/** @source the price lists of the providers: tools, grounding (2026-11) */
export function searchesOf(api: Api, model: string, asked: JsonObject): Searches {
  const tools = listOf(asked.tools);
  if (api === 'gemini') return googleSearches(model, tools);
  const searching = tools.filter(({ type }) => typeof type === 'string' && type.startsWith('web_search'));
  if (api === 'anthropic')
    return { most: sum(searching.map(({ max_uses }) => limitOf(max_uses))), usd: 0.01, isPaidOnce: false };
  if (api === 'chat') {
    const isWanted = isGiven(asked.web_search_options) || asked.enable_search === true;
    return { most: isWanted ? 1 : 0, usd: 0.025, isPaidOnce: false };
  }
  const most = searching.length === 0 ? 0 : limitOf(asked.max_tool_calls, limits.searchesWeighedOpenai);
  // The older tool costs more with models that do not reason.
  const isOlder = searching.some(({ type }) => String(type).startsWith('web_search_preview'));
  return { most, usd: isOlder ? 0.025 : 0.01, isPaidOnce: false };
}

/** Newer models pay for each search, older ones for a prompt that was answered with any. */
function googleSearches(model: string, tools: readonly JsonObject[]): Searches {
  const isPaidOnce = /gemini-[12]\b/.test(model);
  const isWanted = tools.some((tool) => searchKeys.some((key) => isGiven(tool[key])));
  const most = isPaidOnce ? 1 : limits.searchesWeighed;
  return { most: isWanted ? most : 0, usd: isPaidOnce ? 0.035 : 0.014, isPaidOnce };
}

const searchKeys = [
  ...['googleSearch', 'google_search', 'googleSearchRetrieval', 'google_search_retrieval'],
  ...['googleMaps', 'google_maps'],
];

function limitOf(max: unknown, otherwise: number = limits.searchesWeighed): number {
  return Number.isSafeInteger(max) && (max as number) > 0 ? (max as number) : otherwise;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
