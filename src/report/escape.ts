/** Text of agents, commands and people inside our own markdown: it shows as it is and does nothing (R9). */
import { cleanLines, firstLine } from './line.ts';
import { breakAllReferences, zeroWidth } from './references.ts';

/** One line for a sentence or a table cell: no markup, no mention, no reference, no link; cut to `charactersMax`. */
export function escapeLine(text: string, charactersMax = 300): string {
  const escaped = escapeHtml(text, charactersMax).replace(/[\\`*_{}[\]()|~!]/g, (sign) => `\\${sign}`);
  // At the start of a line these would begin a heading, a list or a quote.
  return escaped.replace(/^(?:[-+=#]|\d+(?=[.)]))/, (sign) => `${zeroWidth}${sign}`);
}

/** The same inside an HTML element, where markdown's backslashes would be shown. */
export function escapeHtml(text: string, charactersMax = 300): string {
  const entities = firstLine(text, charactersMax)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
  return breakAllReferences(entities);
}

/** The lines of a code block with the whole text; its fence is longer than any row of backticks inside. */
export function codeBlock(text: string): readonly string[] {
  const lines = cleanLines(text);
  const longest = lines
    .flatMap((line) => line.match(/`+/g) ?? [])
    .reduce((max, row) => Math.max(max, row.length), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines.map((line) => line.replaceAll('<!--', `<${zeroWidth}!--`)), fence];
}
