import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openGateway } from '../../src/gateway/gateway.ts';
import { allUpstreams, type OwnUpstream, ownKeys, standings } from '../../src/gateway/own-upstreams.ts';
import type { ModelFacts } from '../../src/gateway/price.ts';
import type { Refusal, Spending } from '../../src/ports/gateway.ts';
import { type Service, sendEvents, sendJson, startService } from './upstream.fixture.ts';

const env = { COMPANY_KEY: 'real-key-of-company', ANTHROPIC_API_KEY: 'real-key-of-anthropic' };
const facts: ModelFacts = { price: { input: 10, output: 100 }, contextTokens: null, outputTokensMax: 1000 };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** A gateway with one upstream of the configuration, `company`, whose address ends as it is told. */
async function town(
  config: OwnUpstream & { readonly path?: string },
  say?: Parameters<typeof startService>[0],
) {
  const service = await startService(say ?? ((answer) => sendJson(answer, {})));
  const { path = '', ...rest } = config;
  const own = { company: { key_env: 'COMPANY_KEY', ...rest, url: service.url + path } };
  const gateway = await openGateway({ upstreams: allUpstreams(own, env), modelFacts: () => facts });
  opened.push(service, gateway);
  const spent: Spending[] = [];
  const refused: Refusal[] = [];
  const account = gateway.open({
    left: () => [],
    onSpent: async (total) => void spent.push(total),
    onRefused: async (refusal) => void refused.push(refusal),
    onCall: async () => undefined,
    onHopeless: async () => undefined,
  });
  const post = (call: string, body: object = { model: 'm' }) =>
    fetch(`${account.url('company')}${call}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account.token}`,
        'content-type': 'application/json',
        'x-own': 'kept',
      },
      body: JSON.stringify(body),
    });
  return { service, gateway, account, spent, post };
}

const asked = ({ asked: [first] }: Service) => first;

