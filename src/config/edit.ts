/** Setting one key in the text of a file, so that comments, order and layout stay as they are. */
import type { AST } from 'toml-eslint-parser';
import { isNamed, namedTables } from './fields.ts';
import type { Key } from './keys.ts';
import { parse, textOf } from './toml.ts';

/** The new text; or why only a person should write it. */
export type Edited = { readonly text: string } | { readonly problem: string };

/** `literal` is the value as TOML writes it. The rest of the file says the same as before, or nothing is edited. */
export function setKey(text: string, key: Key, literal: string): Edited {
  const program = parse(text);
  if ('problem' in program) return { problem: `it cannot be read: ${program.problem.message}` };
  const wish: Wish = { text, program, path: pathOf(key), alias: key.field.alias ?? null, literal };
  const edited = replaced(wish) ?? insertedInTable(wish) ?? insertedAtTop(wish) ?? appended(wish);
  if ('problem' in edited) return edited;
  return isSameBut(text, edited.text, wish)
    ? edited
    : { problem: 'it is written in a way that cannot be edited safely' };
}

/** What a person writes to say the same, for where nothing is edited. */
export function tomlLines(key: Key, literal: string): string {
  const path = pathOf(key);
  const line = `${quoted(path.at(-1) ?? '')} = ${literal}`;
  return path.length === 1 ? line : `[${path.slice(0, -1).map(quoted).join('.')}]\n${line}`;
}

interface Wish {
  readonly text: string;
  readonly program: AST.TOMLProgram;
  readonly path: readonly string[];
  /** Another spelling of the last name, where it has one. */
  readonly alias: string | null;
  readonly literal: string;
}

function pathOf({ section, name, of }: Key): readonly string[] {
  if (section === 'root') return [name];
  return isNamed(section) ? [namedTables[section], of ?? '', name] : [section, name];
}

interface Pair {
  readonly path: readonly string[];
  readonly value: AST.TOMLContentNode;
}

/** Every key of the file that has a value, in its order; those of inline tables too. */
function pairsOf(program: AST.TOMLProgram): readonly Pair[] {
  return program.body[0].body.flatMap((node) => {
    if (node.type === 'TOMLKeyValue') return pairsIn([], node);
    const prefix = node.resolvedKey.map(String);
    return node.body.flatMap((inner) => pairsIn(prefix, inner));
  });
}

function pairsIn(prefix: readonly string[], node: AST.TOMLKeyValue): Pair[] {
  const path = [...prefix, ...node.key.keys.map(textOf)];
  const { value } = node;
  return value.type === 'TOMLInlineTable'
    ? value.body.flatMap((inner) => pairsIn(path, inner))
    : [{ path, value }];
}

function isPath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

function isWanted({ path, alias }: Wish, found: readonly string[]): boolean {
  return isPath(path, found) || (alias !== null && isPath([...path.slice(0, -1), alias], found));
}

/** The key is there: only its value changes. */
function replaced(wish: Wish): Edited | null {
  const pair = pairsOf(wish.program).find(({ path }) => isWanted(wish, path));
  if (!pair) return null;
  const [start, end] = pair.value.range;
  return { text: wish.text.slice(0, start) + wish.literal + wish.text.slice(end) };
}

/** Its table is there: a line behind the last one of it, or behind a line that has it as a comment. */
function insertedInTable(wish: Wish): Edited | null {
  const table = wish.path.slice(0, -1);
  if (table.length === 0) return null;
  const header = wish.program.body[0].body.find((node): node is AST.TOMLTable => {
    return (
      node.type === 'TOMLTable' && node.kind === 'standard' && isPath(node.resolvedKey.map(String), table)
    );
  });
  if (!header) return null;
  const last = header.body.at(-1)?.range[1] ?? header.range[1];
  return { text: withLine(wish, sampleEnd(wish, header.range[0]) ?? lineEnd(wish.text, last)) };
}

