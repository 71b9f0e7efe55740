/**
 * Two spellings of the documentation that are not YAML, made into YAML before it is parsed. No line is added or taken,
 * content of block scalars, quoted text and flow collections is not touched, and every place can be told as it was.
 * (The third, a bare `{placeholder}`, is YAML for something else, and is understood in tree.ts.)
 */
import { Lexer } from 'yaml';

export interface Respelt {
  readonly text: string;
  /** The column (from 0) that a column (from 0) of the respelt line (from 0) had in the file. */
  column(line: number, column: number): number;
}

/** Behind `column` of the respelt line, the file is this much further right (or left). */
interface Shift {
  readonly column: number;
  readonly by: number;
}

/** Never fails; text that uses no such spelling comes back as it is. */
export function respell(text: string): Respelt {
  const lines = text.split('\n');
  const shifts = new Map<number, readonly Shift[]>();
  // Lexing costs as much as parsing again: only where a line looks like it.
  const isWanted = lines.some((line, at) => sessionFrom.test(line) || mayBeValidator(lines, at));
  const isCode = isWanted ? codeLines(text, lines.length) : [];
  for (let line = 0; line < lines.length; line++) {
    if (isCode[line]) respellSession(lines, line, shifts);
  }
  for (let line = 0; line < lines.length; line++) {
    if (isCode[line]) line = respellValidator(lines, line, { isCode, shifts });
  }
  return {
    text: lines.join('\n'),
    column: (line, column) =>
      (shifts.get(line) ?? []).reduce(
        (sum, shift) => (column >= shift.column ? sum + shift.by : sum),
        column,
      ),
  };
}

/** True for each line that starts outside of block scalars, quoted text and flow collections. */
function codeLines(text: string, count: number): readonly boolean[] {
  const isCode = Array.from({ length: count }, () => true);
  let line = 0;
  let depth = 0;
  let header = false;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    const isScalar = previous === scalarMark;
    const isBlock = isScalar && header;
    if (token === flowEnd) depth = 0;
    else if (!isScalar && (token === '{' || token === '[')) depth++;
    else if (!isScalar && (token === '}' || token === ']')) depth = Math.max(0, depth - 1);
    if (isBlock && token !== '') isCode[line] = false;
    const isText = isBlock || depth > 0 || (!isScalar && (token[0] === '"' || token[0] === "'"));
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) {
      line++;
      if (isText && !(isBlock && at === token.length - 1)) isCode[line] = false;
    }
    if (isScalar) header = false;
    else if (/^[|>][-+0-9]*$/.test(token)) header = true;
    previous = token;
  }
  return isCode;
}

/** Marks of the lexer: what follows is a scalar's text; a flow collection ended early. */
const scalarMark = '\u001f';
const flowEnd = '\u0018';

const sessionFrom = /^(\s*(?:- +)*session:[ \t]+)(from:[ \t]+[^\s,#{}[\]]+)([ \t]*(?:[ \t]#.*)?\r?)$/;
const validatePath = /^( *(?:- +)*)validate:[ \t]+[^\s|>#&]/;

/** Whether what follows is indented deeper, judged by the look of the lines alone. */
function mayBeValidator(lines: readonly string[], line: number): boolean {
  const column = validatePath.exec(lines[line] ?? '')?.[1]?.length;
  if (column === undefined) return false;
  let next = line + 1;
  while (next < lines.length && /^\s*(?:#.*)?$/.test(lines[next] ?? '')) next++;
  return indentOf(lines[next] ?? '') > column;
}

/** `session: from: converge` → `session: {from: converge}`. */
function respellSession(lines: string[], line: number, shifts: Map<number, readonly Shift[]>): void {
  const match = sessionFrom.exec(lines[line] ?? '');
  if (!match) return;
  const [, before = '', pair = '', after = ''] = match;
  lines[line] = `${before}{${pair}}${after}`;
  const open = before.length + 1;
  shifts.set(line, [
    { column: open, by: -1 },
    { column: open + pair.length + 1, by: -1 },
  ]);
}

interface Context {
  readonly isCode: readonly boolean[];
  readonly shifts: Map<number, readonly Shift[]>;
}

/**
 * `- validate: path` with keys indented deeper: they move left below `validate`, with all that belongs to them.
 * Returns the last line that was looked at.
 */
function respellValidator(lines: string[], line: number, { isCode, shifts }: Context): number {
  const match = validatePath.exec(lines[line] ?? '');
  if (!match) return line;
  const column = match[1]?.length ?? 0;
  const isBlank = (at: number): boolean => isCode[at] === true && /^\s*(?:#[^\n]*)?$/.test(lines[at] ?? '');
  let first = line + 1;
  while (first < lines.length && isBlank(first)) first++;
  const by = indentOf(lines[first] ?? '') - column;
  const isKey = isCode[first] === true && /^ *(?:[\w.-]+|"[^"]*"|'[^']*'):(?:\s|$)/.test(lines[first] ?? '');
  if (by <= 0 || !isKey) return line;
  let end = first;
  while (end < lines.length && (!isCode[end] || isBlank(end) || indentOf(lines[end] ?? '') > column)) end++;
  for (let at = first; at < end; at++) {
    const text = lines[at] ?? '';
    const moved = Math.min(by, indentOf(text));
    lines[at] = text.slice(moved);
    const others = (shifts.get(at) ?? []).map((shift) => ({ ...shift, column: shift.column - moved }));
    shifts.set(at, [...others, { column: 0, by: moved }]);
  }
  return end - 1;
}

function indentOf(text: string): number {
  return /^ */.exec(text)?.[0].length ?? 0;
}
