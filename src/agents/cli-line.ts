/** One line of a CLI's stream. */
import { isObject, type JsonObject } from './cli.ts';

const excerptCharactersMax = 120;

/** The line as an object, or a sentence that says what is wrong with it. */
export function readLine(text: string): { readonly value: JsonObject } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `its stream has a line that is not JSON: ${excerpt(text)}` };
  }
  return isObject(value)
    ? { value }
    : { problem: `its stream has a line that is no JSON object: ${excerpt(text)}` };
}

function excerpt(text: string): string {
  return text.length > excerptCharactersMax ? `${text.slice(0, excerptCharactersMax)}…` : text;
}
