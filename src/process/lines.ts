/** Splits bytes into lines and decodes them late: a character may lie across two chunks. */

export interface LineSplitter {
  /** The lines that the chunk completes, without their ending (`\n` or `\r\n`), each split off when it is asked for. */
  push(chunk: Buffer): Iterable<string>;
  /** The last line, where it has no ending; null where there is none that is wanted. */
  end(): string | null;
}

const nothing = Buffer.alloc(0);

/**
 * What a line has beyond `lineBytesMax` is left out.
 * @param isWanted of a line's bytes, without `\n`; others are dropped before they are decoded. It is asked when all lines
 *   before have been taken.
 */
export function createLineSplitter(
  lineBytesMax: number,
  isWanted: (line: Buffer) => boolean = () => true,
): LineSplitter {
  let parts: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer) => {
    const kept = part.subarray(0, Math.max(0, lineBytesMax - bytes));
    if (kept.length > 0) parts.push(kept);
    bytes += part.length;
  };
  const take = (): string | null => {
    const [first = nothing] = parts;
    const whole = parts.length > 1 ? Buffer.concat(parts) : first;
    parts = [];
    bytes = 0;
    if (!isWanted(whole)) return null;
    const line = whole.toString('utf8');
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  return {
    *push(chunk) {
      let start = 0;
      for (let stop = chunk.indexOf(10); stop >= 0; stop = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, stop));
        const line = take();
        if (line !== null) yield line;
        start = stop + 1;
      }
      keep(chunk.subarray(start));
    },
    end: () => (bytes === 0 ? null : take()),
  };
}
