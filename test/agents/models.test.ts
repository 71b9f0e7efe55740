import { describe, expect, test } from 'vitest';
import { factsOf } from '../../src/agents/model-facts.ts';
import { modelOf, namedAgents } from '../../src/agents/models.ts';
import { agentFamily, knownFamilies } from '../../src/workflow/agent-names.ts';

describe('what stands behind the name of an agent', () => {
  test.each([
    ['claude', 'claude', null],
    ['claude-opus', 'claude', 'opus'],
    ['claude-opusplan', 'claude', 'opusplan'],
    ['claude-sonnet[1m]', 'claude', 'sonnet[1m]'],
    ['codex-gpt54', 'codex', 'gpt-5.4'],
    ['gemini-flash-lite', 'gemini', 'gemini-3.1-flash-lite'],
    ['qwen-plus', 'qwen', 'qwen3-coder-plus'],
    ['qwen-local', 'qwen', null],
    ['opencode-sonnet', 'opencode', 'anthropic/claude-sonnet-4-6'],
    ['cursor-sonnet', 'cursor', 'claude-4.6-sonnet-medium'],
    ['claude-fable', 'claude', 'fable'],
    ['codex-gpt-6.1-sol', 'codex', 'gpt-6.1-sol'],
    ['opencode-openrouter/x-ai/grok-4.6', 'opencode', 'openrouter/x-ai/grok-4.6'],
    ['nobody-knows', 'nobody-knows', null],
    ['constructor', 'constructor', null],
  ])('%s', (agent, family, model) => {
    expect(modelOf(agent)).toMatchObject({ agent, family, model });
  });

  test('prices are in order of their sizes, with a source and a date, and what is not known stays unknown', () => {
    for (const agent of namedAgents()) {
      const { price, contextTokens, source, date } = modelOf(agent);
      if (price.input === null || price.output === null) {
        expect([price.input, price.output, price.cached, contextTokens, source], agent).toEqual(
          Array(5).fill(null),
        );
        continue;
      }
      expect(price.output, agent).toBeGreaterThan(price.input);
      if (price.cached !== null) expect(price.cached, agent).toBeLessThan(price.input);
      expect(contextTokens, agent).toBeGreaterThanOrEqual(128_000);
      expect([typeof source, date], agent).toEqual(['string', expect.stringMatching(/^20\d\d-\d\d$/)]);
    }
  });

  test('every name is of a family that the language knows, and every family has one', () => {
    expect(new Set(namedAgents().map(agentFamily))).toEqual(new Set(knownFamilies));
  });

  test('a model is known with its provider, with a date behind it, and by what its CLI calls it', () => {
    for (const name of ['anthropic/claude-opus-5-5', 'claude-opus-5-5-20260922', 'opus', 'opus[1m]']) {
      expect(factsOf(name)).toBe(factsOf('claude-opus-5-5'));
    }
    expect(factsOf('gpt-6.1-sol-2026-09-29')).toBe(factsOf('gpt-6.1-sol'));
    expect(factsOf('toString')).toBeNull();
    expect(factsOf('gpt-5.4', 'cursor')).toBeNull();
  });
});

describe('what is known of a model', () => {
  test.each([
    ['claude-fable-5-2', 8, 40, 0.2, 10],
    ['claude-opus-5-5', 4, 20, 0.2, 5],
    ['claude-opus-5', 5, 25, 0.5, 6.25],
    ['claude-sonnet-5-5', 2, 10, 0.1, 2.5],
    ['claude-haiku-4-5', 1, 5, 0.1, 1.25],
    ['gpt-6.2-astra', 8, 40, 0.4, 10],
    ['gpt-6.2-sol', 2, 10, 0.1, 2.5],
    ['gpt-5.4', 2.5, 15, 0.25, undefined],
    ['gemini-4-neon', 3, 15, 0.15, undefined],
    ['qwen3-coder-plus', 1, 5, 0.2, 1.25],
  ])('%s: input, output, and what comes from the cache and goes into it', (model, ...prices) => {
    const { input, output, cacheRead, cacheWrite } = factsOf(model)?.price ?? {};
    expect([input, output, cacheRead, cacheWrite]).toEqual(prices);
  });

  test.each([
    ['gpt-6.1-sol', [[272_000, 4, 15, 0.2, 5]]],
    ['claude-haiku-5-5', [[100_000, 0.5, 2.5, 0.05, 0.625]]],
    [
      'qwen3-coder-plus',
      [
        [32_000, 1.8, 9, 0.36, 2.25],
        [128_000, 3, 15, 0.6, 3.75],
        [256_000, 6, 60, 1.2, 7.5],
      ],
    ],
    ['claude-opus-5-5', []],
  ])('%s: what a longer prompt makes dearer', (model, tiers) => {
    const found = factsOf(model)?.longPrompts ?? [];
    expect(
      found.map(({ aboveTokens, price: { input, output, cacheRead, cacheWrite } }) => [
        ...[aboveTokens, input, output, cacheRead, cacheWrite],
      ]),
    ).toEqual(tiers);
  });
});

describe('with a configuration', () => {
  test('another name of a CLI asks for the model of its table', () => {
    const own = { fast: { family: 'claude', model: 'haiku' } };
    expect(modelOf('fast', own)).toMatchObject({ family: 'claude', model: 'haiku', price: { input: 0.1 } });
    expect(modelOf('fast-opus', { fast: { family: 'claude' } })).toMatchObject({
      family: 'claude',
      model: 'opus',
    });
  });

  test('a known name gets model, window and prices anew', () => {
    const own = { 'claude-opus': { model: 'claude-opus-4-6', price_in: 1, context_window: 500_000 } };
    expect(modelOf('claude-opus', own)).toMatchObject({
      model: 'claude-opus-4-6',
      contextTokens: 500_000,
      price: { input: 1, output: 25, cached: 0.5 },
      source: 'configuration',
    });
    expect(modelOf('claude-sonnet', own)).toMatchObject({ model: 'sonnet' });
  });

  test('nothing is known of a command but what the configuration says', () => {
    const own = { mine: { command: ['a'], model: 'opus', price_in: 0 } };
    expect(modelOf('mine', own)).toMatchObject({
      family: 'mine',
      model: 'opus',
      contextTokens: null,
      price: { input: 0, output: null, cached: null },
    });
    expect(namedAgents(own)).toContain('mine');
  });
});
