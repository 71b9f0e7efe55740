/**
 * Shortens a text to `bytesMax` UTF-8 bytes by whole lines in its middle, head and tail kept in equal parts, with a
 * line that says how many lines are missing. A text that fits comes back as it is.
 */
export function cutMiddleLines(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const lines = text.split('\n');
  const room = Math.max(0, bytesMax - 60);
  const head = takeLines(lines, Math.ceil(room / 2));
  const tail = takeLines(lines.slice(head.length).reverse(), Math.floor(room / 2)).reverse();
  const missing = lines.length - head.length - tail.length;
  return [...head, `[… ${missing} lines left out …]`, ...tail].join('\n');
}

function takeLines(lines: readonly string[], bytesMax: number): string[] {
  const taken: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > bytesMax) break;
    taken.push(line);
  }
  return taken;
}
