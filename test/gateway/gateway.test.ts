import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { purses } from './purses.ts';
import { client, createTowns } from './town.ts';
import { type Answer, claudeAnswer, sendEvents, sendJson, startService } from './upstream.fixture.ts';

const { opened, town } = createTowns();
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

describe('a call through the gateway', () => {
  it('reaches its upstream with the real key in place of the token, and everything else as it was', async () => {
    const { service, gateway } = await town((answer) => sendJson(answer, claudeAnswer(10, 5)));
    const { account, messages } = client(gateway);
    const answer = await messages({ messages: [{ role: 'user', content: 'ä€𝄞' }] });
    expect(await answer.json()).toEqual(claudeAnswer(10, 5));
    const [asked] = service.asked;
    expect(asked).toMatchObject({ method: 'POST', url: '/v1/messages?beta=true' });
    expect(asked?.headers).toMatchObject({ 'x-api-key': 'real-key-of-anthropic', 'anthropic-version': 'x' });
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ messages: [{ role: 'user', content: 'ä€𝄞' }] });
    expect(JSON.stringify(asked)).not.toContain(account.token);
  });

  it.each([
    [
      'openai',
      '/v1/responses',
      { authorization: 'Bearer TOKEN' },
      '/base/v1/responses',
      'authorization',
      'Bearer real-key-of-openai',
    ],
    [
      'gemini',
      '/v1beta/models/g:generateContent',
      { 'x-goog-api-key': 'TOKEN' },
      '/v1beta/models/g:generateContent',
      'x-goog-api-key',
      'real-key-of-gemini',
    ],
    [
      'gemini',
      '/v1beta/models/g:generateContent?key=TOKEN&alt=sse',
      {},
      '/v1beta/models/g:generateContent?alt=sse',
      'x-goog-api-key',
      'real-key-of-gemini',
    ],
  ])('finds its token where %s clients put it', async (upstream, path, headers, target, header, key) => {
    const { service, gateway } = await town((answer) => sendJson(answer, {}));
    const { account } = client(gateway);
    const withToken = (text: string) => text.replace('TOKEN', account.token);
    await fetch(account.url(upstream) + withToken(path), {
      method: 'POST',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, withToken(value)])),
      body: '{}',
    });
    expect(service.asked[0]?.url).toBe(target);
    expect(service.asked[0]?.headers[header]).toBe(key);
  });

  it('is booked with its tokens and cost before the next one is weighed', async () => {
    const { gateway } = await town((answer) => sendJson(answer, claudeAnswer(1000, 100)));
    const { account, spent, messages } = client(gateway);
    await (await messages()).text();
    await (await messages()).text();
    await account.close();
    expect(spent).toEqual([
      { tokens_in: 1000, tokens_out: 100, cost: 0.02 },
      { tokens_in: 2000, tokens_out: 200, cost: 0.04 },
    ]);
    expect(account.total()).toEqual({
      tokens_in: 2000,
      tokens_out: 200,
      cost: 0.04,
      isExact: true,
      lastProblem: null,
    });
  });

  it('streams: each piece arrives when it was sent, and usage is read on the way', async () => {
    const pieces = 5;
    const { gateway } = await town(async (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(`data: ${JSON.stringify({ message: { usage: { input_tokens: 100 } } })}\n\n`);
      for (let count = 0; count < pieces; count++) {
        answer.write('data: {"delta":"x"}\n\n');
        await sleep(30);
      }
      answer.end(`data: ${JSON.stringify({ usage: { output_tokens: 10 } })}\n\n`);
    });
    const { account, messages } = client(gateway);
    const answer = await messages({ stream: true });
    let arrivals = 0;
    for await (const _ of answer.body ?? []) arrivals++;
    await account.close();
    expect(arrivals).toBeGreaterThanOrEqual(pieces);
    expect(account.total()).toMatchObject({ tokens_in: 100, tokens_out: 10, isExact: true });
  });

  it('asks Chat Completions for a report of usage where the agent did not', async () => {
    const { service, gateway } = await town((answer) =>
      sendEvents(answer, [
        { choices: [] },
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } },
      ]),
    );
    const { account } = client(gateway);
    const answer = await fetch(`${account.url('openai')}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${account.token}` },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ content: '{{x}}' }] }),
    });
    await answer.text();
    await account.close();
    expect(JSON.parse(service.asked[0]?.body ?? '')).toEqual({
      model: 'm',
      stream: true,
      messages: [{ content: '{{x}}' }],
      stream_options: { include_usage: true },
    });
    expect(account.total()).toMatchObject({ tokens_in: 9, tokens_out: 4 });
  });

  it('costs nothing when the service refuses it, and the refusal arrives as it is', async () => {
    const { gateway } = await town((answer) => {
      answer.writeHead(529, { 'content-type': 'application/json', 'retry-after': '7' });
      answer.end('{"error":{"type":"overloaded_error"}}');
    });
    const { account, spent, messages } = client(gateway);
    const answer = await messages();
    expect(answer.status).toBe(529);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.json()).toEqual({ error: { type: 'overloaded_error' } });
    await account.close();
    expect(spent).toEqual([]);
  });
});

