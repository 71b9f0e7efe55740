/** `[validation]` of gump.toml: the project's own commands, and from which commit they are taken. Pure. */
import { parse, TomlError } from 'smol-toml';
import { type Diagnostic, nearest } from '../diagnostic.ts';

/** What a project is asked to do for a gate. */
export type Goal = 'compile' | 'test' | 'lint' | 'coverage';
const goals: readonly Goal[] = ['compile', 'test', 'lint', 'coverage'];

export interface ValidationSettings {
  /** Shell commands, run in the tree's top folder. */
  readonly commands: Readonly<Partial<Record<Goal, string>>>;
  /** `base`: commands as of the commit that the run started on; `head`: as of the attempt. */
  readonly from: 'base' | 'head';
}

export const noValidation: ValidationSettings = { commands: {}, from: 'base' };

/** Reads `[validation]`; a file without that table gives the defaults, other tables are not looked at. */
export function parseValidation({ file, text }: { readonly file: string; readonly text: string }): {
  readonly settings: ValidationSettings | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  let table: unknown;
  try {
    table = parse(text).validation ?? {};
  } catch (error) {
    return { settings: null, diagnostics: [notToml(file, text, error)] };
  }
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    return {
      settings: null,
      diagnostics: [problem({ file, text }, 'validation', '`validation` must be a table')],
    };
  }
  const entries = Object.entries(table);
  const diagnostics = entries.flatMap(([key, value]) => checkEntry({ file, text }, key, value));
  return { settings: diagnostics.length === 0 ? settingsOf(entries) : null, diagnostics };
}

function settingsOf(entries: readonly (readonly [string, unknown])[]): ValidationSettings {
  const from = entries.find(([key]) => key === 'from')?.[1] === 'head' ? 'head' : 'base';
  return { commands: Object.fromEntries(entries.filter(([key]) => key !== 'from')), from };
}

interface Source {
  readonly file: string;
  readonly text: string;
}

function checkEntry(source: Source, key: string, value: unknown): Diagnostic[] {
  const known = [...goals, 'from'];
  if (!known.includes(key)) {
    const near = nearest(key, known);
    const hint = near ? `did you mean \`${near}\`?` : `known keys: ${known.join(', ')}`;
    return [{ ...problem(source, key, `unknown key \`${key}\` in [validation]`), hint }];
  }
  if (key === 'from' && value !== 'base' && value !== 'head') {
    return [problem(source, key, '`from` must be "base" or "head"')];
  }
  const isText = typeof value === 'string' && value.trim() !== '';
  return isText ? [] : [problem(source, key, `\`${key}\` must be a shell command that is not empty`)];
}

function problem({ file, text }: Source, key: string, message: string): Diagnostic {
  const lines = text.split(/\r?\n/);
  const start = Math.max(
    0,
    lines.findIndex((line) => /^\s*\[\s*validation\s*\]/.test(line)),
  );
  // Bare or quoted, before its `=`: the name of a key may stand in another key's command as well.
  const own = lines.findIndex((line, at) => at > start && keyOf(line) === key);
  const index = own < 0 ? start : own;
  const sourceLine = lines[index] ?? '';
  const at = { file, line: index + 1, column: Math.max(0, sourceLine.indexOf(key)) + 1 };
  return { severity: 'error', code: 'validation', message, at, sourceLine };
}

function keyOf(line: string): string {
  return (line.split('=', 1)[0] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2');
}

function notToml(file: string, text: string, error: unknown): Diagnostic {
  const [line, column] = error instanceof TomlError ? [error.line, error.column] : [1, 1];
  const first = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const sourceLine = text.split(/\r?\n/)[line - 1] ?? '';
  return { severity: 'error', code: 'toml', message: first, at: { file, line, column }, sourceLine };
}
