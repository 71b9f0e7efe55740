/** What is to be built: markdown, cleaned once on entry (R9), frozen by its hash. */
import { createHash } from 'node:crypto';
import { cleanText } from './clean.ts';

export interface Spec {
  /** The text as the agent gets it. */
  readonly text: string;
  /** SHA-256 of `text` as UTF-8, lower-case hex. */
  readonly hash: string;
  /** Where it came from, for messages: a file's path or `owner/repo#12`. */
  readonly origin: string;
  /** What cleaning took out, one phrase each; empty where nothing was. */
  readonly removed: readonly string[];
}

/** A spec of text that may come from anywhere. Cleaning what was cleaned changes nothing, so neither does the hash. */
export function specFromText(text: string, origin: string): Spec {
  const clean = cleanText(text);
  return { text: clean.text, hash: hashOf(clean.text), origin, removed: clean.removed };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
