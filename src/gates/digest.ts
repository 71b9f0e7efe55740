/** What is kept of an output while it streams by: all of it where it fits, else head, tail, and the failures between them. Pure. */
import { gap, plainText, shortened } from './excerpt.ts';
import { around, isFailing, isNaming } from './telling.ts';

export interface Digest {
  /** One line as it came, without its ending. */
  add(line: string): void;
  /** Plain lines, each with an ending; `… 12 lines left out …` stands where some are missing. */
  text(): string;
}

interface Line {
  readonly text: string;
  readonly bytes: number;
}

/** Keeps about `bytesMax`: three eighths each of head and tail, the rest for failures in between. */
export function createDigest(bytesMax: number): Digest {
  const eighth = Math.floor(bytesMax / 8);
  const head = createHead(eighth * 3);
  const middle = createMiddle({ names: eighth / 2, around: eighth + eighth / 2 });
  // What falls out of the tail may be the one assertion that everybody needs.
  const tail = createTail(eighth * 3, middle.pass);
  return {
    add: (raw) => {
      const text = shortened(plainText(raw), eighth);
      const line = { text, bytes: Buffer.byteLength(text) + 1 };
      if (!head.take(line)) tail.take(line);
    },
    text: () => [...head.lines, ...middle.lines(), ...tail.lines()].map((line) => `${line}\n`).join(''),
  };
}

/** Takes lines until one does not fit, and none behind it. */
function createHead(bytesMax: number) {
  const lines: string[] = [];
  let left = bytesMax;
  return {
    lines,
    take: ({ text, bytes }: Line): boolean => {
      left -= bytes;
      if (left < 0) left = -1;
      else lines.push(text);
      return left >= 0;
    },
  };
}

/** Holds the last lines and passes the others on in their order. */
function createTail(bytesMax: number, pass: (line: Line) => void) {
  let held: Line[] = [];
  let start = 0;
  let bytes = 0;
  return {
    take: (line: Line): void => {
      held.push(line);
      bytes += line.bytes;
      for (let first = held[start]; first !== undefined && bytes > bytesMax; first = held[start]) {
        pass(first);
        bytes -= first.bytes;
        start++;
      }
      // Moved seldom, so that a million short lines cost no more than their number.
      if (start > 1_000 && start * 2 > held.length) {
        held = held.slice(start);
        start = 0;
      }
    },
    lines: (): readonly string[] => held.slice(start).map(({ text }) => text),
  };
}

/** Enough for the line that tells how many are missing. */
const gapBytes = 40;

/** Keeps each failing line with the one before it and those behind it, as far as there is room. */
function createMiddle(room: { readonly names: number; readonly around: number }) {
  const kept: string[] = [];
  const left = { ...room };
  let missing = 0;
  let behind = 0;
  let before: Line | null = null;
  const fits = ({ text, bytes }: Line, purse: 'names' | 'around'): boolean => {
    const cost = bytes + (missing > 0 ? gapBytes : 0);
    if (cost > left[purse]) return false;
    left[purse] -= cost;
    if (missing > 0) kept.push(gap(missing));
    missing = 0;
    kept.push(text);
    return true;
  };
  const keepBefore = () => {
    const line = before;
    before = null;
    if (line && !fits(line, 'around')) missing++;
  };
  const dropBefore = () => {
    if (before) missing++;
    before = null;
  };
  return {
    pass: (line: Line): void => {
      if (isFailing(line.text)) {
        behind = around.behind;
        keepBefore();
        if (!fits(line, 'around') && !(isNaming(line.text) && fits(line, 'names'))) missing++;
        return;
      }
      if (behind > 0) {
        behind--;
        if (!fits(line, 'around')) missing++;
        return;
      }
      dropBefore();
      before = line;
    },
    lines: (): readonly string[] => {
      dropBefore();
      return missing > 0 ? [...kept, gap(missing)] : kept;
    },
  };
}
