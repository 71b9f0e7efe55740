import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Api, readCall, routeOf } from '../../src/gateway/call.ts';
import { type Dearer, dearerBy } from '../../src/gateway/dearer.ts';
import { costOf, dearestOf, mostInputTokens, mostOf } from '../../src/gateway/price.ts';
import type { Tokens } from '../../src/gateway/usage.ts';

const facts = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  contextTokens: 200_000,
  outputTokensMax: 64_000,
};

const plain: Dearer = {
  answers: 1,
  hasUnseenInput: false,
  tier: { asked: 'plain', factor: 2 },
  inUs: false,
  cachesForHour: false,
  searches: { most: 0, usd: 0.01, isPaidOnce: false },
  otherModels: [],
};
const most = (inputTokens: number, outputTokensMax: number | null, more: Partial<Dearer> = {}) =>
  mostOf({ inputTokens, outputTokensMax, dearer: { ...plain, ...more } }, facts);

const bodyOf = (asked: object) => Buffer.from(JSON.stringify({ model: 'm', ...asked }));

function dearerOf(api: Api, asked: object): Dearer {
  const body = bodyOf(asked);
  const path = `/v1/models/${'model' in asked ? asked.model : 'm'}:generateContent`;
  const read = readCall({ api, kind: 'generate' }, path, body);
  if (typeof read === 'string') throw new Error(read);
  return dearerBy(read, body);
}

