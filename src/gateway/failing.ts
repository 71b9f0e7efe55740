/** Calls that bring nothing, one after another: some programs make them without end. Pure. */
import { limits } from '../limits.ts';
import type { Forwarded } from './forward.ts';

/** Those since the last call that brought something. */
export interface Failing {
  readonly count: number;
  /** When the first of them ended, as `performance.now` tells time. */
  readonly sinceMs: number;
}

export const noFailing: Failing = { count: 0, sinceMs: 0 };

/** With one more call that has ended; `nowMs` as `performance.now` tells time. */
export function withCall(failing: Failing, done: Forwarded, nowMs: number): Failing {
  if (!broughtNothing(done)) return noFailing;
  return { count: failing.count + 1, sinceMs: failing.count === 0 ? nowMs : failing.sinceMs };
}

/** An error, no answer at all, one that broke off, or the page of a proxy. Not every service tells what it used. */
function broughtNothing({ status, problem, tokens, isWhole, answerBytes, contentType }: Forwarded): boolean {
  if (status === null || status >= 300 || problem !== null || answerBytes === 0) return true;
  return contentType.startsWith('text/html') || (tokens !== null && !isWhole);
}

/** So many, or some for so long, that the program behind them gets nowhere. */
export function isHopeless({ count, sinceMs }: Failing, nowMs: number): boolean {
  if (count >= limits.failedCallsMax) return true;
  return count >= limits.failedCallsMin && nowMs - sinceMs >= limits.failedCallsMs;
}
