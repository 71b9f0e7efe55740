/** Keeps the head and the tail of a stream of bytes within a limit, however much comes. */

export interface Capture {
  add(chunk: Buffer): void;
  /** What was kept as text (bytes that are no UTF-8 replaced), with a line that says how much is missing. */
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
      if (dropped === 0) return Buffer.concat([...head, ...tail]).toString('utf8');
      const start = Buffer.concat(head).toString('utf8');
      const end = Buffer.concat(tail).toString('utf8');
      return `${start}\n[… ${dropped} bytes left out …]\n${end}`;
    },
    truncated: () => dropped > 0,
  };
}
