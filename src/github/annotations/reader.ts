/** What reads one tool's output, line by line. */
import type { Level } from './annotation.ts';

export interface Place {
  /** As printed. */
  readonly path: string;
  readonly line: number;
  readonly endLine?: number;
  readonly column: number | null;
  readonly level: Level;
  readonly text: string;
}

/**
 * Reads the next line (without its end, colours removed, at most `limits.annotationLineCharactersMax` long); null after the
 * last one. Gives what this line completes, `[]` where the line belongs to this tool and completes nothing, and null where it
 * says nothing to it. Every reader sees every line; the first in the table that claims one tells of it.
 */
export type Reader = (line: string | null) => readonly Place[] | null;

/** @param known paths of the repository, as far as it is known what is there. */
export type ReaderOf = (known: readonly string[]) => Reader;

/** Source of a pattern for a path as tools print it: with an extension, without blanks, its one group. */
export const filePattern = String.raw`((?:[A-Za-z]:)?[^\s:()"'<>|,]+\.[A-Za-z0-9_]{1,12})`;

/** Text that stands over several lines, as far as it is worth quoting. */
export function createText(linesMax = 12) {
  let lines: string[] = [];
  return {
    add(line: string): void {
      if (lines.length < linesMax) lines.push(line.trimEnd());
    },
    take(): string {
      const text = lines.join('\n').trim();
      lines = [];
      return text;
    },
    isEmpty: () => lines.length === 0,
  };
}
