/** What an answer says that it used, read while it passes by. */
import { type Api, isObject, parseObject } from './call.ts';

/** In pieces. `input` counts the whole prompt, what came from a cache or went into one included. */
export interface Tokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** What the model wrote, its reasoning included. */
  readonly output: number;
}

export const noTokens: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** The tokens of an object that reports usage in this API's way; null where it reports none. */
export function tokensIn(api: Api, value: unknown): Tokens | null {
  return isObject(value) ? readers[api](value) : null;
}

/** Reports are cumulative: the largest of each is the last word, also where one goes backwards. */
export function mostTokens(a: Tokens | null, b: Tokens | null): Tokens | null {
  if (a === null || b === null) return a ?? b;
  return {
    input: Math.max(a.input, b.input),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
    output: Math.max(a.output, b.output),
  };
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
    return { input, cacheRead, cacheWrite, output: count(usage.output_tokens) };
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
      return body.trimStart().startsWith('[') ? inList(api, body) : tokensIn(api, parseObject(body));
    },
  };
}

function inList(api: Api, body: string): Tokens | null {
  try {
    const list: unknown = JSON.parse(body);
    if (!Array.isArray(list)) return null;
    return list.reduce((most: Tokens | null, item) => mostTokens(most, tokensIn(api, item)), null);
  } catch {
    return null;
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
  let told: Tokens | null = null;
  const keep = (part: Buffer) => {
    restBytes += part.length;
    if (restBytes <= keptBytesMax) rest.push(part);
  };
  const search = (lines: Buffer) => {
    for (const line of linesWithUsage(lines)) told = mostTokens(told, inLine(api, line));
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
      return told;
    },
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

function inLine(api: Api, line: Buffer): Tokens | null {
  return line.indexOf(dataWord) === 0 ? tokensIn(api, parseObject(line.subarray(dataWord.length))) : null;
}
