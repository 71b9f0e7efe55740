/** When the job leaves its run to a fresh one, before GitHub cuts it off. */
import { limits } from '../src/index.ts';
import type { Reader } from './reader.ts';
import type { GithubRunOptions } from './run.ts';

/** In milliseconds from the start of this program; null: the job works until it is cut off. */
export function readHandOver(reader: Reader): number | null {
  const isMinutes = (value: string): boolean => /^\d{1,4}(\.\d{1,3})?$/.test(value) && Number(value) > 0;
  const minutes = reader.number('hand-over-after', isMinutes, 'minutes above 0, for example `320`');
  return minutes === null ? null : minutes * 60_000;
}

/** The two moments as signals; the timers keep nobody waiting. */
export function handOverAfter(afterMs: number): NonNullable<GithubRunOptions['handOver']> {
  const [soon, now] = [new AbortController(), new AbortController()];
  const leftMs = Math.max(0, afterMs - performance.now());
  setTimeout(() => soon.abort(), leftMs).unref();
  setTimeout(() => now.abort(), leftMs + limits.handOverGraceMs).unref();
  return { soon: soon.signal, now: now.signal };
}
