/** Keeps the head and the tail of a stream of bytes within a limit, however much comes. */

export interface Capture {
  add(chunk: Buffer): void;
  /**
   * What was kept as text (bytes that are no UTF-8 replaced); where something is missing, whole lines of both ends (a
   * part of one, where not even one fits) and between them a line that says how much.
   */
  text(): string;
  /** True when something was left out. */
  truncated(): boolean;
}

export function createCapture(bytesMax: number): Capture {
  const headMax = Math.ceil(bytesMax / 2);
  const tailMax = bytesMax - headMax;
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let dropped = 0;
  const trim = () => {
    for (let first = tail[0]; first !== undefined && tailBytes > tailMax; first = tail[0]) {
      const excess = Math.min(first.length, tailBytes - tailMax);
      if (excess === first.length) tail.shift();
      else tail[0] = first.subarray(excess);
      tailBytes -= excess;
      dropped += excess;
    }
  };
  return {
    add: (chunk) => {
      const room = headMax - headBytes;
      const start = Math.min(room, chunk.length);
      if (start > 0) head.push(chunk.subarray(0, start));
      headBytes += start;
      if (start === chunk.length) return;
      tail.push(chunk.subarray(start));
      tailBytes += chunk.length - start;
      trim();
    },
    text: () => {
      const start = Buffer.concat(head);
      const end = Buffer.concat(tail);
      if (dropped === 0) return Buffer.concat([start, end]).toString('utf8');
      const first = wholeLines(start);
      const last = wholeLinesAtEnd(end);
      const missing = dropped + start.length - first.length + end.length - last.length;
      const between = first.at(-1) === newline ? '' : '\n';
      return `${first.toString('utf8')}${between}[… ${missing} bytes left out …]\n${last.toString('utf8')}`;
    },
    truncated: () => dropped > 0,
  };
}

const newline = 0x0a;

function wholeLines(head: Buffer): Buffer {
  const end = head.lastIndexOf(newline);
  return end < 0 ? head : head.subarray(0, end + 1);
}

function wholeLinesAtEnd(tail: Buffer): Buffer {
  const before = tail.indexOf(newline);
  return before < 0 || before === tail.length - 1 ? tail : tail.subarray(before + 1);
}