describe('a call that the budget cannot pay', () => {
  it('is not forwarded: the agent gets an error of its API, the engine is told', async () => {
    const { service, gateway } = await town((answer) => sendJson(answer, claudeAnswer(1, 1)));
    const { refused, messages } = client(gateway, purses({ attempt: 0.05, run: 3 }));
    const answer = await messages();
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'billing_error' } });
    expect(service.asked).toEqual([]);
    expect(refused).toMatchObject([{ scope: 'attempt', leftUsd: 0.05, model: 'claude-x' }]);
  });

  it('is one whose price is not known, and the sentence says what to do', async () => {
    const { service, gateway } = await town(
      (answer) => sendJson(answer, {}),
      () => null,
    );
    const { messages } = client(gateway, purses({ run: 3 }));
    const answer = await messages();
    expect(await answer.text()).toContain('give its price in ~/.gump/config.toml (on GitHub: gump.toml)');
    expect(service.asked).toEqual([]);
  });

  it('is never forwarded beside others, however many come at once: together they stay within the budget', async () => {
    const { service, gateway } = await town((answer) => sendJson(answer, claudeAnswer(100, 1000)));
    const budgetUsd = 1;
    let spentUsd = 0;
    const { account, messages } = client(gateway, undefined, {
      left: () => purses({ run: budgetUsd - spentUsd }),
      onSpent: async ({ cost }) => {
        await sleep(1);
        spentUsd = cost;
      },
    });
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await messages()).status));
    await account.close();
    expect(spentUsd).toBeLessThanOrEqual(budgetUsd);
    expect(statuses.filter((status) => status === 200)).toHaveLength(service.asked.length);
    expect(service.asked.length).toBeGreaterThan(5);
    expect(statuses.filter((status) => status === 400).length).toBeGreaterThan(20);
  });
});

describe('a sign of life', () => {
  it('is every piece of an answer; a service that is silent gives none', async () => {
    const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
    const { gateway } = await town(async (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('data: {}\n\n');
      await silence;
      answer.end('data: {}\n\n');
    });
    const { account, messages } = client(gateway);
    expect(account.movedAtMs()).toBe(0);
    const answer = await messages({ stream: true });
    await sleep(50);
    const before = account.movedAtMs();
    expect(before).toBeGreaterThan(0);
    await sleep(30);
    expect(account.movedAtMs()).toBe(before);
    speak();
    await answer.text();
    expect(account.movedAtMs()).toBeGreaterThan(before);
    await account.close();
  });

  it('is not asked of a call that waits for the reservations of others', async () => {
    const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
    const { gateway, service } = await town(async (answer) => {
      await silence;
      sendJson(answer, claudeAnswer(1, 1));
    });
    const purse = purses({ run: 0.15 });
    const first = client(gateway, purse);
    const second = client(gateway, purse);
    const paid = first.messages();
    while (service.asked.length === 0) await sleep(5);
    const waits = second.messages();
    while (second.account.movedAtMs() === 0) await sleep(5);
    const before = [first.account.movedAtMs(), second.account.movedAtMs()] as const;
    await sleep(30);
    expect(first.account.movedAtMs()).toBe(before[0]);
    expect(second.account.movedAtMs()).toBeGreaterThan(before[1]);
    speak();
    await Promise.all([paid, waits]);
    await Promise.all([first.account.close(), second.account.close()]);
  });
});

