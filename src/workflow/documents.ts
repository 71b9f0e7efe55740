/** A YAML file as a parsed document: limits held, every problem of the syntax told. */
import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import type { Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { spotsIn } from './lines.ts';
import type { Problems } from './problems.ts';
import { type Respelt, respell } from './spellings.ts';

/** From an offset in the parsed text to the place in the file. */
export type Places = (offset: number) => Position;

export interface ReadDocument {
  readonly document: Document.Parsed;
  /** The text that was parsed: the file in the spelling of YAML. */
  readonly source: string;
  readonly places: Places;
}

/** The file's only document; null where it has none or passes a limit. Problems are added, nothing is thrown. */
export function readDocument(text: string, problems: Problems): ReadDocument | null {
  if (!isReadable(text, problems)) return null;
  const respelt = respell(text);
  const places = placesIn(respelt, problems.file);
  const documents = compose(respelt.text, (offset, what) => {
    problems.add({ code: 'too-complex', at: places(offset), message: `the file cannot be read: ${what}` });
  });
  if (!documents) return null;
  for (const document of documents) addSyntaxProblems(document, places, problems);
  const [first, second] = documents;
  if (second) {
    const at = places(second.range[0]);
    problems.add({ code: 'yaml', at, message: 'a second document begins here; a workflow is one document' });
  }
  return first?.contents ? { document: first, source: respelt.text, places } : null;
}

type Stop = (offset: number, what: string) => void;

/** The documents of a text, at most two of them; null (and told) where it has too many pieces. */
function compose(text: string, stop: Stop): readonly Document.Parsed[] | null {
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, strict: true, merge: false });
  const documents: Document.Parsed[] = [];
  let isStopped = false;
  const tokens = tokensOf(text, (offset, what) => {
    isStopped = true;
    stop(offset, what);
  });
  for (const document of composer.compose(tokens, true, text.length)) {
    if (isStopped) return null;
    documents.push(document);
    if (documents.length > 1) break;
  }
  return documents;
}

/** The parser's tokens, as long as there are not too many pieces, nor more errors than can be told: each costs memory. */
function* tokensOf(text: string, stop: Stop) {
  const parser = new Parser();
  let pieces = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++pieces > limits.yamlTokensMax) {
      stop(parser.offset, `more than ${limits.yamlTokensMax} pieces (words, marks, line ends)`);
      return;
    }
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && ++errors > limits.diagnosticsMax) return;
      yield token;
    }
  }
  yield* parser.end();
}

function isReadable(text: string, problems: Problems): boolean {
  const at = { file: problems.file, line: 1, column: 1 };
  if (Buffer.byteLength(text, 'utf8') > limits.workflowBytesMax) {
    const message = `the file is larger than ${limits.workflowBytesMax / 1024} KiB, the most that a workflow may have`;
    problems.add({ code: 'too-large', at, message });
    return false;
  }
  const bad = text.search(/[\0\uFFFD]/);
  if (bad < 0) return true;
  const before = text.slice(0, bad).split('\n');
  problems.add({
    at: { file: problems.file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    ...(text[bad] === '\0' ? nul : notUtf8),
  });
  return false;
}

const nul = { code: 'nul', message: 'the file contains a NUL character, so it is no text file' };

/** What could not be decoded was replaced by U+FFFD: an agent would be told something else than what is written. */
const notUtf8 = {
  code: 'encoding',
  message: 'here stands what is no UTF-8, or was none before the file was converted',
  hint: 'save the file as UTF-8; if the character U+FFFD is meant, write "\\uFFFD" in double quotes',
};

function placesIn(respelt: Respelt, file: string): Places {
  const spotOf = spotsIn(respelt.text);
  return (offset) => {
    const { line, column } = spotOf(offset);
    return { file, line: line + 1, column: respelt.column(line, column) + 1 };
  };
}

function addSyntaxProblems(document: Document.Parsed, places: Places, problems: Problems): void {
  const told = new Set<number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const at = places(error.pos[0]);
    // One slip makes the parser stumble several times in its line; the first says it.
    if (told.has(at.line)) continue;
    told.add(at.line);
    // A tag that means nothing would be passed over: that is no warning, it is something else than what was meant.
    const isWarning = error.name === 'YAMLWarning' && error.code !== 'TAG_RESOLVE_FAILED';
    const severity = isWarning ? 'warning' : 'error';
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
  if (error.code === 'TAG_RESOLVE_FAILED') return 'take the tag away; text that begins with `!` needs quotes';
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
