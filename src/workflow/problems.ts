/** The problems of one file, collected with their places; told all at once. */
import type { Diagnostic, Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly at: Position;
  readonly hint?: string | undefined;
  readonly severity?: 'error' | 'warning';
}

export interface Problems {
  readonly file: string;
  /** The lines of the file, as they are, without line endings. */
  readonly lines: readonly string[];
  add(problem: Problem): void;
  /** In the order of their places; more than the limit are counted, not told. */
  all(): readonly Diagnostic[];
}

/** Longer lines are no help in a message. */
const sourceLineCharactersMax = 400;

export function collectProblems(file: string, text: string): Problems {
  const lines = text.split(/\r?\n/);
  const found: Diagnostic[] = [];
  return {
    file,
    lines,
    add: ({ hint, severity = 'error', ...problem }) => {
      const source = problem.at.file === file ? lines[problem.at.line - 1] : undefined;
      const isShown = source !== undefined && problem.at.column <= sourceLineCharactersMax;
      found.push({
        severity,
        ...problem,
        ...(isShown ? { sourceLine: printable(source.slice(0, sourceLineCharactersMax)) } : {}),
        ...(hint ? { hint } : {}),
      });
    },
    all: () => inOrder(found),
  };
}

/** Text of the file for a terminal: control characters and marks of direction become U+FFFD, one for one. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function inOrder(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = [...found].sort((a, b) => line(a) - line(b) || column(a) - column(b));
  const left = sorted.length - limits.diagnosticsMax;
  if (left <= 0) return sorted;
  const message = `${left} more problems in this file are not listed`;
  const severity = sorted.slice(limits.diagnosticsMax).some((one) => one.severity === 'error');
  return [
    ...sorted.slice(0, limits.diagnosticsMax),
    { severity: severity ? 'error' : 'warning', code: 'more-problems', message },
  ];
}

function line(diagnostic: Diagnostic): number {
  return diagnostic.at?.line ?? 0;
}

function column(diagnostic: Diagnostic): number {
  return diagnostic.at?.column ?? 0;
}
