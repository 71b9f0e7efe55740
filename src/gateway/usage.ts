/** What an answer says that it used, read while it passes by. */
import { type Api, isObject, parseObject } from './call.ts';

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
}

export const noTokens: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** The tokens of an object that reports usage in this API's way; null where it reports none. */
function tokensIn(api: Api, value: unknown): Tokens | null {
  return isObject(value) ? readers[api](value) : null;
}

/** Reports are cumulative: the largest of each is the last word, also where one goes backwards. */
function mostTokens(a: Tokens | null, b: Tokens | null): Tokens | null {
  if (a === null || b === null) return a ?? b;
  return {
    input: Math.max(a.input, b.input),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
    output: Math.max(a.output, b.output),
    ...some('cacheWriteHour', Math.max(a.cacheWriteHour ?? 0, b.cacheWriteHour ?? 0)),
    ...some('searches', Math.max(a.searches ?? 0, b.searches ?? 0)),
  };
}

function some(name: 'cacheWriteHour' | 'searches', value: number): Partial<Tokens> {
  return value > 0 ? { [name]: value } : {};
}

/**
 * Whether an answer is told to its end: Claude's stream tells its output behind its input, Gemini's tells both with each
 * piece. The others tell once, at the end.
 */
function isLastWord(api: Api, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (api === 'anthropic') return within(value, 'usage') !== null;
  if (api !== 'gemini') return true;
  const candidates = Array.isArray(value.candidates) ? value.candidates.filter(isObject) : [];
  return candidates.length === 0 || candidates.some(({ finishReason }) => typeof finishReason === 'string');
}

type JsonObject = Readonly<Record<string, unknown>>;

/** @source the answers of the four APIs, as recorded and described (2026-11). */
const readers: Readonly<Record<Api, (answer: JsonObject) => Tokens | null>> = {
  // Cached tokens stand beside `input_tokens`; a stream tells input first (`message_start`) and output last.
  anthropic(answer) {
    const usage = within(answer, 'usage') ?? within(within(answer, 'message'), 'usage');
    if (!usage) return null;
    const cacheRead = count(usage.cache_read_input_tokens);
    const cacheWrite = count(usage.cache_creation_input_tokens);
    const input = count(usage.input_tokens) + cacheRead + cacheWrite;
    const hour = count(within(usage, 'cache_creation')?.ephemeral_1h_input_tokens);
    return {
      ...{ input, cacheRead, cacheWrite, output: count(usage.output_tokens) },
      ...some('cacheWriteHour', Math.min(hour, cacheWrite)),
      ...some('searches', count(within(usage, 'server_tool_use')?.web_search_requests)),
    };
  },
  responses(answer) {
    const usage = within(answer, 'usage') ?? within(within(answer, 'response'), 'usage');
    if (!usage) return null;
    const cacheRead = count(within(usage, 'input_tokens_details')?.cached_tokens);
    return {
      input: count(usage.input_tokens),
      cacheRead,
      cacheWrite: 0,
      output: count(usage.output_tokens),
    };
  },
  chat(answer) {
    const usage = within(answer, 'usage');
    if (!usage) return null;
    const cacheRead = count(within(usage, 'prompt_tokens_details')?.cached_tokens);
    return {
      input: count(usage.prompt_tokens),
      cacheRead,
      cacheWrite: 0,
      output: count(usage.completion_tokens),
    };
  },
  // What was thought stands beside the candidates.
  gemini(answer) {
    const usage = within(answer, 'usageMetadata');
    if (!usage) return null;
    const output = count(usage.candidatesTokenCount) + count(usage.thoughtsTokenCount);
    const input = count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount);
    return { input, cacheRead: count(usage.cachedContentTokenCount), cacheWrite: 0, output };
  },
};

function within(value: JsonObject | null, key: string): JsonObject | null {
  const inner = value?.[key];
  return isObject(inner) ? inner : null;
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;
}

