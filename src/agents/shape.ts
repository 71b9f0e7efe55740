/** The shapes that a small YAML file may have, and one walk that tells every deviation with its place. Pure. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
} from 'yaml';
import { type Diagnostic, nearest, type Position } from '../diagnostic.ts';

export type Shape =
  | {
      readonly kind: 'map';
      readonly fields: Readonly<Record<string, Shape>>;
      readonly required?: readonly string[];
    }
  /** A map with any keys: path → text. */
  | { readonly kind: 'record'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'text'; readonly filled?: boolean }
  | { readonly kind: 'flag' }
  | { readonly kind: 'number'; readonly min: number; readonly max?: number; readonly whole?: boolean }
  | {
      readonly kind: 'choice';
      readonly words: readonly string[];
      readonly number?: Shape & { kind: 'number' };
    };

export interface Source {
  readonly file: string;
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Every way in which the document differs from the shape, in the order of the file; empty where it fits. */
export function checkShape(source: Source, shape: Shape): Diagnostic[] {
  const problems: Diagnostic[] = [];
  check({ source, problems }, source.document.contents as Node | null, {
    shape,
    name: 'the file',
    offset: 0,
  });
  return problems.sort((a, b) => line(a) - line(b) || column(a) - column(b));
}

function line(problem: Diagnostic): number {
  return problem.at?.line ?? 0;
}

function column(problem: Diagnostic): number {
  return problem.at?.column ?? 0;
}

/** Line and column of an offset, with the text of that line. */
export function placeOf(source: Source, offset: number): { at: Position; sourceLine: string } {
  const place = source.lines.linePos(Math.min(offset, source.text.length));
  const at = { file: source.file, line: Math.max(1, place.line), column: Math.max(1, place.col) };
  return { at, sourceLine: source.text.split(/\r?\n/)[at.line - 1] ?? '' };
}

interface Walk {
  readonly source: Source;
  readonly problems: Diagnostic[];
}
interface Expected {
  readonly shape: Shape;
  /** What messages call the value: its key, or `the file`. */
  readonly name: string;
  /** Where to point when there is no node. */
  readonly offset: number;
}

function check(walk: Walk, found: Node | null | undefined, expected: Expected): void {
  const node = isAlias(found) ? resolved(walk, found) : found;
  const { shape } = expected;
  if (shape.kind === 'map') checkMap(walk, node, { ...expected, shape });
  else if (shape.kind === 'record') checkRecord(walk, node, { ...expected, shape });
  else if (shape.kind === 'list') checkList(walk, node, { ...expected, shape });
  else if (!isScalar(node) || !fits(shape, node.value)) wrongType(walk, node, expected);
}

function resolved(walk: Walk, alias: Alias): Node | undefined {
  return alias.resolve(walk.source.document) as Node | undefined;
}

function checkMap(
  walk: Walk,
  node: Node | null | undefined,
  expected: Expected & { shape: Shape & { kind: 'map' } },
): void {
  if (!isMap(node)) {
    wrongType(walk, node, expected);
    return;
  }
  const known = Object.keys(expected.shape.fields);
  const seen = new Set<string>();
  for (const pair of node.items) {
    const offset = offsetOf(pair.key as Node, expected.offset);
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    seen.add(key);
    const field = Object.hasOwn(expected.shape.fields, key) ? expected.shape.fields[key] : undefined;
    if (field) check(walk, pair.value as Node | null, { shape: field, name: `\`${key}\``, offset });
    else tell(walk, offset, unknownKey(key, known, expected.name));
  }
  for (const key of expected.shape.required ?? []) {
    if (!seen.has(key)) {
      tell(walk, offsetOf(node, expected.offset), {
        code: 'missing-key',
        message: `${expected.name} has no \`${key}\`, which it needs`,
      });
    }
  }
}

function unknownKey(key: string, known: readonly string[], where: string): Told {
  const near = nearest(key, known);
  return {
    code: 'unknown-key',
    message: `unknown key \`${key}\` in ${where}`,
    hint: near ? `did you mean \`${near}\`?` : `known keys: ${known.join(', ')}`,
  };
}

function checkRecord(
  walk: Walk,
  node: Node | null | undefined,
  expected: Expected & { shape: Shape & { kind: 'record' } },
): void {
  if (!isMap(node)) {
    wrongType(walk, node, expected);
    return;
  }
  for (const pair of node.items) {
    const offset = offsetOf(pair.key as Node, expected.offset);
    const key = isScalar(pair.key) ? String(pair.key.value ?? '') : '';
    if (key === '') {
      tell(walk, offset, {
        code: 'wrong-type',
        message: `a key in ${expected.name} must be text and not empty`,
      });
    }
    check(walk, pair.value as Node | null, { shape: expected.shape.of, name: `\`${key}\``, offset });
  }
}

function checkList(
  walk: Walk,
  node: Node | null | undefined,
  expected: Expected & { shape: Shape & { kind: 'list' } },
): void {
  if (!isSeq(node)) {
    wrongType(walk, node, expected);
    return;
  }
  for (const item of node.items) {
    const offset = offsetOf(item as Node, expected.offset);
    check(walk, item as Node, { shape: expected.shape.of, name: `an entry of ${expected.name}`, offset });
  }
}

function fits(shape: Exclude<Shape, { kind: 'map' | 'record' | 'list' }>, value: unknown): boolean {
  if (shape.kind === 'text') return typeof value === 'string' && !(shape.filled && value.trim() === '');
  if (shape.kind === 'flag') return typeof value === 'boolean';
  if (shape.kind === 'choice') {
    if (shape.number && fits(shape.number, value)) return true;
    return typeof value === 'string' && shape.words.includes(value);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (shape.whole && !Number.isSafeInteger(value)) return false;
  return value >= shape.min && value <= (shape.max ?? Number.POSITIVE_INFINITY);
}

function wrongType(walk: Walk, node: Node | null | undefined, expected: Expected): void {
  tell(walk, offsetOf(node, expected.offset), {
    code: 'wrong-type',
    message: `${expected.name} must be ${wanted(expected.shape)}, not ${given(node)}`,
    ...quotingHint(expected.shape, node),
  });
}

function quotingHint(shape: Shape, node: Node | null | undefined): { hint?: string } {
  const isOtherScalar = shape.kind === 'text' && isScalar(node) && node.value !== null && node.value !== '';
  return isOtherScalar ? { hint: 'put it in quotes' } : {};
}

function wanted(shape: Shape): string {
  if (shape.kind === 'map') return `a map with the keys ${Object.keys(shape.fields).join(', ')}`;
  if (shape.kind === 'record') return 'a map of names to text';
  if (shape.kind === 'list') return 'a list';
  if (shape.kind === 'flag') return 'true or false';
  if (shape.kind === 'text') return shape.filled ? 'text that is not empty' : 'text';
  if (shape.kind === 'number') return range(shape);
  const words = shape.words.map((word) => `\`${word}\``);
  return [...(shape.number ? [range(shape.number)] : []), ...words].join(' or ');
}

function range(shape: Shape & { kind: 'number' }): string {
  const what = shape.whole ? 'a whole number' : 'a number';
  return shape.max === undefined
    ? `${what} of at least ${shape.min}`
    : `${what} from ${shape.min} to ${shape.max}`;
}

function given(node: Node | null | undefined): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'empty';
  if (node.value === '') return 'empty text';
  if (typeof node.value === 'string') return `the text \`${node.value.slice(0, 60)}\``;
  return `\`${String(node.value).slice(0, 60)}\``;
}

function offsetOf(node: Node | null | undefined, otherwise: number): number {
  return node?.range?.[0] ?? otherwise;
}

type Told = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

function tell(walk: Walk, offset: number, told: Told): void {
  walk.problems.push({ severity: 'error', ...told, ...placeOf(walk.source, offset) });
}
