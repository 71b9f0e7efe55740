/** What is to be built: markdown, cleaned once on entry (R9), frozen by its hash. */
import { createHash } from 'node:crypto';
import { limits } from '../limits.ts';
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

export interface IssueParts {
  readonly number?: number;
  readonly title: string;
  /** Null or empty where the issue has none. */
  readonly body: string | null;
  /** Those that count, in order: the caller has filtered them by permission. */
  readonly comments: readonly { readonly author: string; readonly body: string }[];
  /** `owner/repo#12`. */
  readonly origin: string;
}

/**
 * `# title`, the body, and each comment under a heading with its author. Each part is cleaned by itself first, so that
 * a comment which the title opens cannot swallow the body. Comments beyond the size of a spec are left out, and named.
 */
export function specFromIssue({ title, body, comments, origin }: IssueParts): Spec {
  const removed: string[] = [];
  const clean = (text: string): string => {
    const part = cleanText(text.replaceAll('\r\n', '\n'));
    removed.push(...part.removed);
    return part.text.trim();
  };
  const parts = [`# ${clean(title).replace(/\s+/g, ' ')}`, clean(body ?? '')];
  let size = parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 2, 0);
  let left = 0;
  for (const comment of comments) {
    const part = `## Comment by @${clean(comment.author).replace(/\s+/g, ' ')}\n\n${clean(comment.body)}`;
    size += Buffer.byteLength(part) + 2;
    if (left > 0 || size > limits.specBytesMax) left++;
    else parts.push(part);
  }
  if (left > 0)
    removed.push(`${left} of ${comments.length} comments, beyond ${limits.specBytesMax / 1024} KiB`);
  const whole = specFromText(`${parts.filter((part) => part !== '').join('\n\n')}\n`, origin);
  return { ...whole, removed: summed([...removed, ...whole.removed]) };
}

/** `1 image`, `2 images` → `3 images`; phrases without a number stay. */
function summed(phrases: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  const others: string[] = [];
  for (const phrase of phrases) {
    const [, count, what] = /^(\d+) ([A-Za-z ]+)$/.exec(phrase) ?? [];
    if (!count || !what) others.push(phrase);
    else counts.set(plural(what), (counts.get(plural(what)) ?? 0) + Number(count));
  }
  return [
    ...[...counts].map(([what, count]) => `${count} ${count === 1 ? what.replace(/s$/, '') : what}`),
    ...others,
  ];
}

function plural(what: string): string {
  return what.endsWith('s') ? what : `${what}s`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
