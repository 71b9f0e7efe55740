/** The pull request's title: what the spec calls itself. */
import { clean, harmlessLine } from '../defuse.ts';

const titleCharactersMax = 120;

/** The first heading of a markdown text, else its first line, else where it came from; one line, harmless. */
export function titleOf(text: string, origin: string): string {
  const lines = clean(text).split('\n');
  const heading = lines.find((line) => /^\s{0,3}#{1,6}\s+\S/.test(line));
  const plain = (heading ?? lines.find((line) => line.trim() !== '') ?? origin)
    .replace(/^\s{0,3}#{1,6}\s+/, '')
    // What spec-kit puts before every title.
    .replace(/^Feature Specification: (?=\S)/i, '')
    .replace(/\s+#+\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return harmlessLine(plain || origin, titleCharactersMax);
}
