/** Cutting long text for prompts and events: the beginning says what was tried, the end says what went wrong. */

/**
 * At most `bytesMax` bytes of UTF-8: the text itself where it fits, else its head and tail by whole lines with a line
 * between them that says how much was left out. Where whole lines do not fit, the outermost lines are cut within,
 * never within a character. A limit too small for that line gives the plain head.
 */
export function cutMiddle(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= bytesMax) return text;
  const room = bytesMax - notice(bytes.length, bytes.length).length - 2;
  if (room < 2) return headWithin(bytes, bytesMax).toString('utf8');
  const head = wholeLines(bytes, 0, Math.ceil(room / 2)) ?? headWithin(bytes, Math.ceil(room / 2));
  const tailRoom = room - head.length;
  const tail = wholeLinesAtEnd(bytes, tailRoom) ?? tailWithin(bytes, tailRoom);
  const left = bytes.subarray(head.length, bytes.length - tail.length);
  const line = notice(countLines(left), left.length);
  return `${endLine(head.toString('utf8'))}${line}\n${tail.toString('utf8')}`;
}

function notice(lines: number, bytes: number): string {
  return `[... ${lines} ${lines === 1 ? 'line' : 'lines'} (${bytes} bytes) left out ...]`;
}

const newline = 0x0a;

/** The longest run of whole lines from `start` that fits; null where not even one does. */
function wholeLines(bytes: Buffer, start: number, room: number): Buffer | null {
  const end = bytes.lastIndexOf(newline, start + room - 1);
  return end < start ? null : bytes.subarray(start, end + 1);
}

function wholeLinesAtEnd(bytes: Buffer, room: number): Buffer | null {
  const before = bytes.indexOf(newline, bytes.length - room - 1);
  return before < 0 || before === bytes.length - 1 ? null : bytes.subarray(before + 1);
}

function headWithin(bytes: Buffer, room: number): Buffer {
  let end = Math.max(0, Math.min(room, bytes.length));
  while (end > 0 && isContinuation(bytes[end])) end--;
  return bytes.subarray(0, end);
}

function tailWithin(bytes: Buffer, room: number): Buffer {
  let start = bytes.length - room;
  while (start < bytes.length && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Lines that are left out, a started one counted as one. */
function countLines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === newline) count++;
  return bytes.at(-1) === newline ? count : count + 1;
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
