import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFactsOf } from '../../src/agents/cli-agents.ts';
import { createAgentRegistry } from '../../src/agents/registry.ts';
import { modelVariables, type UpstreamHere } from '../../src/agents/upstreams.ts';
import type { Config } from '../../src/config/config.ts';

let bin: string;
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'gump-upstreams-'));
  for (const name of ['codex', 'cursor-agent', 'my-agent']) {
    await writeFile(join(bin, name), '#!/bin/sh\n');
    await chmod(join(bin, name), 0o755);
  }
});
afterAll(() => rm(bin, { recursive: true, force: true }));

const company: UpstreamHere = {
  ...{ name: 'company', isOwn: true, apis: ['openai-responses'], variable: 'COMPANY_KEY', isSet: true },
};

function found(agent: string, own: Config['agents'], upstreams: readonly UpstreamHere[] = [company]) {
  const launch = () => Promise.reject(new Error('not launched here'));
  const make = () => ({ launch });
  const agents = { codex: make, cursor: make };
  const registry = createAgentRegistry({
    ...{ scripted: null, own, upstreams, agents, commandAgent: make, searchPath: bin },
  });
  const answer = registry.find(agent);
  return 'problem' in answer ? `${answer.problem} → ${answer.hint}` : 'found';
}

describe('an agent that is sent to an upstream of the configuration', () => {
  it('is found where its program speaks that API and the key is there', () => {
    expect(found('codex-x', { 'codex-x': { upstream: 'company' } })).toBe('found');
    expect(found('mine', { mine: { command: ['my-agent'], upstream: 'company' } })).toBe('found');
  });

  it.each<[string, Config['agents'], Partial<UpstreamHere>, string]>([
    [
      'codex-x',
      { 'codex-x': { upstream: 'other' } },
      {},
      'there is no upstream `other` that may be used here',
    ],
    ['codex-x', { 'codex-x': { upstream: 'constructor' } }, {}, 'there is no upstream `constructor`'],
    ['codex-x', { 'codex-x': { upstream: 'company' } }, { isSet: false }, 'the variable COMPANY_KEY'],
    [
      'codex-x',
      { 'codex-x': { upstream: 'company' } },
      { apis: ['anthropic-messages'] },
      'its program speaks openai-responses, and the upstream `company` is anthropic-messages',
    ],
    ['cursor-x', { 'cursor-x': { upstream: 'company' } }, {}, 'its program reaches its own service only'],
    [
      'mine',
      { mine: { command: ['my-agent'], env: ['COMPANY_KEY'] } },
      {},
      'its `env` names COMPANY_KEY, the key of the upstream `company`, which no agent gets',
    ],
  ])('is refused otherwise, before anything is spent: %s %j %j', (agent, own, more, sentence) => {
    expect(found(agent, own, [{ ...company, ...more }])).toContain(sentence);
  });

  it('finds the gateway and its token in the variables of the API, and no key', () => {
    const models = { url: (name: string) => `http://127.0.0.1:9/${name}`, token: 'gump-token' };
    expect(modelVariables({ models }, { name: 'company', api: 'openai-chat' })).toEqual({
      ...{ OPENAI_BASE_URL: 'http://127.0.0.1:9/company/v1', OPENAI_API_KEY: 'gump-token' },
      ...{ GUMP_MODEL_URL: 'http://127.0.0.1:9/company', GUMP_MODEL_TOKEN: 'gump-token' },
    });
    expect(modelVariables({}, { name: 'company', api: 'openai-chat' })).toEqual({});
  });
});

describe('what a call costs at an upstream', () => {
  const gateway = {
    plain: { url: 'https://a.example.com', api: 'openai-chat' },
    priced: { url: 'https://a.example.com', api: 'openai-chat', price_in: 0, price_out: 0 },
    mapped: { url: 'https://a.example.com', api: 'openai-chat', models: { ours: 'gpt-5.4-mini' } },
  } as const;
  const agents = {
    a: { upstream: 'plain', model: 'own-model', price_in: 7, price_out: 8, context_window: 9 },
    b: { model: 'gpt-5.4', price_in: 1, price_out: 1 },
  };
  const facts = (upstream: string, model: string) => modelFactsOf({ agents, gateway }, upstream, model);

  it('is what the agent’s table says, then the upstream’s', () => {
    const price = { input: 7, output: 8, cacheWrite: 8.75 };
    expect(facts('plain', 'own-model')).toMatchObject({ price, contextTokens: 9 });
    expect(facts('priced', 'anything')).toMatchObject({ price: { input: 0, output: 0 } });
    expect(facts('priced', 'anything')).not.toHaveProperty('isAssumed');
  });

  it('is else the list price as an estimate, also by the name that the upstream has for the model', () => {
    expect(facts('plain', 'gpt-5.4-mini')).toMatchObject({ price: { input: 0.75 }, isAssumed: true });
    expect(facts('mapped', 'ours')).toMatchObject({ price: { input: 0.75 }, isAssumed: true });
  });

  it.each([
    ['claude-opus-4-1-20250805', 15, 75],
    ['claude-opus-9', 5, 25],
    ['gpt-5.9', 5, 30],
    ['gpt-7-astra', 10, 50],
    ['claude-fable-6', 10, 50],
    ['gemini-5-xenon', 4, 20],
  ])('is never below what a dear model of a known line costs: %s', (model, input, output) => {
    expect(facts('openai', model)).toMatchObject({ price: { input, output } });
  });

  it.each([
    'gpt-4',
    'gpt-4-turbo',
    'gpt-4.5-preview',
    'gpt-9-pro',
    'gemini-3-pro-image',
    'gemini-2.5-flash-live',
    'o1-pro',
  ])('is not guessed by the line of a model that is dearer: %s', (model) =>
    expect(facts('openai', model)).toBeNull(),
  );

  it('is not known for a model that nobody knows, and no other agent’s price stands for it', () => {
    expect(facts('plain', 'unheard-of')).toBeNull();
    expect(facts('plain', 'constructor')).toBeNull();
    expect(facts('openai', 'gpt-5.4')).toMatchObject({ price: { input: 1 } });
    expect(facts('plain', 'gpt-5.4')).toMatchObject({ price: { input: 2.5 }, isAssumed: true });
  });
});
