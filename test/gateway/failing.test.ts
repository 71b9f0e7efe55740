import { describe, expect, it } from 'vitest';
import { type Failing, isHopeless, noFailing, withCall } from '../../src/gateway/failing.ts';
import type { Forwarded } from '../../src/gateway/forward.ts';
import { limits } from '../../src/limits.ts';

const good: Forwarded = {
  ...{ status: 200, problem: null, tokens: null, isWhole: false, answerBytes: 100 },
  ...{ errorText: '', contentType: 'text/event-stream', isLeft: false },
};
const minute = 60_000;

function behind(calls: readonly Partial<Forwarded>[], gapMs: number): readonly [Failing, number] {
  const ends = calls.map((call, index) => ({ call, atMs: 1000 + index * gapMs }));
  const failing = ends.reduce((sum, { call, atMs }) => withCall(sum, { ...good, ...call }, atMs), noFailing);
  return [failing, ends.at(-1)?.atMs ?? 0];
}

describe('calls that bring nothing', () => {
  it.each<[string, Partial<Forwarded>]>([
    ['an error', { status: 529 }],
    ['a request that is refused', { status: 400 }],
    ['no answer', { status: null, problem: 'refused' }],
    ['an answer that broke off', { problem: 'aborted' }],
    ['an empty answer', { answerBytes: 0 }],
    ['a page', { contentType: 'text/html; charset=utf-8' }],
    [
      'a stream that ended in the middle',
      { tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 0 }, isWhole: false },
    ],
  ])('are hopeless once there are a hundred of them: %s', (_, call) => {
    const calls = (count: number) => Array.from({ length: count }, () => call);
    expect(isHopeless(...behind(calls(limits.failedCallsMax - 1), 1))).toBe(false);
    expect(isHopeless(...behind(calls(limits.failedCallsMax), 1))).toBe(true);
  });

  it('are hopeless where some of them take ten minutes, and not where that was one alone', () => {
    const calls = Array.from({ length: limits.failedCallsMin }, () => ({ status: 500 }));
    expect(isHopeless(...behind(calls, 3 * minute))).toBe(true);
    expect(isHopeless(...behind(calls, minute))).toBe(false);
    expect(isHopeless(...behind(calls.slice(1), 5 * minute))).toBe(false);
  });

  it('are forgotten when one brings something, also from a service that never tells what it used', () => {
    const calls = Array.from({ length: 500 }, (_, index) => (index % 50 === 0 ? {} : { status: 500 }));
    expect(isHopeless(...behind(calls, 1))).toBe(false);
    expect(isHopeless(...behind(Array(500).fill({}), minute))).toBe(false);
  });
});
