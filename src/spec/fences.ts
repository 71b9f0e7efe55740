/** Which lines of markdown are fenced code, whose content a page shows as it is. */
import MarkdownIt from 'markdown-it';

/**
 * Tells of a line (from 0) whether it belongs to a fenced code block. By a real parser of blocks, because lists,
 * quotes and HTML decide where a fence begins and ends, and a wrong guess would let hidden text through.
 */
export function fencedLines(text: string): (line: number) => boolean {
  const fenced = new Set<number>();
  for (const { type, map } of blocks().parse(text, {})) {
    if (type !== 'fence' || !map) continue;
    for (let line = map[0]; line < map[1]; line++) fenced.add(line);
  }
  return (line) => fenced.has(line);
}

function blocks(): InstanceType<typeof MarkdownIt> {
  const parser = new MarkdownIt({ html: true });
  parser.core.ruler.enableOnly(['normalize', 'block']);
  return parser;
}