export interface UsageReader {
  push(chunk: Buffer): void;
  /** What was told; null where nothing was. */
  end(): Tokens | null;
  /** Behind `end`: whether that was the last word of a whole answer. */
  isWhole(): boolean;
  /** Bytes that passed. */
  bytes(): number;
}

/**
 * Reads a stream of server-sent events (only lines with a word for usage are parsed), or a whole JSON answer. A line or
 * an answer above `keptBytesMax` is not looked into.
 */
export function createUsageReader(api: Api, isStream: boolean, keptBytesMax: number): UsageReader {
  return isStream ? readEvents(api, keptBytesMax) : readWhole(api, keptBytesMax);
}

function readWhole(api: Api, keptBytesMax: number): UsageReader {
  const kept: Buffer[] = [];
  let bytes = 0;
  let told: Told = nothingTold;
  return {
    push(chunk) {
      bytes += chunk.length;
      if (bytes <= keptBytesMax) kept.push(chunk);
    },
    bytes: () => bytes,
    end() {
      if (bytes > keptBytesMax) return null;
      const body = Buffer.concat(kept).toString();
      // Gemini streams an array where no server-sent events are asked for; its last elements say the most.
      for (const item of listIn(body)) told = heard(api, told, item);
      return told.tokens;
    },
    isWhole: () => told.isLast,
  };
}

interface Told {
  readonly tokens: Tokens | null;
  readonly isLast: boolean;
}

const nothingTold: Told = { tokens: null, isLast: false };

function heard(api: Api, told: Told, value: unknown): Told {
  const tokens = tokensIn(api, value);
  if (tokens === null) return told;
  return { tokens: mostTokens(told.tokens, tokens), isLast: told.isLast || isLastWord(api, value) };
}

function listIn(body: string): readonly unknown[] {
  if (!body.trimStart().startsWith('[')) return [parseObject(body)];
  try {
    return JSON.parse(body) as readonly unknown[];
  } catch {
    return [];
  }
}

const newline = 10;
const dataWord = Buffer.from('data:');
/** `"usage"` and `"usageMetadata"` both begin so. */
const usageWord = Buffer.from('"usage');

/** Most pieces of a stream hold no word for usage, so they are searched as a whole and not cut into lines. */
function readEvents(api: Api, keptBytesMax: number): UsageReader {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let bytes = 0;
  let told: Told = nothingTold;
  const keep = (part: Buffer) => {
    restBytes += part.length;
    if (restBytes <= keptBytesMax) rest.push(part);
  };
  const search = (lines: Buffer) => {
    for (const line of linesWithUsage(lines)) told = heard(api, told, inLine(line));
  };
  const completeRest = () => {
    if (restBytes <= keptBytesMax) search(Buffer.concat(rest));
    rest = [];
    restBytes = 0;
  };
  return {
    push(chunk) {
      bytes += chunk.length;
      const first = chunk.indexOf(newline);
      if (first < 0) return keep(chunk);
      keep(chunk.subarray(0, first));
      completeRest();
      const last = chunk.lastIndexOf(newline);
      if (last > first) search(chunk.subarray(first + 1, last));
      if (last + 1 < chunk.length) keep(chunk.subarray(last + 1));
    },
    bytes: () => bytes,
    end() {
      completeRest();
      return told.tokens;
    },
    isWhole: () => told.isLast,
  };
}

function* linesWithUsage(lines: Buffer): Generator<Buffer> {
  for (let found = lines.indexOf(usageWord); found >= 0; ) {
    const start = lines.lastIndexOf(newline, found) + 1;
    const stop = lines.indexOf(newline, found);
    yield lines.subarray(start, stop < 0 ? lines.length : stop);
    if (stop < 0) return;
    found = lines.indexOf(usageWord, stop);
  }
}

function inLine(line: Buffer): unknown {
  return line.indexOf(dataWord) === 0 ? parseObject(line.subarray(dataWord.length)) : null;
}