describe('a call that breaks off', () => {
  it.each<[string, Answer]>([
    ['tells nothing', (answer) => sendJson(answer, { content: [] })],
    ['tells no number', (answer) => sendJson(answer, { usage: { input_tokens: '9', output_tokens: null } })],
    ['is no JSON', (answer) => void answer.writeHead(200).end('<html>')],
    ['is cut', (answer) => void answer.writeHead(200).write('{', () => answer.destroy())],
    ['is an empty stream', (answer) => sendEvents(answer, [])],
  ])('is booked with the most that it can have cost where its answer %s', async (_, say) => {
    const { gateway } = await town(say);
    const { account, messages } = client(gateway);
    await messages({ stream: true })
      .then((answer) => answer.text())
      .catch(() => '');
    await account.close();
    expect(account.total().isExact).toBe(false);
    // 100 for a million of its 1,000 tokens; 10 for those of its body.
    expect(account.total().cost).toBeGreaterThan(0.1);
    expect(account.total().cost).toBeLessThan(0.102);
  });

  it('is not taken for a whole one where its stream ends behind its first report, as if all were well', async () => {
    const { gateway } = await town((answer) =>
      sendEvents(answer, [
        { type: 'message_start', message: { usage: { input_tokens: 70, output_tokens: 1 } } },
      ]),
    );
    const { account, messages } = client(gateway);
    await (await messages({ stream: true })).text();
    await account.close();
    expect(account.total()).toMatchObject({ tokens_in: 70, isExact: false, cost: 0.1007 });
  });

  it('does not hold its account open where the agent never sends its whole request', async () => {
    const { gateway } = await town(() => undefined);
    const { account } = client(gateway);
    const asked = http.request(`${account.url('anthropic')}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': account.token, 'content-length': 1000 },
    });
    // On a busy machine the request may come when the account is closed already: then it is refused.
    const ended = new Promise((resolve) =>
      asked.once('error', () => resolve('ended')).once('response', (answer) => resolve(answer.statusCode)),
    );
    asked.write('{"model":');
    await sleep(50);
    await account.close();
    expect(['ended', 401]).toContain(await ended);
  });

  it('is booked by what was told and by what passed, and marked as not exact', async () => {
    const { gateway } = await town(async (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(`data: ${JSON.stringify({ message: { usage: { input_tokens: 70 } } })}\n\n`);
      answer.write(`data: ${JSON.stringify({ delta: 'x'.repeat(3200) })}\n\n`);
      await sleep(20);
      answer.destroy();
    });
    const { account, messages } = client(gateway);
    const answer = await messages({ stream: true });
    await expect(answer.text()).rejects.toThrow();
    await account.close();
    expect(account.total()).toMatchObject({ tokens_in: 70, isExact: false });
    expect(account.total().tokens_out).toBeGreaterThan(90);
  });

  it('ends at its upstream when the agent goes away', async () => {
    const { service, gateway } = await town((answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('data: {}\n\n');
    });
    const { messages } = client(gateway);
    const gone = new AbortController();
    const answer = await messages({ stream: true }, { signal: gone.signal });
    expect(service.open()).toBe(1);
    gone.abort();
    await expect(answer.text()).rejects.toThrow();
    await until(() => service.open() === 0);
  });

  it('ends when its account is closed, and is booked before the account is', async () => {
    const { service, gateway } = await town((answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(`data: ${JSON.stringify({ message: { usage: { input_tokens: 70 } } })}\n\n`);
    });
    const { account, spent, messages } = client(gateway);
    const answer = await messages({ stream: true });
    await account.close();
    expect(spent).toMatchObject([{ tokens_in: 70 }]);
    await expect(answer.text()).rejects.toThrow();
    await until(() => service.open() === 0);
    expect((await messages()).status).toBe(401);
  });

  it('is answered with an error of its API where the service cannot be reached, and costs nothing', async () => {
    const { service, gateway } = await town(() => undefined);
    const { account, spent, messages } = client(gateway);
    await service.close();
    const answer = await messages();
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    await account.close();
    expect(spent).toEqual([]);
  });
});

describe('who may call', () => {
  it.each([
    ['no token', {}, 401],
    ['another token', { 'x-api-key': 'gump-0000' }, 401],
    ['a real key', { 'x-api-key': 'real-key-of-anthropic' }, 401],
  ])('is nobody with %s', async (_, headers, status) => {
    const { service, gateway } = await town(() => undefined);
    const { messages } = client(gateway);
    expect((await messages({}, { headers })).status).toBe(status);
    expect(service.asked).toEqual([]);
  });

  it('gives no key away where the service redirects: neither elsewhere nor to the agent', async () => {
    const elsewhere = await startService((answer) => sendJson(answer, {}));
    opened.push(elsewhere);
    const { service, gateway } = await town((answer, { headers }) => {
      answer.writeHead(307, { location: `${elsewhere.url}/v1/messages?key=${headers['x-api-key']}` });
      answer.end();
    });
    const { account, spent, messages } = client(gateway);
    const answer = await messages({}, { redirect: 'manual' });
    expect(answer.status).toBe(502);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toMatch(/redirects \(HTTP 307\)/);
    await account.close();
    expect([service.asked.length, elsewhere.asked.length, spent.length]).toEqual([1, 0, 0]);
  });

  it('is in nobody’s way, however many calls it has', async () => {
    const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
    const { gateway } = await town(async (answer, { body }) => {
      if (body.includes('slow')) await silence;
      sendJson(answer, claudeAnswer(1, 1));
    });
    const [first, second] = [client(gateway), client(gateway)];
    const slow = Array.from({ length: 40 }, () => first.messages({ system: 'slow' }));
    await sleep(50);
    expect((await second.messages()).status).toBe(200);
    speak();
    expect((await Promise.all(slow)).every(({ status }) => status === 200)).toBe(true);
  });

  it.each(['/v1/files', '/v1/messages/batches', '/v1/../admin', '/'])(
    'reaches nothing but models: not %s',
    async (path) => {
      const { service, gateway } = await town(() => undefined);
      const { account } = client(gateway);
      const { port } = new URL(account.url('anthropic'));
      const status = await new Promise((resolve) =>
        http
          .request({
            port,
            host: '127.0.0.1',
            method: 'POST',
            path: `/anthropic${path}`,
            headers: { 'x-api-key': account.token },
          })
          .once('response', (answer) => resolve(answer.statusCode))
          .end('{}'),
      );
      expect(status).toBe(404);
      expect(service.asked).toEqual([]);
    },
  );

  it('cannot make us say which upstreams there are by names that every object has', async () => {
    const { gateway } = await town(() => undefined);
    const { account } = client(gateway);
    for (const name of ['constructor', '__proto__', 'toString', 'nobody']) {
      const answer = await fetch(`${account.url(name)}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': account.token },
        body: '{}',
      });
      expect(answer.status).toBe(404);
    }
  });

  it.each(['', '{', '[]', 'null', '"x"'])('gets an error for a body that is no object: %j', async (body) => {
    const { service, gateway } = await town(() => undefined);
    const { messages } = client(gateway);
    expect((await messages({}, { body })).status).toBe(400);
    expect(service.asked).toEqual([]);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let count = 0; count < 200 && !isTrue(); count++) await sleep(10);
  expect(isTrue()).toBe(true);
}
