/** One line of a CLI's stream. */
import { limits } from '../limits.ts';
import type { StreamReader } from './cli.ts';
import { isObject, type JsonObject } from './json.ts';

const excerptCharactersMax = 120;

/** The line as an object, or a sentence that says what is wrong with it. */
export function readLine(text: string): { readonly value: JsonObject } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `its stream has a line that ${isCut(text) ? cut : 'is not JSON'}: ${excerpt(text)}` };
  }
  return isObject(value)
    ? { value }
    : { problem: `its stream has a line that is no JSON object: ${excerpt(text)}` };
}

const cut = `is longer than ${limits.streamLineBytesMax / 1024 ** 2} MiB`;

/** The reader leaves out what a line has beyond the limit; a character may have been cut in two. */
function isCut(text: string): boolean {
  return Buffer.byteLength(text) >= limits.streamLineBytesMax - 4;
}

function excerpt(text: string): string {
  return text.length > excerptCharactersMax ? `${text.slice(0, excerptCharactersMax)}…` : text;
}

const head = Buffer.from('{"type":"');
const quote = 0x22;
const typeBytesMax = 64;

/** Whether a line may mean anything to the reader; one that does not begin with its type is always looked at. */
export function isWanted(reader: StreamReader, line: Buffer): boolean {
  if (reader.wants === undefined || !beginsWithType(line)) return true;
  const end = line.subarray(0, head.length + typeBytesMax).indexOf(quote, head.length);
  return end < 0 || reader.wants(line.toString('latin1', head.length, end), line);
}

/** Byte by byte: for so few, a call out of the engine takes longer. */
function beginsWithType(line: Buffer): boolean {
  for (let index = 0; index < head.length; index++) if (line[index] !== head[index]) return false;
  return true;
}
