/** What a request asks for that makes its call dearer than its own bytes and one answer. Pure. */
import { type Api, type AskedCall, isGiven, isModelName, isObject, type JsonObject, listOf } from './call.ts';
import { partsOf } from './parts.ts';
import { type Searches, searchesOf } from './searches.ts';

export interface Dearer {
  /** Answers that are written, and paid, side by side. */
  readonly answers: number;
  /** True where a part of its input is not in the request: a stored conversation, a file, an address, a tool of the service. */
  readonly hasUnseenInput: boolean;
  /** The tier that is asked for, and by what the faster one multiplies all prices. */
  readonly tier: { readonly asked: 'fast' | 'plain'; readonly factor: number };
  /** True where it is to be answered in the United States only, which has a price. */
  readonly inUs: boolean;
  /** Parts of the prompt are to be kept in the cache for an hour. */
  readonly cachesForHour: boolean;
  readonly searches: Searches;
  /** Other models that the service may call for it, at their own prices. */
  readonly otherModels: readonly string[];
}

/** @source the request descriptions and price lists of the four APIs (2026-11) */
export function dearerBy({ call: { api, model }, asked }: AskedCall, body: Buffer): Dearer {
  const tools = listOf(asked.tools);
  const isUnseen = unseenKeys.some((key) => isGiven(asked[key])) || partsOf(asked).some(isElsewhere);
  return {
    answers: answersOf(api, asked),
    hasUnseenInput: isUnseen || tools.some((tool) => bringsInput(api, tool)),
    tier: { asked: isFast(asked) ? 'fast' : 'plain', factor: fastFactor(api, model) },
    inUs: asked.inference_geo === 'us',
    cachesForHour: api === 'anthropic' && body.includes('"1h"'),
    searches: searchesOf(api, model, asked),
    otherModels: [...tools, ...listOf(asked.fallbacks)].flatMap(otherModel),
  };
}

const unseenKeys = [
  'previous_response_id',
  'conversation',
  'prompt',
  'container',
  'cachedContent',
  'cached_content',
  'mcp_servers',
];

/** Google's own service takes its names in both ways of writing. */
function answersOf(api: Api, asked: JsonObject): number {
  const configs = [asked.generationConfig, asked.generation_config].filter(isObject);
  const wanted =
    api === 'chat'
      ? [asked.n]
      : api === 'gemini'
        ? configs.flatMap(({ candidateCount, candidate_count }) => [candidateCount, candidate_count])
        : [];
  return Math.max(1, ...wanted.filter((count): count is number => Number.isSafeInteger(count)));
}

function isFast({ service_tier, serviceTier, speed }: JsonObject): boolean {
  return [service_tier, serviceTier, speed].some((tier) => tier === 'priority' || tier === 'fast');
}

/** Most faster tiers cost twice as much. Where it is not sold for a model, none is paid. */
function fastFactor(api: Api, model: string): number {
  if (api === 'anthropic') return /opus-4-[67]\b/.test(model) ? 6 : 2;
  return /gpt-5\.5\b/.test(model) ? 2.5 : 2;
}

/** Who draws pictures without a word about its model takes one all the same; empty where the name is none. */
function otherModel({ type, model }: JsonObject): readonly string[] {
  if (typeof model === 'string') return [isModelName(model) ? model : ''];
  return type === 'image_generation' ? ['gpt-image'] : [];
}

/** Pages, files and answers of other servers, which the service reads by itself. */
function bringsInput(api: Api, { type, ...tool }: JsonObject): boolean {
  if (api === 'gemini')
    return ['urlContext', 'url_context', 'fileSearch', 'file_search'].some((key) => isGiven(tool[key]));
  return (
    typeof type === 'string' &&
    /^(web_fetch|file_search|mcp|code_interpreter|code_execution|shell)/.test(type)
  );
}

/** A picture or a file that the service fetches, or has already. */
function isElsewhere(part: JsonObject): boolean {
  const { source, image_url, file, fileData, file_data } = part;
  if (isObject(source) && (source.type === 'url' || source.type === 'file')) return true;
  const address = isObject(image_url) ? image_url.url : image_url;
  if (typeof address === 'string' && !address.startsWith('data:')) return true;
  if (isObject(fileData) || (isObject(file_data) && isGiven(file_data.file_uri))) return true;
  const isFile = part.type === 'input_file' || part.type === 'input_image' || isObject(file);
  return isFile && [part.file_id, part.file_url, isObject(file) ? file.file_id : null].some(isGiven);
}