describe('what a call costs', () => {
  it('counts cached input at its own price and everything else at the full one', () => {
    const tokens = { input: 1_000_000, cacheRead: 800_000, cacheWrite: 100_000, output: 10_000 };
    expect(costOf(tokens, facts, plain)).toBeCloseTo(0.3 + 0.24 + 0.375 + 0.15, 6);
  });

  it('is at most its whole input at the dearest price and all the output that it may have', () => {
    expect(most(100_000, 8000)).toBeCloseTo(0.375 + 0.12, 6);
    expect(most(0, null)).toBeCloseTo(0.96, 6);
    expect(most(0, 1_000_000)).toBeCloseTo(0.96, 6);
  });

  it.each<[Api, object]>([
    ['anthropic', {}],
    ['anthropic', { max_tokens: -1 }],
    ['anthropic', { max_tokens: 1e9 }],
    ['anthropic', { max_tokens: '1' }],
    ['responses', { max_output_tokens: 0 }],
    ['chat', { max_tokens: 1, max_completion_tokens: 1e9 }],
    ['gemini', { generationConfig: { maxOutputTokens: 1 }, generation_config: { max_output_tokens: 1e9 } }],
  ])('is all the output that the model can give where %s says %j', (api, asked) => {
    const read = readCall({ api, kind: 'generate' }, '/v1/models/m:generateContent', bodyOf(asked));
    const allowed = typeof read === 'string' ? 0 : read.call.outputTokensMax;
    expect(most(0, allowed)).toBeCloseTo(0.96, 6);
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
    expect(costOf({ ...tokens, cacheWriteHour: 400_000 }, facts, plain)).toBeCloseTo(2.4 + 2.25, 6);
    expect(costOf({ ...tokens, cacheWrite: 0, searches: 3 }, facts, plain)).toBeCloseTo(3.03, 6);
  });

  it.each<[string, Api, object, number]>([
    ['several answers', 'chat', { n: 3 }, 2.88],
    ['several candidates', 'gemini', { generationConfig: { candidateCount: 2 } }, 1.92],
    ['a faster tier', 'responses', { service_tier: 'priority' }, 1.92],
    ['the fast mode', 'anthropic', { speed: 'fast' }, 1.92],
    ['the fast mode of an older model', 'anthropic', { model: 'claude-opus-4-6', speed: 'fast' }, 5.76],
    [
      'the faster tier of a model that takes more for it',
      'chat',
      { model: 'gpt-5.5', service_tier: 'priority' },
      2.4,
    ],
    ['answers in the United States only', 'anthropic', { inference_geo: 'us' }, 1.056],
    ['candidates in the other way of writing', 'gemini', { generation_config: { candidate_count: 8 } }, 7.68],
    [
      'a page that the service fetches',
      'anthropic',
      { tools: [{ type: 'web_fetch_20250910' }] },
      0.96 + 0.75,
    ],
    ['a server that the service asks', 'anthropic', { mcp_servers: [{ url: 'https://x' }] }, 0.96 + 0.75],
    ['files that the service searches', 'responses', { tools: [{ type: 'file_search' }] }, 0.96 + 0.75],
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
    ['searches of OpenAI’s', 'responses', { tools: [{ type: 'web_search' }] }, 0.96 + 0.03 + 0.225],
    [
      'searches of OpenAI’s with a limit',
      'responses',
      { max_tool_calls: 1, tools: [{ type: 'web_search' }] },
      0.96 + 0.01 + 0.075,
    ],
    ['a search of Chat Completions', 'chat', { web_search_options: {} }, 0.96 + 0.025 + 0.075],
    ['searches of Google’s', 'gemini', { tools: [{ googleSearch: {} }] }, 0.96 + 0.14 + 0.75],
    [
      'searches of Google’s that are paid once',
      'gemini',
      { model: 'gemini-2.5-pro', tools: [{ google_search: {} }] },
      0.96 + 0.035 + 0.075,
    ],
  ])('is weighed with what makes it dearer: %s', (_, api, asked, usd) => {
    expect(most(0, null, dearerOf(api, asked))).toBeCloseTo(usd, 6);
  });

  it.each<[string, Api, object, Partial<Tokens>, number]>([
    ['the faster tier, asked for and given', 'responses', { service_tier: 'priority' }, { tier: 'fast' }, 2],
    [
      'the faster tier, asked for and not given',
      'responses',
      { service_tier: 'priority' },
      { tier: 'plain' },
      1,
    ],
    ['the faster tier, given without a word', 'responses', {}, { tier: 'fast' }, 2],
    ['the slower tier', 'responses', { service_tier: 'flex' }, { tier: 'slow' }, 0.5],
    ['a tier of which the answer says nothing', 'anthropic', { speed: 'fast' }, {}, 2],
    ['an answer in the United States', 'anthropic', {}, { inUs: true }, 1.1],
    ['an answer elsewhere', 'anthropic', { inference_geo: 'us' }, { inUs: false }, 1],
  ])('counts by what the answer says of its tier and place: %s', (_, api, asked, told, factor) => {
    const tokens = { input: 1_000_000, cacheRead: 0, cacheWrite: 0, output: 0, ...told };
    expect(costOf(tokens, facts, dearerOf(api, asked))).toBeCloseTo(3 * factor, 6);
  });

  it('counts searches as their service does: each, or all of one call together', () => {
    const tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, searches: 3 };
    expect(costOf(tokens, facts, dearerOf('responses', {}))).toBeCloseTo(0.03, 6);
    expect(costOf(tokens, facts, dearerOf('gemini', { model: 'gemini-4-neon' }))).toBeCloseTo(0.042, 6);
    expect(costOf(tokens, facts, dearerOf('gemini', { model: 'gemini-2.5-pro' }))).toBeCloseTo(0.035, 6);
  });

  it('counts a whole request by the price of its length', () => {
    const tiers = {
      ...{ contextTokens: 1_000_000, outputTokensMax: 1000, price: { input: 1, output: 0 } },
      longPrompts: [
        { aboveTokens: 100, price: { input: 2, output: 0 } },
        { aboveTokens: 1000, price: { input: 3, output: 0 } },
      ],
    };
    const cost = (input: number) =>
      costOf({ input, cacheRead: 0, cacheWrite: 0, output: 0 }, tiers, plain) * 1e6;
    expect([100, 101, 1000, 1001].map(cost).map(Math.round)).toEqual([100, 202, 2000, 3003]);
  });

  it('is that of the dearest model that the service may call for it, and unknown where one is', () => {
    const asked = { tools: [{ type: 'advisor_20260301', model: 'dear' }], fallbacks: [{ model: 'other' }] };
    expect(dearerOf('anthropic', asked).otherModels).toEqual(['dear', 'other']);
    expect(dearerOf('responses', { tools: [{ type: 'image_generation' }] }).otherModels).toEqual([
      'gpt-image',
    ]);
    const dear = { ...facts, price: { input: 10, output: 50 } };
    expect(dearestOf([facts, dear, facts])).toBe(dear);
    expect(dearestOf([facts, null])).toBeNull();
  });

  it('is weighed with a cache for an hour where it asks for one', () => {
    const asked = { system: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] };
    expect(dearerOf('anthropic', asked).cachesForHour).toBe(true);
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
        const cost = costOf({ input, cacheRead, cacheWrite: input - cacheRead, output }, facts, plain);
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
    ['POST', '/chat/completions', 'chat', 'generate'],
    ['POST', '/openai/deployments/ours/chat/completions', 'chat', 'generate'],
    ['POST', '/v1/projects/p/locations/l/publishers/google/models/m:generateContent', 'gemini', 'generate'],
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
    ['POST', '/v1/threads/x/messages'],
    ['POST', '/v1/assistants/x/chat/completions'],
    ['GET', '/v1/organization/x/models'],
    ['GET', '/v1/responses/resp_1'],
    ['POST', '/v1/batches'],
    ['HEAD', '/v1/messages'],
    ['CONNECT', 'api.example.com:443'],
    ['POST', '/'],
  ])('is not %s %s', (method, path) => {
    expect(routeOf(method, path)).toBeNull();
  });
});