/** A key of the top stands before the first table, and before the comment that belongs to it. */
function insertedAtTop(wish: Wish): Edited | null {
  if (wish.path.length > 1) return null;
  const { body } = wish.program.body[0];
  const last = body.findLast((node) => node.type === 'TOMLKeyValue');
  const sample = sampleEnd(wish, 0);
  if (sample !== null) return { text: withLine(wish, sample) };
  if (last) return { text: withLine(wish, lineEnd(wish.text, last.range[1])) };
  const first = body.find((node) => node.type === 'TOMLTable');
  const before = first ? wish.text.slice(0, first.range[0]) : wish.text;
  const block = before.length - (/(?:(?<=^|\n)[ \t]*#[^\n]*\n)*$/.exec(before)?.[0].length ?? 0);
  const at = first ? block : wish.text.length;
  const eol = eolOf(wish.text);
  const start = at === 0 || wish.text[at - 1] === '\n' ? '' : eol;
  return {
    text: `${wish.text.slice(0, at)}${start}${lineOf(wish)}${eol}${first ? eol : ''}${wish.text.slice(at)}`,
  };
}

/** Its table is nowhere: a new one at the end. */
function appended(wish: Wish): Edited {
  const table = wish.path.slice(0, -1);
  const isThere = pairsOf(wish.program).some(
    ({ path }) => path.length > table.length && isPath(path.slice(0, table.length), table),
  );
  if (isThere)
    return { problem: `[${table.join('.')}] is written there as an inline table or with dotted keys` };
  const eol = eolOf(wish.text);
  const end = wish.text === '' || wish.text.endsWith('\n') ? '' : eol;
  const gap = wish.text.trim() === '' ? '' : eol;
  return { text: `${wish.text}${end}${gap}[${table.map(quoted).join('.')}]${eol}${lineOf(wish)}${eol}` };
}

/** Behind a line such as `# max_budget = 20.00`, in the part of the file that begins at `from`; null where there is none. */
function sampleEnd({ text, program, path }: Wish, from: number): number | null {
  const next = program.body[0].body.find((node) => node.type === 'TOMLTable' && node.range[0] > from);
  const part = text.slice(from, next?.range[0]);
  const name = path.at(-1) ?? '';
  const sample = new RegExp(`^[ \\t]*#[ \\t]*${name.replace(/[^\w-]/g, '\\$&')}[ \\t]*=`, 'm').exec(part);
  return sample ? lineEnd(text, from + sample.index + sample[0].length) : null;
}

/** The offset behind the line that holds a place, its line ending included. */
function lineEnd(text: string, place: number): number {
  const end = text.indexOf('\n', place);
  return end < 0 ? text.length : end + 1;
}

function withLine(wish: Wish, at: number): string {
  const eol = eolOf(wish.text);
  const start = at === 0 || wish.text[at - 1] === '\n' ? '' : eol;
  return `${wish.text.slice(0, at)}${start}${lineOf(wish)}${eol}${wish.text.slice(at)}`;
}

function lineOf({ path, literal }: Wish): string {
  return `${quoted(path.at(-1) ?? '')} = ${literal}`;
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function quoted(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}

/** Whether every other key has the value that it had, and every comment stands where it stood among the others. */
function isSameBut(before: string, after: string, wish: Wish): boolean {
  const [one, other] = [parse(before), parse(after)];
  if ('problem' in one || 'problem' in other) return false;
  const rest = (program: AST.TOMLProgram, text: string) =>
    pairsOf(program)
      .filter(({ path }) => !isWanted(wish, path))
      .map(({ path, value }) => [path, text.slice(...value.range)]);
  const comments = (program: AST.TOMLProgram) => program.comments.map(({ value }) => value);
  const values = pairsOf(other).filter(({ path }) => isWanted(wish, path));
  const isSet =
    values.length === 1 && values.every(({ value }) => after.slice(...value.range) === wish.literal);
  const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return isSet && isEqual(rest(one, before), rest(other, after)) && isEqual(comments(one), comments(other));
}
