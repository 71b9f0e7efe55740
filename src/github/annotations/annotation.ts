/** A remark on a line, as check runs show it. */
import { limits } from '../../limits.ts';
import { clip } from '../cut.ts';
import { clean } from '../defuse.ts';

export interface Annotation {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  /** From 1, below 2^31: GitHub takes no larger number. */
  readonly line: number;
  readonly endLine: number;
  /** From 1; only for remarks on one line. */
  readonly column: number | null;
  readonly level: Level;
  readonly message: string;
}

export type Level = 'notice' | 'warning' | 'failure';

/** `warning`, `Minor`, `nit` … → what GitHub calls it; a word that says nothing is a failure. */
export function levelOf(word: string): Level {
  if (/^\W*(?:warn|minor|medium|moderate)/i.test(word)) return 'warning';
  if (/^\W*(?:info|note|notice|hint|nit|low|suggestion|help)/i.test(word)) return 'notice';
  return 'failure';
}

/** A text that fits, or says that there is none. */
export function messageOf(text: string): string {
  const safe = clean(text).trim() || '(no message)';
  const cut = clip(safe, limits.annotationMessageBytesMax);
  if (Buffer.byteLength(cut) <= limits.annotationMessageBytesMax) return cut;
  // A character takes at most four bytes here.
  return clip(safe, Math.floor(limits.annotationMessageBytesMax / 4));
}

/** True for what can be the number of a line or column on GitHub. */
export function isLineNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= limits.lineNumberMax;
}
