import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/gateway/call.ts';
import { createUsageReader } from '../../src/gateway/usage-reader.ts';

const whole: readonly [Api, unknown, object][] = [
  [
    'anthropic',
    {
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 5,
        output_tokens: 7,
      },
    },
    { input: 115, cacheRead: 100, cacheWrite: 5, output: 7 },
  ],
  [
    'responses',
    {
      usage: {
        input_tokens: 50,
        input_tokens_details: { cached_tokens: 20 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 4 },
      },
    },
    { input: 50, cacheRead: 20, cacheWrite: 0, output: 9 },
  ],
  [
    'chat',
    { usage: { prompt_tokens: 50, prompt_tokens_details: { cached_tokens: 20 }, completion_tokens: 9 } },
    { input: 50, cacheRead: 20, cacheWrite: 0, output: 9 },
  ],
  [
    'gemini',
    {
      usageMetadata: {
        promptTokenCount: 50,
        cachedContentTokenCount: 20,
        candidatesTokenCount: 6,
        thoughtsTokenCount: 3,
      },
    },
    { input: 50, cacheRead: 20, cacheWrite: 0, output: 9 },
  ],
];

describe('what an answer has used', () => {
  it.each(whole)(
    'is read from a whole answer of %s, cached input and reasoning included',
    (api, answer, tokens) => {
      const reader = createUsageReader(api, false, 1e6);
      reader.push(Buffer.from(JSON.stringify(answer)));
      expect(reader.end()).toEqual(tokens);
    },
  );

  it('is read from a stream of Anthropic, whose first event tells the input and whose last the output', () => {
    const events = [
      {
        type: 'message_start',
        message: { usage: { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 } },
      },
      { type: 'content_block_delta', delta: { text: 'the word "usage" in a text' } },
      { type: 'message_delta', usage: { output_tokens: 42 } },
    ];
    expect(read('anthropic', events)).toEqual({ input: 100, cacheRead: 90, cacheWrite: 0, output: 42 });
  });

  it('is read from the last event of a stream of Responses', () => {
    const events = [
      { type: 'response.created', response: { usage: null } },
      { type: 'response.completed', response: { usage: { input_tokens: 8, output_tokens: 3 } } },
    ];
    expect(read('responses', events)).toMatchObject({ input: 8, output: 3 });
  });

  it('is the largest report where one goes backwards', () => {
    const events = [30, 12, 20].map((count) => ({
      usageMetadata: { promptTokenCount: count, candidatesTokenCount: count },
    }));
    expect(read('gemini', events)).toMatchObject({ input: 30, output: 30 });
  });

  it('is read from the list that Gemini streams where no events are asked for', () => {
    const reader = createUsageReader('gemini', false, 1e6);
    reader.push(
      Buffer.from(JSON.stringify([{}, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } }])),
    );
    expect(reader.end()).toMatchObject({ input: 3, output: 2 });
  });

  it('does not depend on where the stream is cut into pieces', () => {
    const stream = streamOf([
      { type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } },
      { type: 'content_block_delta', delta: { text: 'ä€𝄞 "usage"' } },
      { type: 'message_delta', usage: { output_tokens: 42 } },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const reader = createUsageReader('anthropic', true, 1e6);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        for (const [index, edge] of edges.slice(1).entries())
          reader.push(stream.subarray(edges[index], edge));
        expect(reader.end()).toEqual({ input: 10, cacheRead: 0, cacheWrite: 0, output: 42 });
      }),
    );
  });

  it('is null where nothing was told, whatever was said', () => {
    for (const api of ['anthropic', 'responses', 'chat', 'gemini'] as const) {
      for (const said of ['', 'null', '[]', '{', '{"usage":7}', '{"usage":null}', '<html>']) {
        const reader = createUsageReader(api, false, 1e6);
        reader.push(Buffer.from(said));
        expect(reader.end()).toBeNull();
      }
      expect(read(api, [null, 7, 'usage', { usage: [] }])).toBeNull();
    }
  });

  it.each([-5, 1.5, '7', 1e300, Number.MAX_SAFE_INTEGER, {}, true])(
    'is not told by a report with a number that is none of tokens: %j',
    (bad) => {
      expect(read('chat', [{ usage: { prompt_tokens: 9, completion_tokens: bad } }])).toBeNull();
      expect(read('anthropic', [{ usage: { input_tokens: bad, output_tokens: 1 } }])).toBeNull();
      expect(read('gemini', [{ usageMetadata: { promptTokenCount: bad } }])).toBeNull();
      const good = { usage: { prompt_tokens: 9, completion_tokens: 4 } };
      expect(read('chat', [good, { usage: { prompt_tokens: bad, completion_tokens: 5 } }])).toMatchObject({
        input: 9,
        output: 4,
      });
    },
  );

  it('takes what is not said for none', () => {
    const usage = { prompt_tokens: 9, completion_tokens: null, prompt_tokens_details: null };
    expect(read('chat', [{ usage }])).toMatchObject({ input: 9, output: 0 });
  });

  it.each<[string, Api, object, object]>([
    [
      'what a service wrote into its cache',
      'responses',
      { usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 2, cache_write_tokens: 5 } } },
      { input: 9, cacheRead: 2, cacheWrite: 5 },
    ],
    [
      'the same of Chat Completions',
      'chat',
      { usage: { prompt_tokens: 9, prompt_tokens_details: { cache_write_tokens: 5 } } },
      { input: 9, cacheWrite: 5 },
    ],
    [
      'what was thought, where only the total has it',
      'chat',
      { usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 20 } },
      { input: 9, output: 11 },
    ],
    [
      'calls that the service made by itself, which stand apart',
      'anthropic',
      {
        usage: {
          ...{ input_tokens: 23, output_tokens: 1 },
          iterations: [
            { type: 'compaction', input_tokens: 180, output_tokens: 3, cache_read_input_tokens: 7 },
            { type: 'message', input_tokens: 23, output_tokens: 1 },
          ],
        },
      },
      { input: 210, cacheRead: 7, output: 4 },
    ],
    [
      'searches of the web, and not what was looked at of their results',
      'responses',
      {
        response: {
          usage: { input_tokens: 9 },
          output: [
            { type: 'web_search_call', action: { type: 'search' } },
            { type: 'web_search_call', action: { type: 'open_page' } },
            { type: 'web_search_call' },
            { type: 'message' },
          ],
        },
      },
      { searches: 2 },
    ],
    [
      'searches of Google’s',
      'gemini',
      {
        usageMetadata: { promptTokenCount: 9 },
        candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }],
      },
      { searches: 2 },
    ],
    [
      'the tier',
      'responses',
      { response: { service_tier: 'priority', usage: { input_tokens: 9 } } },
      { tier: 'fast' },
    ],
    ['the slower tier', 'chat', { service_tier: 'flex', usage: { prompt_tokens: 9 } }, { tier: 'slow' }],
    ['the speed', 'anthropic', { usage: { input_tokens: 9, speed: 'standard' } }, { tier: 'plain' }],
    ['the place', 'anthropic', { usage: { input_tokens: 9, inference_geo: 'us' } }, { inUs: true }],
  ])('is read with %s', (_, api, said, tokens) => {
    expect(read(api, [said])).toMatchObject(tokens);
  });

  it('is read whatever ends its lines', () => {
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } },
      { type: 'message_delta', usage: { output_tokens: 42 } },
    ];
    for (const end of ['\n', '\r', '\r\n']) {
      const stream = events
        .map((event) => `event: x${end}data: ${JSON.stringify(event)}${end}${end}`)
        .join('');
      for (const cut of [1, 7, 64, 4096]) {
        const reader = createUsageReader('anthropic', true, 1e6);
        for (let at = 0; at < stream.length; at += cut) reader.push(Buffer.from(stream.slice(at, at + cut)));
        expect(reader.end()).toMatchObject({ input: 10, output: 42 });
      }
    }
  });

  it('is read beside keys that every object has', () => {
    const stream =
      'data: {"__proto__":{"usage":{"prompt_tokens":7}},"constructor":1,"usage":{"prompt_tokens":5}}\n\n';
    const reader = createUsageReader('chat', true, 1e6);
    reader.push(Buffer.from(stream));
    expect(reader.end()).toMatchObject({ input: 5 });
    const other = createUsageReader('chat', true, 1e6);
    other.push(Buffer.from('data: {"__proto__":{"usage":{"prompt_tokens":7}}}\n\n'));
    expect(other.end()).toBeNull();
  });

  it('keeps no more of an endless line than its limit, and reads the next one', () => {
    const reader = createUsageReader('chat', true, 1000);
    for (let count = 0; count < 1000; count++) reader.push(Buffer.alloc(10_000, 'x'));
    reader.push(streamOf([{ usage: { prompt_tokens: 5, completion_tokens: 6 } }]));
    expect(reader.end()).toMatchObject({ input: 5, output: 6 });
    expect(reader.bytes()).toBeGreaterThan(10_000_000);
  });
});

function read(api: Api, events: readonly unknown[]) {
  const reader = createUsageReader(api, true, 1e6);
  reader.push(streamOf(events));
  return reader.end();
}

function streamOf(events: readonly unknown[]): Buffer {
  return Buffer.from(events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}
