/** Where words go: results to stdout, everything about them to stderr; colour only where a person looks. */
import { cleanLines, type Diagnostic, formatDiagnostic } from '../local.ts';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printNote(text: string): void {
  writeError(`${text}\n`);
}

export function printError(text: string): void {
  writeError(`error: ${text}\n`);
}

/** Messages quote what was typed and what files say: nothing in them may steer a terminal. */
export function writeError(text: string): void {
  process.stderr.write(cleanLines(text).join('\n'));
}

export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) printNote(formatDiagnostic(diagnostic));
}

/** NO_COLOR and FORCE_COLOR as people expect them; else colour on a terminal only. */
export function wantsColour(): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0';
  return process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

export interface Progress {
  show(text: string): void;
  /** The line is gone afterwards. */
  clear(): void;
}

/** One line that is written over again and again; only where a person looks. */
export function showProgress(): Progress {
  const stream = process.stderr;
  const write = (text: string) => {
    if (stream.isTTY && process.env.TERM !== 'dumb') stream.write(`\r\x1b[K${text}`);
  };
  return { show: write, clear: () => write('') };
}
