/** YAML of which nothing is known: whoever wrote it, whatever is not there reads as nothing. */
import { parse } from 'yaml';

/** Null where the text is no YAML. */
export function parseQuietly(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** Undefined where the value is no mapping, or has no such key. */
export function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
