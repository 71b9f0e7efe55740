/** A gateway in front of a real service, and an agent that calls through it. */
import { openGateway } from '../../src/gateway/gateway.ts';
import type { ModelFacts } from '../../src/gateway/price.ts';
import type { AccountOrder, Gateway, Purse, Refusal, Spending } from '../../src/ports/gateway.ts';
import { type Answer, type Service, startService } from './upstream.fixture.ts';

/** $10 a million tokens in, $100 out. */
const facts: ModelFacts = {
  price: { input: 10, output: 100 },
  contextTokens: 200_000,
  outputTokensMax: 8000,
};

export interface Town {
  readonly service: Service;
  readonly gateway: Gateway;
}

/** Whatever it opens is to be closed behind the test, the last first. */
export function createTowns() {
  const opened: { close(): Promise<void> }[] = [];
  return {
    opened,
    async town(say: Answer, modelFacts: (model: string) => ModelFacts | null = () => facts): Promise<Town> {
      const service = await startService(say);
      const gateway = await openGateway({
        upstreams: {
          anthropic: { baseUrl: service.url, keyIn: 'header:x-api-key', key: 'real-key-of-anthropic' },
          openai: { baseUrl: `${service.url}/base`, keyIn: 'bearer', key: 'real-key-of-openai' },
          gemini: { baseUrl: service.url, keyIn: 'header:x-goog-api-key', key: 'real-key-of-gemini' },
        },
        modelFacts: (_upstream, model) => modelFacts(model),
      });
      opened.push(service, gateway);
      return { service, gateway };
    },
  };
}

export function client(gateway: Gateway, purse: readonly Purse[] = [], more: Partial<AccountOrder> = {}) {
  const spent: Spending[] = [];
  const refused: Refusal[] = [];
  const account = gateway.open({
    left: () => purse,
    onSpent: async (total) => void spent.push(total),
    onRefused: async (refusal) => void refused.push(refusal),
    onCall: async () => undefined,
    onHopeless: async () => undefined,
    ...more,
  });
  const messages = (body: object = {}, init: RequestInit = {}) =>
    fetch(`${account.url('anthropic')}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': account.token, 'content-type': 'application/json', 'anthropic-version': 'x' },
      body: JSON.stringify({ model: 'claude-x', max_tokens: 1000, messages: [], ...body }),
      ...init,
    });
  return { account, spent, refused, messages };
}
