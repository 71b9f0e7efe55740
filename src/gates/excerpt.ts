/** The useful part of a command's output: what failed is kept, the rest is cut by whole lines. Pure. */
import { around, isFailing, isNaming } from './telling.ts';

/** Plain lines of a terminal's output: no colours, no control characters, the last state of a progress line. */
export function plainText(output: string): string {
  const lines = output.replace(ansi, '').split('\n').map(lastState);
  return lines.join('\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** CSI and OSC sequences, and the two-character ones. @source ECMA-48, 5th edition */
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

/** What stands on the line at the end: each carriage return begins it anew, and one at its end clears nothing. */
function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((state) => state !== '') ?? '';
}

/**
 * The text itself where it fits into `bytesMax` (UTF-8), else its end, the lines that name what failed, its failing
 * lines with what stands around them, and its beginning; `… 12 lines left out …` stands where lines are missing.
 */
export function usefulPart(text: string, bytesMax: number): string {
  const trimmed = plainText(text).trim();
  if (Buffer.byteLength(trimmed) <= bytesMax) return trimmed;
  const lines = trimmed.split('\n').map((line) => shortened(line, Math.min(1_000, Math.floor(bytesMax / 4))));
  const kept = new Set<number>();
  let left = bytesMax - gapBytes;
  const keep = (indexes: Iterable<number>, share: number) => {
    const floor = Math.max(0, left - share);
    for (const index of indexes) {
      if (kept.has(index)) continue;
      const cost = costOf(lines, index, kept);
      if (left - cost < floor) continue;
      kept.add(index);
      left -= cost;
    }
  };
  const { length } = lines;
  const failing = indexesOf(lines, isFailing);
  keep(span(length - 12, length, length), left);
  // Many failures must not leave the first without its expected and actual, nor it them without their names.
  keep(indexesOf(lines, isNaming), bytesMax / 2);
  keep(surroundings(failing, length), left);
  keep(span(0, 12, length), left);
  keep(downwards(length), left);
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

function indexesOf(lines: readonly string[], test: (line: string) => boolean): readonly number[] {
  return lines.flatMap((line, index) => (test(line) ? [index] : []));
}

/** The first failing lines themselves, then each with its surroundings. */
function* surroundings(failing: readonly number[], length: number): Generator<number> {
  yield* failing.slice(0, 40);
  for (const index of failing) yield* span(index - around.before, index + around.behind, length);
}

function* span(from: number, to: number, length: number): Generator<number> {
  for (let index = Math.max(0, from); index < Math.min(to, length); index++) yield index;
}

function* downwards(length: number): Generator<number> {
  for (let index = length - 1; index >= 0; index--) yield index;
}

function rendered(lines: readonly string[], kept: ReadonlySet<number>): string {
  const out: string[] = [];
  let missing = 0;
  for (const [index, line] of lines.entries()) {
    if (!kept.has(index)) {
      missing += linesBehind(line);
      continue;
    }
    if (missing > 0) out.push(gap(missing));
    missing = 0;
    out.push(line);
  }
  if (missing > 0) out.push(gap(missing));
  return out.join('\n');
}

export function gap(count: number): string {
  return `… ${count} ${count === 1 ? 'line' : 'lines'} left out …`;
}

/** A gap that is cut out itself stands for all its lines. */
function linesBehind(line: string): number {
  return Number(/^… (\d{1,15}) lines? left out …$/.exec(line)?.[1] ?? 1);
}

/** A line that is too long keeps its two ends; never cut inside a character. */
export function shortened(line: string, bytesMax: number): string {
  if (Buffer.byteLength(line) <= bytesMax) return line;
  const half = Math.max(1, Math.floor((bytesMax - 8) / 8));
  const characters = [...line];
  return `${characters.slice(0, half).join('')} … ${characters.slice(-half).join('')}`;
}
