/** Markdown as its blocks: headings, fenced code, and definitions of links, which no page shows. */
import MarkdownIt from 'markdown-it';

/** Lines from 0; `end` is the one behind the last. */
interface Place {
  readonly line: number;
  readonly end: number;
}

export interface Heading extends Place {
  /** 1 to 6. */
  readonly level: number;
  /** As written, on one line. */
  readonly text: string;
}

/** `[label]: address "title"` */
export interface Definition extends Place {
  /** As `labelOf` gives it. */
  readonly label: string;
}

export interface Blocks {
  /** Of the document itself, not those within a quote or a list. */
  readonly headings: readonly Heading[];
  readonly definitions: readonly Definition[];
  readonly isFenced: (line: number) => boolean;
  /** What would close the fence that runs to the end of the text; null where none does. */
  readonly openFence: string | null;
}

/** By a real parser of blocks: lists, quotes and HTML decide where a fence begins, and a wrong guess lets hidden text through. */
export function blocksOf(text: string): Blocks {
  const fenced = new Set<number>();
  const headings: Heading[] = [];
  const definitions: Definition[] = [];
  let openFence: string | null = null;
  const tokens = blockParser().parse(text, {});
  const lines = text.split('\n');
  tokens.forEach(({ type, map, level, tag, meta, markup }, index) => {
    if (!map) return;
    const place = { line: map[0], end: map[1] };
    if (type === 'fence') for (let line = place.line; line < place.end; line++) fenced.add(line);
    if (type === 'fence' && level === 0)
      openFence = isClosed(lines.slice(place.line + 1, place.end), markup) ? null : markup;
    if (type === 'reference_definition') definitions.push({ ...place, label: labelOf(String(meta?.label)) });
    if (type === 'heading_open' && level === 0) {
      const content = tokens[index + 1]?.content ?? '';
      headings.push({ ...place, level: Number(tag.slice(1)), text: content.replace(/\s+/g, ' ').trim() });
    }
  });
  return { headings, definitions, openFence, isFenced: (line) => fenced.has(line) };
}

function isClosed(lines: readonly string[], markup: string): boolean {
  const last = lines.at(-1)?.trim() ?? '';
  return last.startsWith(markup) && last === (markup[0] ?? '').repeat(last.length);
}

/** The form in which two labels of links are compared. */
export function labelOf(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase();
}

function blockParser(): InstanceType<typeof MarkdownIt> {
  const parser = new MarkdownIt({ html: true });
  parser.core.ruler.enableOnly(['normalize', 'block']);
  return parser;
}

/** A fence that runs to the end of the text is closed there, so that what follows is not a part of it. */
export function closed(text: string): string {
  const { openFence } = blocksOf(text);
  return openFence === null ? text : `${text}\n${openFence}`;
}
