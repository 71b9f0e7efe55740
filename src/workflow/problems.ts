/** The problems of one file, collected with their places; told all at once. */
import type { Diagnostic, Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly at: Position;
  readonly hint?: string | undefined;
  readonly severity?: 'error' | 'warning';
  /** True where the line may hold a secret: it is not shown. */
  readonly hidden?: boolean;
}

export interface Problems {
  readonly file: string;
  /** The lines of the file, as they are, without line endings. */
  readonly lines: readonly string[];
  add(problem: Problem): void;
  /** In the order of their places; more than the limit are counted, not told. */
  all(): readonly Diagnostic[];
}

/** Problems come nearly in the file's order; those behind many are only counted, because each holds a line of the file. */
const keptMax = 10 * limits.diagnosticsMax;

/** Longer lines are no help in a message. */
const sourceLineCharactersMax = 400;

export function collectProblems(file: string, text: string): Problems {
  const lines = text.split(/\r?\n/);
  const found: Diagnostic[] = [];
  const dropped = { errors: 0, warnings: 0 };
  return {
    file,
    lines,
    add: ({ hint, severity = 'error', hidden = false, ...problem }) => {
      if (found.length >= keptMax) {
        dropped[severity === 'error' ? 'errors' : 'warnings']++;
        return;
      }
      const source = problem.at.file === file ? lines[problem.at.line - 1] : undefined;
      const isShown = !hidden && source !== undefined && problem.at.column <= sourceLineCharactersMax;
      found.push({
        severity,
        ...problem,
        ...(isShown ? { sourceLine: printable(source.slice(0, sourceLineCharactersMax)) } : {}),
        ...(hint ? { hint } : {}),
      });
    },
    all: () => inOrder(found, dropped),
  };
}

/** Text of the file for a terminal: control characters and marks of direction become U+FFFD, one for one. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Names in a row for a hint; of many, the first. */
export function listed(names: readonly string[]): string {
  const more = names.length - namesShownMax;
  return more > 0 ? `${names.slice(0, namesShownMax).join(', ')} and ${more} more` : names.join(', ');
}

const namesShownMax = 20;

interface Dropped {
  readonly errors: number;
  readonly warnings: number;
}

function inOrder(found: readonly Diagnostic[], { errors, warnings }: Dropped): readonly Diagnostic[] {
  const sorted = [...found].sort((a, b) => line(a) - line(b) || column(a) - column(b)).filter(isNew());
  const rest = sorted.slice(limits.diagnosticsMax);
  const left = rest.length + errors + warnings;
  if (left === 0) return sorted;
  const isWrong = errors > 0 || rest.some((one) => one.severity === 'error');
  const message = `${left} more problems in this file are not listed`;
  return [
    ...sorted.slice(0, limits.diagnosticsMax),
    { severity: isWrong ? 'error' : 'warning', code: 'more-problems', message },
  ];
}

/** What an alias stands for is read as often as it is named, and wrong in the same way each time. */
function isNew(): (diagnostic: Diagnostic) => boolean {
  const told = new Set<string>();
  return (one) => told.size < told.add(`${line(one)}:${column(one)} ${one.code} ${one.message}`).size;
}

function line(diagnostic: Diagnostic): number {
  return diagnostic.at?.line ?? 0;
}

function column(diagnostic: Diagnostic): number {
  return diagnostic.at?.column ?? 0;
}
