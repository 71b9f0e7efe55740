/** Reads what an answer used while it passes by. */
import { type Api, parseObject } from './call.ts';
import { isLastWord, mostTokens, type Tokens, tokensIn } from './usage.ts';

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
      const first = firstEnd(chunk, 0);
      if (first < 0) return keep(chunk);
      keep(chunk.subarray(0, first));
      completeRest();
      const last = lastEnd(chunk, chunk.length);
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
    const start = lastEnd(lines, found) + 1;
    const stop = firstEnd(lines, found);
    yield lines.subarray(start, stop < 0 ? lines.length : stop);
    if (stop < 0) return;
    found = lines.indexOf(usageWord, stop);
  }
}

/** A line ends with LF, CR, or both. @source the HTML standard, server-sent events (2026-11) */
const [lineFeed, carriageReturn] = [10, 13];

/** Negative where there is none. */
function firstEnd(bytes: Buffer, from: number): number {
  const feed = bytes.indexOf(lineFeed, from);
  const before = feed < 0 ? bytes : bytes.subarray(0, feed);
  const carriage = before.indexOf(carriageReturn, from);
  return carriage < 0 ? feed : carriage;
}

/** Negative where there is none. */
function lastEnd(bytes: Buffer, upTo: number): number {
  const before = bytes.subarray(0, upTo);
  const feed = before.lastIndexOf(lineFeed);
  const carriage = before.subarray(feed + 1).lastIndexOf(carriageReturn);
  return carriage < 0 ? feed : feed + 1 + carriage;
}

function inLine(line: Buffer): unknown {
  return line.indexOf(dataWord) === 0 ? parseObject(line.subarray(dataWord.length)) : null;
}
