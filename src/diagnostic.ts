/** A person's mistake in a file or a command: told with its place, never thrown, all of them at once. */

/** Line and column count from 1; the column counts UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable and greppable, e.g. `unknown-key`. */
  readonly code: string;
  readonly message: string;
  readonly at?: Position;
  /** The line that `at` points into, without its line ending. */
  readonly sourceLine?: string;
  readonly hint?: string;
}

/** True when at least one of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/**
 * `file:line:column: error: message`, then the source line with a pointer, then the hint.
 * Several lines, no line ending behind the last.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { at, severity, message, sourceLine, hint } = diagnostic;
  const place = at ? `${at.file}:${at.line}:${at.column}: ` : '';
  const lines = [`${place}${severity}: ${message}`];
  if (at && sourceLine !== undefined) lines.push(...frame(at, sourceLine));
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

function frame(at: Position, sourceLine: string): string[] {
  const gutter = String(at.line);
  const pad = sourceLine.slice(0, at.column - 1).replace(/[^\t]/g, ' ');
  return [`  ${gutter} | ${sourceLine}`, `  ${' '.repeat(gutter.length)} | ${pad}^`];
}

/** The nearest of `known` to `word` by edit distance, or null where nothing is near (more than a third differs). */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(Math.max(word.length, 3) / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8 || a.length > 200) return 99;
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      // Two letters in the wrong order are one slip of a person, not two.
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before[j - 2] ?? 0) + 1 : substitution;
      next.push(Math.min(substitution, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 99;
}
