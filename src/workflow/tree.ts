/** A YAML file as plain data with places: aliases resolved, limits held, every problem of the syntax told. */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  Parser,
  type YAMLError,
} from 'yaml';
import type { Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { isName } from '../template/template.ts';
import { type Problems, printable } from './problems.ts';
import { type Respelt, respell } from './spellings.ts';

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
  if (!isReadable(text, problems)) return null;
  const respelt = respell(text);
  const places = placesIn(respelt, problems.file);
  const documents = [
    ...new Composer({ uniqueKeys: false, prettyErrors: false, strict: true, merge: false }).compose(
      new Parser().parse(respelt.text),
      true,
      respelt.text.length,
    ),
  ];
  for (const document of documents) addSyntaxProblems(document, places, problems);
  const [first, second] = documents;
  if (second) {
    const at = places(second.range[0]);
    problems.add({ code: 'yaml', at, message: 'a second document begins here; a workflow is one document' });
  }
  if (!first?.contents) return null;
  return convert(first, { source: respelt.text, places, problems });
}

function isReadable(text: string, problems: Problems): boolean {
  const at = { file: problems.file, line: 1, column: 1 };
  if (Buffer.byteLength(text, 'utf8') > limits.workflowBytesMax) {
    const message = `the file is larger than ${limits.workflowBytesMax / 1024} KiB, the most that a workflow may have`;
    problems.add({ code: 'too-large', at, message });
    return false;
  }
  const nul = text.indexOf('\0');
  if (nul < 0) return true;
  const before = text.slice(0, nul).split('\n');
  problems.add({
    code: 'nul',
    at: { file: problems.file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    message: 'the file contains a NUL character, so it is no text file',
  });
  return false;
}

type Places = (offset: number) => Position;

/** From an offset in the respelt text to the place in the file. */
function placesIn(respelt: Respelt, file: string): Places {
  const starts = [0];
  for (let at = respelt.text.indexOf('\n'); at >= 0; at = respelt.text.indexOf('\n', at + 1))
    starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = respelt.column(low, offset - (starts[low] ?? 0));
    return { file, line: low + 1, column: column + 1 };
  };
}

function addSyntaxProblems(document: Document.Parsed, places: Places, problems: Problems): void {
  const told = new Set<number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const at = places(error.pos[0]);
    // One slip makes the parser stumble several times in its line; the first says it.
    if (told.has(at.line)) continue;
    told.add(at.line);
    const severity = error.name === 'YAMLWarning' ? 'warning' : 'error';
    problems.add({
      code: 'yaml',
      severity,
      at,
      message: syntaxMessage(error),
      hint: syntaxHint(error, at, problems),
    });
  }
}

function syntaxMessage(error: YAMLError): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return 'not valid YAML: collections are nested too deeply';
  return `not valid YAML: ${error.message.replace(/^[A-Z][a-z]/, (start) => start.toLowerCase())}`;
}

function syntaxHint(error: YAMLError, at: Position, problems: Problems): string | undefined {
  const source = problems.lines[at.line - 1] ?? '';
  if (/^ *\t/.test(source)) return 'indent with spaces; YAML does not allow tabs there';
  if (/:\s*\{[\w./-]+\}\s*\S/.test(source))
    return 'put text with placeholders into quotes: "{name} and more"';
  if (error.code === 'MISSING_CHAR') return 'what is missing belongs further up, where it was opened';
  if (error.message.startsWith('Flow ')) return 'a `[` or `{` further up is not closed';
  if (error.code === 'BAD_INDENT') return 'keys of one mapping begin in the same column';
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return 'put text that contains `: ` into quotes';
  if (error.code === 'MULTILINE_IMPLICIT_KEY')
    return 'is a `:` missing, or the indentation wrong, in the line above?';
  return undefined;
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
  if (node.anchor) conversion.anchors.set(node.anchor, node);
  conversion.open.add(node);
  const tree = convertValue(node, at, { depth, conversion });
  conversion.open.delete(node);
  return tree;
}

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
