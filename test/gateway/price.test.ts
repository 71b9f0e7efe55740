import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Api, readCall, routeOf } from '../../src/gateway/call.ts';
import { dearerBy } from '../../src/gateway/dearer.ts';
import { costOf, mostInputTokens, mostOf } from '../../src/gateway/price.ts';

const facts = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  contextTokens: 200_000,
  outputTokensMax: 64_000,
};

const plain = { answers: 1, hasUnseenInput: false, factor: 1, cachesForHour: false, searchesMax: 0 };
const most = (inputTokens: number, outputTokensMax: number | null, more = {}) =>
  mostOf({ inputTokens, outputTokensMax, dearer: { ...plain, ...more } }, facts);

describe('what a call costs', () => {
  it('counts cached input at its own price and everything else at the full one', () => {
    const tokens = { input: 1_000_000, cacheRead: 800_000, cacheWrite: 100_000, output: 10_000 };
    expect(costOf(tokens, facts)).toBeCloseTo(0.3 + 0.24 + 0.375 + 0.15, 6);
  });

  it('is at most its whole input at the dearest price and all the output that it may have', () => {
    expect(most(100_000, 8000)).toBeCloseTo(0.375 + 0.12, 6);
    expect(most(0, null)).toBeCloseTo(0.96, 6);
    expect(most(0, 1_000_000)).toBeCloseTo(0.96, 6);
  });

  it('is estimated from the last request of the conversation where that is known', () => {
    const last = {
      body: Buffer.from(`{"messages":["${'a'.repeat(90_000)}"],"tools":[]}`),
      inputTokens: 20_000,
    };
    const next = `{"messages":["${'a'.repeat(90_000)}","${'b'.repeat(9997)}"],"tools":[]}`;
    expect(mostInputTokens(Buffer.alloc(100_000, 'a'), null, facts)).toBe(50_000);
    expect(mostInputTokens(Buffer.from(next), last, facts)).toBe(25_000);
    expect(mostInputTokens(Buffer.alloc(10_000_000, 'a'), null, facts)).toBe(200_000);
  });

  it('is not estimated from what a request does not have in common with the last one', () => {
    const last = { body: Buffer.alloc(90_000, ' '), inputTokens: 100 };
    expect(mostInputTokens(Buffer.alloc(90_001, 'x'), last, facts)).toBe(45_001);
  });

  it.each([
    ['digits, each a token with some models', '0123456789', 10],
    ['characters that are as many tokens as bytes', '𓂀', 4],
    ['plain text', 'abcdefgh', 4],
  ])('counts %s', (_, text, tokens) => {
    expect(mostInputTokens(Buffer.from(text), null, facts)).toBe(tokens);
  });

  it('counts what is kept in the cache for an hour at twice the input, and each search of the web', () => {
    const tokens = { input: 1_000_000, cacheRead: 0, cacheWrite: 1_000_000, output: 0 };
    expect(costOf({ ...tokens, cacheWriteHour: 400_000 }, facts)).toBeCloseTo(2.4 + 2.25, 6);
    expect(costOf({ ...tokens, cacheWrite: 0, searches: 3 }, facts)).toBeCloseTo(3.03, 6);
  });

  it.each<[string, Api, object, number]>([
    ['several answers', 'chat', { n: 3 }, 2.88],
    ['several candidates', 'gemini', { generationConfig: { candidateCount: 2 } }, 1.92],
    ['a faster tier', 'responses', { service_tier: 'priority' }, 1.92],
    ['the fast mode', 'anthropic', { speed: 'fast' }, 5.76],
    ['a stored conversation', 'responses', { previous_response_id: 'r' }, 0.96 + 0.75],
    ['stored content', 'gemini', { cachedContent: 'c' }, 0.96 + 0.75],
    [
      'a document at an address',
      'anthropic',
      { messages: [{ content: [{ type: 'document', source: { type: 'url', url: 'https://x' } }] }] },
      0.96 + 0.75,
    ],
    [
      'a picture at an address',
      'chat',
      { messages: [{ content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }] },
      0.96 + 0.75,
    ],
    [
      'a picture within it',
      'chat',
      { messages: [{ content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }] },
      0.96,
    ],
    [
      'searches of the web',
      'anthropic',
      { tools: [{ type: 'web_search_20250305', max_uses: 2 }] },
      0.96 + 0.02 + 0.15,
    ],
  ])('is weighed with what makes it dearer: %s', (_, api, asked, usd) => {
    const body = Buffer.from(JSON.stringify({ model: 'm', ...asked }));
    const call = readCall({ api, kind: 'generate' }, '/v1/models/m:generateContent', body);
    expect(most(0, null, call ? dearerBy(call, body) : {})).toBeCloseTo(usd, 6);
  });

  it('is weighed with a cache for an hour where it asks for one', () => {
    const body = Buffer.from('{"system":[{"cache_control":{"type":"ephemeral","ttl":"1h"}}]}');
    expect(dearerBy({ api: 'anthropic', asked: {} }, body).cachesForHour).toBe(true);
    expect(most(100_000, 8000, { cachesForHour: true })).toBeCloseTo(0.6 + 0.12, 6);
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
        expect(cost).toBeLessThanOrEqual(most(input, output || 1) + 1e-6);
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