describe('an upstream of the configuration', () => {
  it.each<[OwnUpstream & { path?: string }, string, string]>([
    [{ api: 'openai-chat', path: '/v1' }, '/v1/chat/completions', '/v1/chat/completions'],
    [{ api: 'openai-chat' }, '/v1/chat/completions', '/v1/chat/completions'],
    [{ api: 'openai-chat', path: '/api/paas/v4' }, '/v1/chat/completions', '/api/paas/v4/chat/completions'],
    [
      { api: 'openai-chat', path: '/openai/deployments/ours?api-version=2024-10-21' },
      '/v1/chat/completions?api-version=agent&x=1',
      '/openai/deployments/ours/chat/completions?api-version=2024-10-21&x=1',
    ],
    [{ api: 'openai-responses', path: '/openai/v1' }, '/v1/responses', '/openai/v1/responses'],
    [
      { api: 'anthropic-messages', path: '/bedrock' },
      '/v1/messages?beta=true',
      '/bedrock/v1/messages?beta=true',
    ],
    [{ api: 'anthropic-messages', path: '/claude/v1' }, '/v1/messages', '/claude/v1/messages'],
    [{ api: 'gemini', path: '/g' }, '/v1beta/models/m:generateContent', '/g/v1beta/models/m:generateContent'],
    [
      { api: 'gemini', path: '/g/v1beta1' },
      '/v1beta/models/m:generateContent',
      '/g/v1beta1/models/m:generateContent',
    ],
  ])('%j is called for %s at %s', async (config, call, target) => {
    const { service, post } = await town(config);
    expect((await post(call)).status).toBe(200);
    expect(asked(service)?.url).toBe(target);
  });

  it.each<[OwnUpstream, string, string, string]>([
    [{ api: 'openai-chat' }, '/v1/chat/completions', 'authorization', 'Bearer real-key-of-company'],
    [{ api: 'openai-responses' }, '/v1/responses', 'authorization', 'Bearer real-key-of-company'],
    [{ api: 'anthropic-messages' }, '/v1/messages', 'x-api-key', 'real-key-of-company'],
    [{ api: 'gemini' }, '/v1beta/models/m:generateContent', 'x-goog-api-key', 'real-key-of-company'],
    [
      { api: 'openai-chat', key_in: 'header:api-key' },
      '/v1/chat/completions',
      'api-key',
      'real-key-of-company',
    ],
    [
      { api: 'anthropic-messages', key_in: 'bearer' },
      '/v1/messages',
      'authorization',
      'Bearer real-key-of-company',
    ],
  ])('%j of %s gets its key in %s, and no token of ours', async (config, call, header, key) => {
    const { service, account, post } = await town({ ...config, headers: { 'x-team': 'platform' } });
    await post(call);
    expect(asked(service)?.headers).toMatchObject({ [header]: key, 'x-team': 'platform', 'x-own': 'kept' });
    expect(JSON.stringify(asked(service))).not.toContain(account.token);
  });

  it('gets its key in the query where it wants it there, and nothing of the agent’s in that place', async () => {
    const { service, post } = await town({ api: 'gemini', key_in: 'query:code' });
    await post('/v1beta/models/m:generateContent?code=agent&alt=sse');
    expect(asked(service)?.url).toBe('/v1beta/models/m:generateContent?alt=sse&code=real-key-of-company');
    expect(asked(service)?.headers).not.toHaveProperty('x-goog-api-key');
  });

  it('gets no key at all where it needs none', async () => {
    const service = await startService((answer) => sendJson(answer, {}));
    const own = { local: { url: `${service.url}/v1`, api: 'openai-chat', key_in: 'none' } };
    const gateway = await openGateway({ upstreams: allUpstreams(own, env), modelFacts: () => facts });
    opened.push(service, gateway);
    const account = gateway.open({
      left: () => [],
      ...{ onSpent: async () => undefined, onRefused: async () => undefined },
      ...{ onCall: async () => undefined, onHopeless: async () => undefined },
    });
    const headers = { 'x-api-key': account.token };
    await fetch(`${account.url('local')}/v1/chat/completions`, { method: 'POST', headers, body: '{}' });
    expect(Object.keys(asked(service)?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(authorization|x-api-key|api-key)$/)]),
    );
  });

  it.each<[string, string, object, readonly unknown[], Partial<Spending>]>([
    [
      ...(['openai-chat', '/v1/chat/completions', { model: 'm', stream: true }] as const),
      [
        { choices: [{ delta: { content: 'x' } }] },
        { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } },
      ],
      { tokens_in: 7, tokens_out: 3 },
    ],
    [
      ...(['openai-responses', '/v1/responses', { model: 'm', stream: true }] as const),
      [{ type: 'response.completed', response: { usage: { input_tokens: 8, output_tokens: 4 } } }],
      { tokens_in: 8, tokens_out: 4 },
    ],
    [
      ...(['anthropic-messages', '/v1/messages', { model: 'm', stream: true }] as const),
      [
        { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 5 } },
      ],
      { tokens_in: 9, tokens_out: 5 },
    ],
    [
      ...(['gemini', '/v1beta/models/m:streamGenerateContent?alt=sse', {}] as const),
      [{ usageMetadata: { promptTokenCount: 6, candidatesTokenCount: 2 } }],
      { tokens_in: 6, tokens_out: 2 },
    ],
  ])('streams %s through, and books what it used', async (api, call, body, events, used) => {
    const { account, spent, post } = await town({ api }, (answer) => sendEvents(answer, events));
    const text = await (await post(call, body)).text();
    for (const event of events) expect(text).toContain(JSON.stringify(event));
    await account.close();
    const { tokens_in = 0, tokens_out = 0 } = used;
    const cost = (tokens_in * 10 + tokens_out * 100) / 1e6;
    expect(spent).toEqual([{ tokens_in, tokens_out, cost }]);
  });

  it.each<[string, string]>([
    ['openai-chat', '/v1/chat/completions'],
    ['gemini', '/v1beta/models/asked:generateContent'],
  ])('of %s is asked for its own name of a model, whole otherwise', async (api, call) => {
    const { service, post } = await town({ api, models: { asked: 'our/model', constructor: 'x' } });
    await post(call, { model: 'asked', deep: { a: [1, 'ä'] } });
    const { url, body } = asked(service) ?? { url: '', body: '{}' };
    const isPath = api === 'gemini';
    expect(JSON.parse(body)).toEqual({ model: isPath ? 'asked' : 'our/model', deep: { a: [1, 'ä'] } });
    if (isPath) expect(url).toBe('/v1beta/models/our%2Fmodel:generateContent');
  });

  it('answers a call in another form of API with a no in that form, and forwards nothing', async () => {
    const { service, post } = await town({ api: 'openai-chat' });
    const answer = await post('/v1/messages');
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: 'error' }]);
    expect(service.asked).toEqual([]);
  });

  it.each([
    '/%2e%2e/admin/v1/messages',
    '/v1/%2E%2e/messages',
    '/..%2fadmin/messages',
    '/v1%5c..%5cmessages',
  ])('is never left by a path such as %s', async (call) => {
    const { service, account } = await town({ api: 'anthropic-messages', path: '/only/here' });
    // Most clients would mend such a path themselves; a hostile one does not.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { port, hostname, pathname } = new URL(account.url('company'));
      const headers = { 'x-api-key': account.token };
      http
        .request({ hostname, port, path: pathname + call, method: 'POST', headers }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode));
        })
        .once('error', reject)
        .end('{}');
    });
    expect(status).toBe(404);
    expect(service.asked).toEqual([]);
  });

  it('is not there while its variable is not set, and tells the variable, never the key', () => {
    const own = {
      company: { url: 'https://models.example.com/v1', api: 'openai-chat', key_env: 'COMPANY_KEY' },
      constructor: { url: 'http://localhost:11434/v1', api: 'openai-chat', key_in: 'none' },
    };
    expect(Object.keys(allUpstreams(own, {}))).toEqual(['constructor']);
    expect(Object.keys(allUpstreams(own, { COMPANY_KEY: '  ' }))).toEqual(['constructor']);
    expect(standings(own, env).slice(-2)).toMatchObject([
      { name: 'company', variable: 'COMPANY_KEY', isSet: true },
      { name: 'constructor', variable: null, isSet: false },
    ]);
    expect(JSON.stringify(standings(own, env))).not.toContain('real-key');
    expect(ownKeys(own, env)).toEqual(['real-key-of-company']);
  });
});
