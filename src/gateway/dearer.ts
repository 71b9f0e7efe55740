/** What a request asks for that makes its call dearer than its own bytes and one answer. Pure. */
import { type Api, type Call, isObject, type JsonObject } from './call.ts';

export interface Dearer {
  /** Answers that are written, and paid, side by side. */
  readonly answers: number;
  /** True where a part of its input is not in the request: a stored conversation, a file, an address. */
  readonly hasUnseenInput: boolean;
  /** By which all prices are multiplied. */
  readonly factor: number;
  /** Parts of the prompt are to be kept in the cache for an hour. */
  readonly cachesForHour: boolean;
  /** Searches of the web that the service may make for it, each with a price of its own. */
  readonly searchesMax: number;
}

/** @source the request descriptions and price lists of the four APIs (2026-11) */
export function dearerBy({ api, asked }: Pick<Call, 'api' | 'asked'>, body: Buffer): Dearer {
  return {
    answers: answersOf(api, asked),
    hasUnseenInput: unseenKeys.some((key) => given(asked[key])) || messagesOf(asked).some(namesElsewhere),
    factor: factorOf(asked),
    cachesForHour: api === 'anthropic' && body.includes('"1h"'),
    searchesMax: api === 'anthropic' ? searchesOf(asked) : 0,
  };
}

const unseenKeys = [
  'previous_response_id',
  'conversation',
  'prompt',
  'container',
  'cachedContent',
  'cached_content',
];

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function answersOf(api: Api, asked: JsonObject): number {
  const config = isObject(asked.generationConfig) ? asked.generationConfig : {};
  const wanted = api === 'chat' ? asked.n : api === 'gemini' ? config.candidateCount : 1;
  return Number.isSafeInteger(wanted) && (wanted as number) > 1 ? (wanted as number) : 1;
}

/** OpenAI's faster tier costs twice as much, Anthropic's fast mode six times. */
function factorOf({ service_tier, speed }: JsonObject): number {
  if (speed === 'fast') return 6;
  return service_tier === 'priority' || service_tier === 'fast' ? 2 : 1;
}

/** Where a tool says no limit of its own. */
const searchesDefault = 10;

function searchesOf({ tools }: JsonObject): number {
  const list = Array.isArray(tools) ? tools.filter(isObject) : [];
  const searching = list.filter(({ type }) => typeof type === 'string' && type.startsWith('web_search'));
  return searching.reduce(
    (sum, { max_uses: max }) =>
      sum + (Number.isSafeInteger(max) && (max as number) > 0 ? (max as number) : searchesDefault),
    0,
  );
}

/** Whatever may hold parts, in each API's words. */
function messagesOf({ messages, input, contents }: JsonObject): readonly JsonObject[] {
  return [messages, input, contents].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
}

function namesElsewhere(message: JsonObject): boolean {
  const parts = [message.content, message.parts, message.output].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [message, ...parts.filter(isObject)].some(isElsewhere);
}

/** A picture or a file that the service fetches, or has already. */
function isElsewhere(part: JsonObject): boolean {
  const { source, image_url, file, fileData, file_data } = part;
  if (Array.isArray(part.content) && part.content.filter(isObject).some(isElsewhere)) return true;
  if (isObject(source) && (source.type === 'url' || source.type === 'file')) return true;
  const address = isObject(image_url) ? image_url.url : image_url;
  if (typeof address === 'string' && !address.startsWith('data:')) return true;
  if (isObject(fileData) || (isObject(file_data) && given(file_data.file_uri))) return true;
  const isFile = part.type === 'input_file' || part.type === 'input_image' || isObject(file);
  return isFile && [part.file_id, part.file_url, isObject(file) ? file.file_id : null].some(given);
}
