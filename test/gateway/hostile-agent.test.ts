import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { purses } from './purses.ts';
import { client, createTowns } from './town.ts';
import { claudeAnswer, sendJson } from './upstream.fixture.ts';

const { opened, town } = createTowns();
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const answering = () => town((answer) => sendJson(answer, claudeAnswer(10, 5)));

describe('a request that is none', () => {
  it.each<[string, (token: string) => string]>([
    [
      'an address elsewhere',
      (token) => `POST http://elsewhere.example/v1/messages HTTP/1.1\r\n${head(token)}\r\n{}`,
    ],
    ['a tunnel', (token) => `CONNECT elsewhere.example:443 HTTP/1.1\r\n${head(token)}\r\n`],
    ['a way out', (token) => `POST /anthropic/v1/../../admin/v1/messages HTTP/1.1\r\n${head(token)}\r\n{}`],
    [
      'an encoded way out',
      (token) => `POST /anthropic/v1/x%2f..%2fmessages HTTP/1.1\r\n${head(token)}\r\n{}`,
    ],
    [
      'two slashes',
      (token) => `POST /anthropic//elsewhere.example/v1/messages HTTP/1.1\r\n${head(token)}\r\n{}`,
    ],
    [
      'a web socket',
      (token) =>
        `GET /openai/v1/responses HTTP/1.1\r\n${head(token)}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ],
    [
      'two lengths',
      (token) => `POST /anthropic/v1/messages HTTP/1.1\r\n${head(token)}Content-Length: 9\r\n\r\n{}`,
    ],
    [
      'a length and pieces',
      (token) =>
        `POST /anthropic/v1/messages HTTP/1.1\r\n${head(token)}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'two tokens',
      (token) => `POST /anthropic/v1/messages HTTP/1.1\r\n${head(token)}x-api-key: other\r\n\r\n{}`,
    ],
    ['no HTTP', () => 'HELO\r\n\r\n'],
  ])('%s, reaches no service', async (_, request) => {
    const { gateway, service } = await answering();
    const { account } = client(gateway);
    const said = await raw(account.url('anthropic'), request(account.token));
    expect(said).toMatch(/^$|^HTTP\/1.1 4\d\d /);
    expect(service.asked).toEqual([]);
  });

  it('is served in the older HTTP, and where it waits to be told to go on', async () => {
    const { gateway, service } = await answering();
    const { account } = client(gateway);
    const old = `POST /anthropic/v1/messages HTTP/1.0\r\n${head(account.token, 15)}\r\n{"model":"old"}`;
    expect(await raw(account.url('anthropic'), old)).toMatch(/^HTTP\/1.1 200 .*"input_tokens":10/s);
    const waiting = `POST /anthropic/v1/messages HTTP/1.1\r\n${head(account.token, 16)}Expect: 100-continue\r\nConnection: close\r\n\r\n{"model":"wait"}`;
    expect(await raw(account.url('anthropic'), waiting)).toMatch(/^HTTP\/1.1 100 .*HTTP\/1.1 200 /s);
    expect(service.asked.map(({ headers }) => headers.expect)).toEqual([undefined, undefined]);
  });

  it.each(['a\nnotice', 'a\u001b[2J', 'a\u202eb', 'x'.repeat(257)])(
    'asks for a model that has no name: %j',
    async (model) => {
      const { gateway, service } = await answering();
      const { messages, account } = client(gateway, purses({ run: 9 }));
      const answer = await messages({ model });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('the model’s name'.replace('’', "'"));
      const path = `/v1beta/models/${encodeURIComponent(model)}:generateContent`;
      const headers = { 'x-goog-api-key': account.token };
      const other = await fetch(account.url('gemini') + path, { method: 'POST', headers, body: '{}' });
      expect(other.status).toBe(400);
      expect(service.asked).toEqual([]);
    },
  );

  it('is told in the words of its API that it is too large, also while it is still being sent', async () => {
    const { gateway, service } = await answering();
    const { messages } = client(gateway);
    const answer = await messages({ system: 'x'.repeat(limits.gatewayBodyBytesMax) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { type: 'request_too_large' } });
    expect(service.asked).toEqual([]);
  });

  it('is told so where it is nested so deeply that nobody can write it down again', async () => {
    const { gateway, service } = await answering();
    const { account } = client(gateway);
    const body = `{"model":"m","stream":true,"messages":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    const headers = { authorization: `Bearer ${account.token}` };
    const url = `${account.url('openai')}/v1/chat/completions`;
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(400);
    expect(service.asked).toEqual([]);
  });

  it('does not choose another address or method at the service', async () => {
    const { gateway, service } = await answering();
    const { messages, account } = client(gateway);
    const headers = {
      'x-api-key': account.token,
      'x-http-method-override': 'DELETE',
      'x-http-method': 'DELETE',
      'x-method-override': 'DELETE',
      'x-original-url': '/admin',
      'x-rewrite-url': '/admin',
    };
    expect((await messages({}, { headers })).status).toBe(200);
    expect(Object.keys(service.asked[0]?.headers ?? {}).join()).not.toMatch(/method|url/);
  });
});

function head(token: string, length = 2): string {
  return `Host: x\r\nx-api-key: ${token}\r\nContent-Length: ${length}\r\n`;
}

/** What comes back until the connection ends, or nothing more comes. */
function raw(url: string, request: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    let said = '';
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(request));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (piece) => {
      said += piece;
    });
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(said));
  });
}
