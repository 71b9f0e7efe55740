/** The text of a TOML file as a tree whose parts know their places. */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import type { Problems } from '../workflow/problems.ts';

interface Placed {
  readonly at: Position;
  /** Offsets into the text, the end behind the last character. */
  readonly range: readonly [start: number, end: number];
}

export interface Scalar extends Placed {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | Date;
}

export interface List extends Placed {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface Table extends Placed {
  readonly kind: 'table';
  readonly entries: ReadonlyMap<string, Entry>;
}

export type Node = Scalar | List | Table;

export interface Entry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: Node;
}

/** Null, with a problem, where the text is no TOML: the parser stops at its first mistake. */
export function readToml(file: string, text: string, problems: Problems): Table | null {
  const program = parse(text);
  if ('problem' in program) {
    problems.add({ code: 'toml', ...program.problem, at: { file, ...program.problem.at } });
    return null;
  }
  const root = newTable({ at: { file, line: 1, column: 1 }, range: [0, text.length] });
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') addPair(file, root, node);
    else addTable(file, root, node);
  }
  return root;
}

type Failure = {
  readonly problem: {
    readonly message: string;
    readonly hint?: string;
    readonly at: { readonly line: number; readonly column: number };
  };
};

/** The parser's own tree, for whoever edits the text; a failure where it is no TOML. */
export function parse(text: string): AST.TOMLProgram | Failure {
  const start = { line: 1, column: 1 };
  if (Buffer.byteLength(text) > limits.configBytesMax) {
    return { problem: { message: `the file has more than ${limits.configBytesMax} bytes`, at: start } };
  }
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof RangeError)
      return { problem: { message: 'this is nested too deeply to be read', at: start } };
    if (!(error instanceof ParseError)) throw error;
    const { message } = error;
    const said = message.slice(0, 1).toLowerCase() + message.slice(1);
    return {
      problem: {
        message: `this is no TOML: ${said}`,
        hint: 'text stands in quotes: key = "value"',
        at: placeOf(text, error),
      },
    };
  }
}

/** A value that is missing is noticed behind its line; the line itself says more. */
function placeOf(text: string, { lineNumber, column }: ParseError): { line: number; column: number } {
  const before = text.split('\n')[lineNumber - 2];
  return column === 0 && before !== undefined && /=\s*(#.*)?$/.test(before)
    ? { line: lineNumber - 1, column: before.trimEnd().length + 1 }
    : { line: lineNumber, column: column + 1 };
}

interface GrowingTable extends Table {
  readonly entries: Map<string, Entry>;
}

function newTable(place: Placed): GrowingTable {
  return { kind: 'table', entries: new Map(), ...place };
}

function addTable(file: string, root: GrowingTable, node: AST.TOMLTable): void {
  const names = node.key.keys;
  const [parents, last] = [names.slice(0, -1), names.at(-1)];
  const parent = descend(file, root, parents);
  if (!last) return;
  const key = textOf(last);
  const known = parent.entries.get(key)?.value;
  const table =
    node.kind === 'standard' && known?.kind === 'table'
      ? (known as GrowingTable)
      : newTable(placed(file, node));
  const value: Node =
    node.kind === 'array'
      ? {
          kind: 'list',
          items: [...(known?.kind === 'list' ? known.items : []), table],
          ...placed(file, node),
        }
      : table;
  parent.entries.set(key, { key, keyAt: placed(file, last).at, value });
  for (const pair of node.body) addPair(file, table, pair);
}

function addPair(file: string, table: GrowingTable, node: AST.TOMLKeyValue): void {
  const names = node.key.keys;
  const last = names.at(-1);
  if (!last) return;
  const parent = descend(file, table, names.slice(0, -1));
  const key = textOf(last);
  parent.entries.set(key, { key, keyAt: placed(file, last).at, value: nodeOf(file, node.value) });
}

type Name = AST.TOMLBare | AST.TOMLQuoted;

/** The table of a dotted name, made where it is not there yet; in an array of tables the last one. */
function descend(file: string, from: GrowingTable, names: readonly Name[]): GrowingTable {
  let table = from;
  for (const name of names) {
    const key = textOf(name);
    const value = table.entries.get(key)?.value;
    const found = value?.kind === 'list' ? value.items.at(-1) : value;
    const next = found?.kind === 'table' ? (found as GrowingTable) : newTable(placed(file, name));
    if (!found) table.entries.set(key, { key, keyAt: placed(file, name).at, value: next });
    table = next;
  }
  return table;
}

function nodeOf(file: string, node: AST.TOMLContentNode): Node {
  const place = placed(file, node);
  if (node.type === 'TOMLArray') {
    return { kind: 'list', items: node.elements.map((element) => nodeOf(file, element)), ...place };
  }
  if (node.type === 'TOMLValue') return { kind: 'scalar', value: node.value, ...place };
  const table = newTable(place);
  for (const pair of node.body) addPair(file, table, pair);
  return table;
}

/** What a name of a key says: `a` and `"a"` are one key. */
export function textOf(name: Name): string {
  return name.type === 'TOMLBare' ? name.name : name.value;
}

function placed(file: string, { loc, range }: Pick<AST.TOMLNode, 'loc' | 'range'>): Placed {
  return { at: { file, line: loc.start.line, column: loc.start.column + 1 }, range };
}
