/** A YAML file as plain data with places: aliases resolved and limits held. */
import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { isName } from '../template/template.ts';
import { type Places, readDocument } from './documents.ts';
import { type Problems, printable } from './problems.ts';

export type Tree = Scalar | List | Mapping;

export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes and folded; numbers keep their digits (`20.00`); empty for nothing. */
  readonly text: string;
  readonly at: Position;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly at: Position;
}

export interface Mapping {
  readonly kind: 'mapping';
  readonly pairs: readonly Pair[];
  readonly at: Position;
}

export interface Pair {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: Tree;
}

/** The file's tree, or null where it has none or passes a limit; problems are added, nothing is thrown. */
export function readTree(text: string, problems: Problems): Tree | null {
  const read = readDocument(text, problems);
  return read && convert(read.document, { source: read.source, places: read.places, problems });
}

interface Conversion {
  readonly document: Document.Parsed;
  readonly source: string;
  readonly places: Places;
  readonly problems: Problems;
  /** What anchors stand for. */
  readonly anchors: Map<string, ParsedNode>;
  /** Anchors that are being expanded: an alias to one of them would never end. */
  readonly open: Set<ParsedNode>;
  aliases: number;
  nodes: number;
  isStopped: boolean;
}

function convert(
  document: Document.Parsed,
  context: Pick<Conversion, 'source' | 'places' | 'problems'>,
): Tree | null {
  const { contents } = document;
  if (!contents) return null;
  const conversion: Conversion = {
    ...context,
    document,
    anchors: new Map(),
    open: new Set(),
    aliases: 0,
    nodes: 0,
    isStopped: false,
  };
  const tree = convertNode(contents as ParsedNode, 1, conversion);
  return conversion.isStopped ? null : tree;
}

function convertNode(node: ParsedNode | null, depth: number, conversion: Conversion, near?: Position): Tree {
  const at = node?.range ? conversion.places(node.range[0]) : (near ?? conversion.places(0));
  if (conversion.isStopped || !node) return nothing(at);
  if (depth > limits.yamlDepthMax)
    return stop(conversion, at, `nested deeper than ${limits.yamlDepthMax} levels`);
  if (++conversion.nodes > limits.yamlNodesMax) {
    return stop(conversion, at, `more than ${limits.yamlNodesMax} values, aliases expanded`);
  }
  if (isAlias(node)) return convertAlias(node.source, at, { depth, conversion });
  refuseTag(node.tag, at, conversion);
  if (node.anchor) conversion.anchors.set(node.anchor, node);
  conversion.open.add(node);
  const tree = convertValue(node, at, { depth, conversion });
  conversion.open.delete(node);
  return tree;
}

/** Dates, bytes and sets are no values of a workflow. Tags of nobody were told when the text was read. */
function refuseTag(tag: string | undefined, at: Position, { problems }: Conversion): void {
  const name = /^tag:yaml\.org,2002:(.+)$/.exec(tag ?? '')?.[1];
  if (name === undefined || knownTags.includes(name)) return;
  const message = `a workflow has no value of the tag ${quoted(`!!${name}`)}`;
  problems.add({ code: 'yaml', at, message, hint: 'take the tag away' });
}

const knownTags: readonly string[] = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'];

interface Nesting {
  readonly depth: number;
  readonly conversion: Conversion;
}

function convertAlias(name: string, at: Position, { depth, conversion }: Nesting): Tree {
  if (++conversion.aliases > limits.yamlAliasesMax) {
    return stop(conversion, at, `more than ${limits.yamlAliasesMax} aliases, nested ones expanded`);
  }
  const target = conversion.anchors.get(name);
  if (!target) {
    const message = `not valid YAML: the alias *${name} stands for nothing; no &${name} comes before it`;
    conversion.problems.add({ code: 'yaml', at, message });
    return nothing(at);
  }
  if (conversion.open.has(target)) return stop(conversion, at, `the alias *${name} stands within itself`);
  return { ...convertNode(target, depth, conversion), at };
}

function convertValue(node: ParsedNode, at: Position, { depth, conversion }: Nesting): Tree {
  if (isSeq(node)) {
    const items = node.items.map((item) => convertNode(item as ParsedNode | null, depth + 1, conversion, at));
    return { kind: 'list', items, at };
  }
  if (isMap(node)) return convertMapping(node as ParsedNode & { items: unknown }, at, { depth, conversion });
  if (!isScalar(node)) return nothing(at);
  const { value, source } = node;
  if (typeof value === 'string') return { kind: 'scalar', value, text: value, at };
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', value, text: source ?? String(value), at };
  }
  return nothing(at);
}

function convertMapping(node: ParsedNode, at: Position, { depth, conversion }: Nesting): Tree {
  const bare = barePlaceholder(node, conversion.source);
  if (bare) return { kind: 'scalar', value: bare, text: bare, at };
  if (!isMap(node)) return nothing(at);
  const pairs: Pair[] = [];
  const seen = new Map<string, Position>();
  for (const { key, value } of node.items) {
    const keyNode = key as ParsedNode | null;
    const keyAt = keyNode?.range ? conversion.places(keyNode.range[0]) : at;
    if (!isScalar(keyNode)) {
      conversion.problems.add({
        code: 'wrong-key',
        at: keyAt,
        message: 'this key is not a word; keys are plain text',
      });
      continue;
    }
    const name = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? '');
    const first = seen.get(name);
    if (first) {
      const message = `the key ${quoted(name)} stands here a second time; the first is in line ${first.line}`;
      conversion.problems.add({ code: 'duplicate-key', at: keyAt, message, hint: 'remove one of them' });
    }
    seen.set(name, keyAt);
    const tree = convertNode(value as ParsedNode | null, depth + 1, conversion, keyAt);
    if (!first) pairs.push({ key: name, keyAt, value: isMissing(value) ? { ...tree, at: keyAt } : tree });
  }
  return { kind: 'mapping', pairs, at };
}

function isMissing(value: unknown): boolean {
  return !value || (isScalar(value) && value.value === null && !value.source);
}

/** `{converge.agent}`: the third spelling of the documentation. YAML sees a mapping with one key and no value. */
function barePlaceholder(node: ParsedNode, source: string): string | null {
  if (!isMap(node) || !node.flow || !node.range) return null;
  const text = source.slice(node.range[0], node.range[1]);
  return text.startsWith('{') && text.endsWith('}') && isName(text.slice(1, -1)) ? text : null;
}

function stop(conversion: Conversion, at: Position, what: string): Tree {
  if (!conversion.isStopped)
    conversion.problems.add({ code: 'too-complex', at, message: `the file cannot be read: ${what}` });
  conversion.isStopped = true;
  return nothing(at);
}

function nothing(at: Position): Scalar {
  return { kind: 'scalar', value: null, text: '', at };
}

/** A word of the file for a message: in backticks, on one line, cut. */
export function quoted(word: string): string {
  const line = printable(word.replace(/\s+/g, ' '));
  return `\`${line.length > 60 ? `${line.slice(0, 60)}…` : line}\``;
}

/** A value in words, for messages. */
export function describe(tree: Tree): string {
  if (tree.kind === 'list') return tree.items.length > 0 ? 'a list' : 'an empty list';
  if (tree.kind === 'mapping') return 'a mapping';
  if (tree.value === null) return 'nothing';
  return quoted(tree.text);
}
