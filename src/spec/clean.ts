/** Cleaning of text from outside (R9): what a person does not see on the page does not reach an agent. */
import { limits } from '../limits.ts';
import { type Blocks, blocksOf, labelOf } from './blocks.ts';
import { type Cut, cutComments, cutImages } from './hidden.ts';
import { invisibleCharacters } from './invisible.ts';

export interface CleanedText {
  readonly text: string;
  /** What was taken out, one phrase per kind, e.g. `2 HTML comments`; empty where nothing was. */
  readonly removed: readonly string[];
}

/**
 * Removes HTML comments (with declarations and processing instructions, which no page shows either), definitions of
 * links that nothing uses (`[//]: # (hidden)`), images, and invisible, bidirectional, zero-width, tag and control characters (all but tab and line ends). Within fenced code only
 * the characters. Idempotent; line ends stay as they are. Never fails.
 */
export function cleanText(text: string): CleanedText {
  const counts = { comments: 0, definitions: 0, images: 0, invisible: 0, controls: 0 };
  let current = cleanCharacters(text.toWellFormed(), counts);
  for (let round = 0; ; round++) {
    const next = cleanMarkup(current, counts);
    if (next === current) break;
    if (round === limits.cleaningRoundsMax) {
      current = next
        .replaceAll('<!', '&lt;!')
        .replaceAll('<?', '&lt;?')
        .replaceAll('![', '[')
        .replaceAll(']:', '] :')
        .replace(/<(?=img)/gi, '&lt;');
      break;
    }
    current = next;
  }
  return { text: current, removed: phrases(counts) };
}

interface Counts {
  comments: number;
  definitions: number;
  images: number;
  invisible: number;
  controls: number;
}

function cleanCharacters(text: string, counts: Counts): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/g, () => count(counts, 'controls'))
    .replace(invisibleCharacters, () => count(counts, 'invisible'));
}

function count(counts: Counts, what: keyof Counts): '' {
  counts[what]++;
  return '';
}

/** Each run of lines outside of fenced code, cleaned by itself. */
function cleanMarkup(text: string, counts: Counts): string {
  if (!/<[!?]|!\[|<img|\]:/i.test(text)) return text;
  const blocks = blocksOf(text);
  const { isFenced, definitions } = blocks;
  const labels = new Set(definitions.map(({ label }) => label));
  const unused = unusedLines(text, blocks, counts);
  // Emptied, not taken out: what stood on two sides must not grow together.
  const lines = text.split('\n').map((line, index) => (unused.has(index) ? '' : line));
  const pieces: string[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = start;
    while (end < lines.length && isFenced(end) === isFenced(start)) end++;
    const piece = lines.slice(start, end).join('\n');
    pieces.push(isFenced(start) ? piece : cutMarkup(piece, labels, counts));
    start = end;
  }
  return pieces.join('\n');
}

/** The lines of definitions that no link uses. */
function unusedLines(text: string, { definitions }: Blocks, counts: Counts): ReadonlySet<number> {
  const all = new Set(definitions.flatMap(({ line, end }) => range(line, end)));
  if (all.size === 0) return all;
  const rest = text
    .split('\n')
    .filter((_, line) => !all.has(line))
    .join('\n');
  const used = new Set(
    [...rest.matchAll(/\[((?:[^\][\\]|\\.){1,999})\]/gs)].map(([, label]) => labelOf(label ?? '')),
  );
  const unused = definitions.filter(({ label }) => !used.has(label));
  counts.definitions += unused.length;
  return new Set(unused.flatMap(({ line, end }) => range(line, end)));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function cutMarkup(piece: string, labels: ReadonlySet<string>, counts: Counts): string {
  const add = (what: 'comments' | 'images', cut: Cut): string => {
    counts[what] += cut.count;
    return cut.text;
  };
  return add('images', cutImages(add('comments', cutComments(piece)), labels));
}

function phrases({ comments, definitions, images, invisible, controls }: Counts): readonly string[] {
  const phrase = (amount: number, what: string): readonly string[] =>
    amount === 0 ? [] : [`${amount} ${what}${amount === 1 ? '' : 's'}`];
  return [
    ...phrase(comments, 'HTML comment'),
    ...phrase(definitions, 'hidden link definition'),
    ...phrase(images, 'image'),
    ...phrase(invisible, 'invisible character'),
    ...phrase(controls, 'control character'),
  ];
}
