/** Text that has to fit: cut in the middle, by whole lines, with a line that says so. */

export interface Cut {
  readonly charactersMax: number;
  /** Where the whole text is, as a sentence part or an address; none where it is nowhere. */
  readonly rest?: string;
}

/** The text, or its head and tail with a line between them that counts what is missing. Never longer than asked. */
export function cutMiddle(text: string, { charactersMax, rest }: Cut): string {
  if (text.length <= charactersMax) return text;
  const lines = text.split('\n');
  const note = (count: number): string => `… ${count} lines left out${rest ? ` (${rest})` : ''} …`;
  const room = charactersMax - note(lines.length).length - 2;
  if (room <= 0) return clip(text, charactersMax);
  const head = take(lines, Math.floor(room / 3));
  const tail = take(lines.slice(head.length).reverse(), room - length(head)).reverse();
  // One line alone is longer than the room: it is cut inside, or nothing of the end would be left.
  if (tail.length === 0)
    return `${clip(text, Math.floor(room / 3))}\n${note(lines.length)}\n${end(text, Math.floor(room / 2))}`;
  return [...head, note(lines.length - head.length - tail.length), ...tail].join('\n');
}

/** What `make` gives for as many characters as have room in so many bytes; it gives fewer for a smaller number. */
export function withinBytes(bytesMax: number, make: (charactersMax: number) => string): string {
  for (let charactersMax = bytesMax; ; ) {
    const made = make(charactersMax);
    const bytes = Buffer.byteLength(made);
    if (bytes <= bytesMax) return made;
    charactersMax = Math.floor(Math.min(charactersMax, made.length) * (bytesMax / bytes) * 0.99);
  }
}

/** The first characters of a text, never half a surrogate pair, `…` at the end where it was cut. */
export function clip(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  if (charactersMax < 1) return '';
  return `${text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function end(text: string, characters: number): string {
  return text.slice(text.length - characters).replace(/^[\uDC00-\uDFFF]/, '');
}

function take(lines: readonly string[], room: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += line.length + 1;
    if (used > room) break;
    taken.push(line);
  }
  return taken;
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
