/** Splits bytes into lines and decodes them late: a character may lie across two chunks. */

export interface LineSplitter {
  /** The lines that the chunk completes, without their ending (`\n` or `\r\n`). */
  push(chunk: Buffer): string[];
  /** The last line, where it has no ending; null where there is none. */
  end(): string | null;
}

/** What a line has beyond `lineBytesMax` is left out. */
export function createLineSplitter(lineBytesMax: number): LineSplitter {
  let parts: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer) => {
    const kept = part.subarray(0, Math.max(0, lineBytesMax - bytes));
    if (kept.length > 0) parts.push(kept);
    bytes += part.length;
  };
  const take = (): string => {
    const line = (parts.length === 1 ? parts[0] : Buffer.concat(parts))?.toString('utf8') ?? '';
    parts = [];
    bytes = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  return {
    push: (chunk) => {
      const lines: string[] = [];
      let start = 0;
      for (let stop = chunk.indexOf(10); stop >= 0; stop = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, stop));
        lines.push(take());
        start = stop + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    end: () => (bytes === 0 ? null : take()),
  };
}
