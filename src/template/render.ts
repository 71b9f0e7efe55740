/** Rendering: placeholders become values, once. */
import { parseTemplate } from './template.ts';

export interface RenderOptions {
  /** Applied to every value (an absent one is the empty text), e.g. `shellQuote`. */
  readonly quote?: (value: string) => string;
}

/**
 * The template with its names replaced by their values; a name without a value (undefined) is empty.
 * Values are never scanned again. A line that consists only of placeholders which all resolved to nothing is
 * dropped with its line ending (the last line: with the one before it); every other byte stays.
 * @param lookup called once per placeholder, in order
 */
export function render(
  text: string,
  lookup: (name: string) => string | undefined,
  options: RenderOptions = {},
): string {
  const quote = options.quote ?? ((value: string) => value);
  const lines: string[] = [];
  let line = emptyLine();
  for (const part of parseTemplate(text)) {
    if (part.kind === 'name') {
      const value = lookup(part.name) ?? '';
      line.pieces.push(quote(value));
      line.names = true;
      line.values ||= value !== '';
      continue;
    }
    const rows = part.text.split('\n');
    rows.forEach((row, index) => {
      const last = index === rows.length - 1;
      // The CR of a CRLF belongs to the line's ending, so it does not save an empty line.
      line.text ||= row !== '' && !(row === '\r' && !last);
      line.pieces.push(row);
      if (last) return;
      if (!isDropped(line)) lines.push(line.pieces.join(''));
      line = emptyLine();
    });
  }
  if (!isDropped(line)) return [...lines, line.pieces.join('')].join('\n');
  // The line before the dropped last one loses its ending: its CR too.
  return lines.join('\n').replace(/\r$/, '');
}

interface Line {
  readonly pieces: string[];
  /** It has text of the template's own. */
  text: boolean;
  names: boolean;
  values: boolean;
}

function emptyLine(): Line {
  return { pieces: [], text: false, names: false, values: false };
}

function isDropped(line: Line): boolean {
  return line.names && !line.values && !line.text;
}
