import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeOf } from '../../src/gateway/call.ts';
import { costOf, mostInputTokens, mostOf } from '../../src/gateway/price.ts';

const facts = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  contextTokens: 200_000,
  outputTokensMax: 64_000,
};

describe('what a call costs', () => {
  it('counts cached input at its own price and everything else at the full one', () => {
    const tokens = { input: 1_000_000, cacheRead: 800_000, cacheWrite: 100_000, output: 10_000 };
    expect(costOf(tokens, facts)).toBeCloseTo(0.3 + 0.24 + 0.375 + 0.15, 6);
  });

  it('is at most its whole input at the dearest price and all the output that it may have', () => {
    expect(mostOf({ inputTokens: 100_000, outputTokensMax: 8000 }, facts)).toBeCloseTo(0.375 + 0.12, 6);
    expect(mostOf({ inputTokens: 0, outputTokensMax: null }, facts)).toBeCloseTo(0.96, 6);
    expect(mostOf({ inputTokens: 0, outputTokensMax: 1_000_000 }, facts)).toBeCloseTo(0.96, 6);
  });

  it('is estimated from the last request of the conversation where that is known', () => {
    expect(mostInputTokens(100_000, null, facts)).toBe(50_000);
    expect(mostInputTokens(100_000, { bytes: 90_000, inputTokens: 20_000 }, facts)).toBe(25_000);
    expect(mostInputTokens(80_000, { bytes: 90_000, inputTokens: 20_000 }, facts)).toBe(40_000);
    expect(mostInputTokens(10_000_000, null, facts)).toBe(200_000);
  });

  it('is never above what was reserved for it', () => {
    const tokens = fc.record({
      input: fc.nat(200_000),
      read: fc.double({ min: 0, max: 1, noNaN: true }),
      output: fc.nat(64_000),
    });
    fc.assert(
      fc.property(tokens, ({ input, read, output }) => {
        const cacheRead = Math.floor(input * read);
        const cost = costOf({ input, cacheRead, cacheWrite: input - cacheRead, output }, facts);
        expect(cost).toBeLessThanOrEqual(
          mostOf({ inputTokens: input, outputTokensMax: output || 1 }, facts) + 1e-6,
        );
      }),
    );
  });
});

describe('what is forwarded', () => {
  it.each([
    ['POST', '/v1/messages', 'anthropic', 'generate'],
    ['POST', '/v1/messages/count_tokens', 'anthropic', 'look'],
    ['POST', '/v1/responses', 'responses', 'generate'],
    ['POST', '/v1/responses/compact', 'responses', 'generate'],
    ['POST', '/v1/chat/completions', 'chat', 'generate'],
    ['POST', '/v1beta/models/gemini-3-flash:streamGenerateContent', 'gemini', 'generate'],
    ['POST', '/v1beta/models/gemini-3-flash:countTokens', 'gemini', 'look'],
    ['GET', '/v1/models', 'chat', 'look'],
  ])('is %s %s', (method, path, api, kind) => {
    expect(routeOf(method, path)).toEqual({ api, kind });
  });

  it.each([
    ['POST', '/v1/files'],
    ['GET', '/v1/messages'],
    ['DELETE', '/v1/models/x'],
    ['POST', '/v1/messages/batches'],
    ['GET', '/v1/organizations/api_keys'],
    ['POST', '/v1/x/../../admin/messages'],
    ['POST', '/v1beta/models/x:tuneModel'],
    ['POST', '/'],
  ])('is not %s %s', (method, path) => {
    expect(routeOf(method, path)).toBeNull();
  });
});
