import type http from 'node:http';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { purses } from './purses.ts';
import { client, createTowns } from './town.ts';
import { type Answer, claudeAnswer, sendJson } from './upstream.fixture.ts';

const { opened, town } = createTowns();
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const key = 'real-key-of-anthropic';

describe('a service that shows our key', () => {
  const quoting = `{"error":{"message":"Incorrect API key provided: ${key}."}}`;
  it.each<[string, Answer]>([
    ['in an error', (answer) => void answer.writeHead(401).end(quoting)],
    ['in an answer', (answer) => void answer.writeHead(200).end(quoting)],
    ['in an answer that says its length', (answer) => sendLong(answer, quoting)],
    ['in a header', (answer) => void answer.writeHead(200, { 'x-request': `key ${key}` }).end('{}')],
    ['in packed bytes', (answer) => sendPacked(answer, 'gzip', zlib.gzipSync(quoting))],
    ['piece by piece', (answer) => sendPieces(answer, [...quoting])],
    [
      'in an encoded address',
      (answer) => void answer.writeHead(400).end(`see /v1?x=${encodeURIComponent(key)}`),
    ],
  ])('%s, shows it to no agent', async (_, say) => {
    const { gateway } = await town(say);
    const answer = await client(gateway).messages();
    const seen = JSON.stringify([...answer.headers]) + (await answer.text());
    expect(seen).not.toContain(key);
    expect(seen).toContain('*'.repeat(key.length));
  });

  it('shows it whole nowhere, also where its beginning comes first and alone', async () => {
    const text = `${key.slice(0, 9)} real-key real-key-of-anthropi ${key}${key} real-`;
    const { gateway } = await town((answer) => sendPieces(answer, [...text]));
    const answer = await client(gateway).messages();
    expect(await answer.text()).toBe(text.replaceAll(key, '*'.repeat(key.length)));
  });
});

describe('an answer that is packed though we asked for plain bytes', () => {
  const body = JSON.stringify(claudeAnswer(50, 5));
  it.each([
    ['gzip', zlib.gzipSync(body)],
    ['deflate', zlib.deflateSync(body)],
    ['br', zlib.brotliCompressSync(body)],
    ['zstd', zlib.zstdCompressSync(body)],
  ])('as %s, arrives unpacked and is booked', async (encoding, bytes) => {
    const { gateway } = await town((answer) => sendPacked(answer, encoding, bytes));
    const { account, messages } = client(gateway);
    const answer = await messages();
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(await answer.json()).toEqual(claudeAnswer(50, 5));
    await account.close();
    expect(account.total()).toMatchObject({ tokens_in: 50, tokens_out: 5, isExact: true });
  });

  it('is no whole one where its bytes cannot be unpacked', async () => {
    const { gateway } = await town((answer) => sendPacked(answer, 'gzip', Buffer.from('no gzip')));
    const { account, messages } = client(gateway);
    await expect(messages().then((answer) => answer.text())).rejects.toThrow();
    await account.close();
    expect(account.total()).toMatchObject({ isExact: false });
  });
});

describe('a service that lies about usage', () => {
  it.each([
    ['a number that nobody can use up', { input_tokens: 10, output_tokens: Number.MAX_SAFE_INTEGER }],
    ['less than nothing', { input_tokens: 10, output_tokens: -5 }],
    ['no number', { input_tokens: 10, output_tokens: 'NaN' }],
  ])('%s: is booked with the most that the call can cost', async (_, usage) => {
    const { gateway } = await town((answer) => sendJson(answer, { usage }));
    const { account, messages } = client(gateway, purses({ run: 3 }));
    await (await messages()).text();
    await account.close();
    const { cost, isExact, tokens_out } = account.total();
    expect(isExact).toBe(false);
    expect(cost).toBeGreaterThan(0.1);
    expect(cost).toBeLessThan(0.11);
    expect(tokens_out).toBeLessThan(1000);
  });

  it('is booked with the most also where it answers later, in the background', async () => {
    const { gateway } = await town((answer) => sendJson(answer, { status: 'queued', usage: null }));
    const { account } = client(gateway, purses({ run: 3 }));
    const headers = { authorization: `Bearer ${account.token}` };
    const body = JSON.stringify({ model: 'm', background: true, max_output_tokens: 1000 });
    const asked = await fetch(`${account.url('openai')}/v1/responses`, { method: 'POST', headers, body });
    expect(await asked.json()).toMatchObject({ status: 'queued' });
    const later = await fetch(`${account.url('openai')}/v1/responses/resp_1`, { headers });
    expect(later.status).toBe(404);
    await account.close();
    expect(account.total().isExact).toBe(false);
    expect(account.total().cost).toBeGreaterThan(0.1);
  });

  it('is booked once, however often it tells the same', async () => {
    const usage = { input_tokens: 10, output_tokens: 3 };
    const { gateway } = await town((answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.end(`data: ${JSON.stringify({ type: 'message_delta', usage })}\n\n`.repeat(50));
    });
    const { account, messages } = client(gateway);
    await (await messages({ stream: true })).text();
    await account.close();
    expect(account.total()).toMatchObject({ tokens_in: 10, tokens_out: 3, isExact: true });
  });
});

describe('calls that fail one after another', () => {
  it.each<[string, Answer]>([
    ['are refused', (answer) => void answer.writeHead(429).end('{}')],
    ['are cut', (answer) => void answer.writeHead(200).write('{', () => answer.destroy())],
    ['are not answered', (answer) => void answer.destroy()],
  ])('are counted where they %s, and those that the agent left are not', async (_, say) => {
    const { gateway } = await town((answer, asked, request) =>
      asked.body.includes('leave') ? undefined : say(answer, asked, request),
    );
    const told: unknown[] = [];
    const { account, messages } = client(gateway, [], { onHopeless: async (why) => void told.push(why) });
    const call = async () =>
      void (await messages()
        .then((answer) => answer.text())
        .catch(() => ''));
    for (let count = 1; count < limits.failedCallsMax; count++) await call();
    await messages({ system: 'leave' }, { signal: AbortSignal.timeout(50) }).catch(() => undefined);
    expect(told).toEqual([]);
    await call();
    await account.close();
    expect(told).toMatchObject([{ kind: 'calls', upstream: 'anthropic', count: limits.failedCallsMax }]);
  });
});

describe('a refusal of the service', () => {
  it.each<[string, number, string, readonly number[]]>([
    ['of the key', 401, '{}', [401]],
    ['of the key, in Google’s words', 400, '{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', [400]],
    ['of one model', 403, '{"error":{"type":"permission_error"}}', []],
    ['of one request', 400, '{"error":{"type":"invalid_request_error"}}', []],
  ])('%s (HTTP %i)', async (_, status, body, told) => {
    const { gateway } = await town((answer) => void answer.writeHead(status).end(body));
    const refused: number[] = [];
    const { account, messages } = client(gateway, [], {
      onHopeless: async (why) => void refused.push(why.kind === 'key' ? why.status : 0),
    });
    expect((await messages()).status).toBe(status);
    await account.close();
    expect(refused).toEqual(told);
  });
});

function sendLong(answer: http.ServerResponse, body: string): void {
  answer.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
}

function sendPacked(answer: http.ServerResponse, encoding: string, bytes: Buffer): void {
  answer.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': encoding,
    'content-length': bytes.length,
  });
  answer.end(bytes);
}

async function sendPieces(answer: http.ServerResponse, pieces: readonly string[]): Promise<void> {
  answer.writeHead(200, { 'content-type': 'application/json' });
  for (const piece of pieces) {
    answer.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  answer.end();
}
