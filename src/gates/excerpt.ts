/** The useful part of a command's output: what failed is kept, the rest is cut by whole lines. Pure. */

/** Plain lines of a terminal's output: no colours, no control characters, the last state of a progress line. */
export function plainText(output: string): string {
  return output
    .replace(ansi, '')
    .replace(/\r+\n/g, '\n')
    .replace(/^.*\r/gm, '')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');
}

/** CSI and OSC sequences, and the two-character ones. @source ECMA-48, 5th edition */
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

/**
 * The text itself where it fits into `bytesMax` (UTF-8), else its failing lines with what stands around them,
 * its end and its beginning; `… 12 lines left out …` stands where lines are missing.
 */
export function usefulPart(text: string, bytesMax: number): string {
  const trimmed = plainText(text).trim();
  if (Buffer.byteLength(trimmed) <= bytesMax) return trimmed;
  const lines = trimmed.split('\n').map((line) => shortened(line, Math.min(1_000, Math.floor(bytesMax / 4))));
  const kept = new Set<number>();
  const purse = { left: bytesMax - gapBytes };
  for (const index of wanted(lines)) {
    if (kept.has(index)) continue;
    const cost = costOf(lines, index, kept);
    if (cost > purse.left) continue;
    kept.add(index);
    purse.left -= cost;
  }
  return rendered(lines, kept);
}

/** Head and tail by whole lines, as for a log that is too long. */
export function headAndTail(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const lines = text.split('\n').map((line) => shortened(line, Math.floor(bytesMax / 4)));
  const kept = new Set<number>();
  let left = bytesMax - gapBytes;
  for (let i = 0; i < lines.length; i++) {
    // From both ends in turn.
    const index = i % 2 === 0 ? i / 2 : lines.length - (i + 1) / 2;
    left -= Buffer.byteLength(lines[index] ?? '') + 1;
    if (left < 0) break;
    kept.add(index);
  }
  return rendered(lines, kept);
}

/** Enough for the sentence that tells how many lines are missing. */
const gapBytes = 48;

function costOf(lines: readonly string[], index: number, kept: ReadonlySet<number>): number {
  const isAlone = !kept.has(index - 1) && !kept.has(index + 1);
  return Buffer.byteLength(lines[index] ?? '') + 1 + (isAlone ? gapBytes : 0);
}

/** Line numbers, the most telling first. */
function* wanted(lines: readonly string[]): Generator<number> {
  const { length } = lines;
  yield* span(length - 12, length, length);
  const failing = lines.flatMap((line, index) => (isFailing(line) ? [index] : []));
  yield* failing.slice(0, 40);
  for (const index of failing) yield* span(index - 1, index + 16, length);
  yield* span(0, 12, length);
  for (let index = length - 1; index >= 0; index--) yield index;
}

function* span(from: number, to: number, length: number): Generator<number> {
  for (let index = Math.max(0, from); index < Math.min(to, length); index++) yield index;
}

function isFailing(line: string): boolean {
  return failure.test(line) && !success.test(line);
}

const success = /^\s*(ok\b|✓|✔|√|PASS(ED)?\b|--- PASS|\[ {7}OK)/;
/** Words of node:test, TAP, vitest, jest, mocha, tsc, go, cargo, pytest, javac, eslint, biome and shells. */
const failure =
  /^\s*not ok\b|[✖✗✘✕×❯●]|\bFAIL(ED|URE|URES)?\b|--- FAIL|\bpanic(ked)?\b|\b\w*(Error|Exception)\b|\berror(\[\w+\])?[: ]|\berror TS\d+|^E\s|\bAssert|\bassert|\bexpected\b|\bgot[: ]|\bTraceback\b|_test\.go:\d+|\bnot found\b|\bNo such file\b|\bERROR\b|\bfatal\b/;

function rendered(lines: readonly string[], kept: ReadonlySet<number>): string {
  const out: string[] = [];
  let missing = 0;
  for (const [index, line] of lines.entries()) {
    if (!kept.has(index)) {
      missing++;
      continue;
    }
    if (missing > 0) out.push(gap(missing));
    missing = 0;
    out.push(line);
  }
  if (missing > 0) out.push(gap(missing));
  return out.join('\n');
}

function gap(count: number): string {
  return `… ${count} ${count === 1 ? 'line' : 'lines'} left out …`;
}

/** A line that is too long keeps its two ends; never cut inside a character. */
function shortened(line: string, bytesMax: number): string {
  if (Buffer.byteLength(line) <= bytesMax) return line;
  const half = Math.max(1, Math.floor((bytesMax - 8) / 8));
  const characters = [...line];
  return `${characters.slice(0, half).join('')} … ${characters.slice(-half).join('')}`;
}
