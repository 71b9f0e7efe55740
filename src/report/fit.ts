/**
 * The lines with endings as long as they fit into `bytesMax` (UTF-8); then a line that counts what is left out. A code
 * block or fold that the cut leaves open is closed, so that nothing behind it is swallowed.
 */
export function fitLines(lines: readonly string[], bytesMax: number): string {
  const whole = lines.map((line) => `${line}\n`).join('');
  if (bytes(whole) <= bytesMax) return whole;
  const kept: string[] = [];
  let left = bytesMax - closingRoom;
  let open: Open = { fence: null, fold: false };
  for (const line of lines) {
    left -= bytes(line) + 1;
    const next = openAfter(open, line);
    if (left - 2 * (next.fence?.length ?? 0) < 0) break;
    kept.push(line);
    open = next;
  }
  const closing = [
    ...(open.fence === null ? [] : [open.fence, '']),
    ...(open.fold ? ['</details>', ''] : []),
  ];
  const note = `… ${lines.length - kept.length} more lines are left out.`;
  return [...kept, ...closing, '', note].map((line) => `${line}\n`).join('');
}

/** `</details>`, blank lines and the note with any count. */
const closingRoom = 80;

interface Open {
  readonly fence: string | null;
  readonly fold: boolean;
}

function openAfter({ fence, fold }: Open, line: string): Open {
  if (fence !== null) return { fence: line === fence ? null : fence, fold };
  const mark = /^`{3,}/.exec(line)?.[0] ?? null;
  if (mark !== null) return { fence: mark, fold };
  if (line.startsWith('<details>')) return { fence, fold: true };
  return { fence, fold: line === '</details>' ? false : fold };
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
