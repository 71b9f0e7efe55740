/** What is publicly known of models: what fits into them, and what they cost. Data with its sources; whatever is not here is not known. */

/** USD for a million tokens; list prices of the provider's own API. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Input that came from the provider's cache; absent: not known. */
  readonly cacheRead?: number;
  /** Input that was put into the cache (for five minutes, where there are several kinds); absent: as input. */
  readonly cacheWrite?: number;
}

export interface LongPrompt {
  readonly aboveTokens: number;
  readonly price: Price;
}

export interface ModelFacts {
  /** What fits into a request and its answer, in tokens. */
  readonly contextTokens: number;
  /** The most that one answer can have, in tokens. */
  readonly outputTokensMax: number;
  readonly price: Price;
  /** The price of a whole request whose input is longer than so many tokens, in rising order; absent: the same. */
  readonly longPrompts?: readonly LongPrompt[];
  /** Where it was read, and when. */
  readonly source: string;
  readonly date: string;
}

const claudeDocs = { source: 'platform.claude.com, models and pricing', date: '2026-11' } as const;
const openaiDocs = {
  source: 'developers.openai.com, models and pricing, and as models.dev lists it',
  date: '2026-11',
} as const;
const geminiDocs = { source: 'ai.google.dev, pricing, and as models.dev lists it', date: '2026-11' } as const;
const qwenDocs = { source: 'alibabacloud.com Model Studio, international', date: '2026-11' } as const;

const million = { contextTokens: 1_000_000, outputTokensMax: 128_000 } as const;
const twoHundred = { contextTokens: 200_000, outputTokensMax: 64_000 } as const;

/** What is put into the cache for five minutes costs a quarter more than input; what comes from it, so many parts of it. */
function claudePrice(input: number, output: number, cacheReadShare = 0.1): Price {
  return { input, output, cacheRead: rounded(input * cacheReadShare), cacheWrite: rounded(input * 1.25) };
}

function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

const oldOpus = { price: claudePrice(5, 25), ...claudeDocs };
const firstOpus = {
  ...{ contextTokens: 200_000, outputTokensMax: 32_000, ...claudeDocs },
  price: claudePrice(15, 75),
};
const longSonnet: readonly LongPrompt[] = [{ aboveTokens: 200_000, price: claudePrice(6, 22.5) }];
const oldSonnet = { price: claudePrice(3, 15), ...claudeDocs };
const fable = { ...million, ...claudeDocs };

const gptSize = { contextTokens: 1_050_000, outputTokensMax: 128_000 } as const;
const codexSize = { contextTokens: 400_000, outputTokensMax: 128_000 } as const;

/** Above 272,000 tokens input and cache cost twice as much, output half as much again. */
function gpt(price: Price) {
  const { input, output, cacheRead, cacheWrite } = price;
  const long = {
    ...{ input: input * 2, output: output * 1.5 },
    ...(cacheRead === undefined ? {} : { cacheRead: cacheRead * 2 }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: cacheWrite * 2 }),
  };
  return { ...gptSize, ...openaiDocs, price, longPrompts: [{ aboveTokens: 272_000, price: long }] };
}

const oldCodex = { price: { input: 1.75, output: 14, cacheRead: 0.175 }, ...openaiDocs };
const gemini = { contextTokens: 1_048_576, outputTokensMax: 65_536, ...geminiDocs } as const;
/** At its price from 2027 on; until then it costs half. */
const promotedFlash = { ...gemini, price: { input: 1.5, output: 7.5, cacheRead: 0.15 } };

/** What comes from Qwen's cache by itself costs a fifth. */
function qwenPrice(input: number, output: number): Price {
  return { input, output, cacheRead: rounded(input / 5), cacheWrite: rounded(input * 1.25) };
}

/** By the provider's name of the model, without a date. Whatever is not here is not known. */
const knownModels: Readonly<Record<string, ModelFacts>> = {
  'claude-fable-5-2': { ...fable, price: claudePrice(8, 40, 0.025) },
  'claude-fable-5-1': { ...fable, price: claudePrice(10, 50, 0.025) },
  'claude-fable-5': { ...fable, price: claudePrice(10, 50) },
  'claude-mythos-5-1': { ...fable, price: claudePrice(10, 50, 0.025) },
  'claude-mythos-5': { ...fable, price: claudePrice(10, 50) },
  'claude-opus-5-5': { ...million, ...claudeDocs, price: claudePrice(4, 20, 0.05) },
  'claude-opus-5': { ...million, ...oldOpus },
  'claude-opus-4-8': { ...million, ...oldOpus },
  'claude-opus-4-7': { ...million, ...oldOpus },
  'claude-opus-4-6': { ...million, ...oldOpus },
  'claude-opus-4-5': { ...twoHundred, ...oldOpus },
  'claude-opus-4-1': { ...firstOpus },
  'claude-opus-4': { ...firstOpus },
  'claude-opus-4-0': { ...firstOpus },
  'claude-sonnet-5-5': { ...million, ...claudeDocs, price: claudePrice(2, 10, 0.05) },
  'claude-sonnet-5': { ...million, ...claudeDocs, price: claudePrice(2, 10) },
  'claude-sonnet-4-6': { ...million, outputTokensMax: 64_000, ...oldSonnet },
  'claude-haiku-5-5': {
    ...million,
    ...claudeDocs,
    price: claudePrice(0.1, 0.5),
    longPrompts: [{ aboveTokens: 100_000, price: claudePrice(0.5, 2.5) }],
  },
  'claude-haiku-4-5': { ...twoHundred, ...claudeDocs, price: claudePrice(1, 5) },
  'gpt-6.2-astra': gpt({ input: 8, output: 40, cacheRead: 0.4, cacheWrite: 10 }),
  'gpt-6.2-sol': gpt({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }),
  'gpt-6.1-sol': gpt({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }),
  'gpt-6.1-terra': gpt({ input: 1, output: 5, cacheRead: 0.05, cacheWrite: 1.25 }),
  'gpt-6-astra': gpt({ input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 }),
  'gpt-6-sol': gpt({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }),
  'gpt-6-luna': gpt({ input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 }),
  'gpt-5.6-sol': gpt({ input: 4, output: 20, cacheRead: 0.4, cacheWrite: 5 }),
  'gpt-5.6-terra': gpt({ input: 2, output: 12, cacheRead: 0.2, cacheWrite: 2.5 }),
  'gpt-5.6-luna': gpt({ input: 0.2, output: 1.2, cacheRead: 0.02, cacheWrite: 0.25 }),
  'gpt-5.5': gpt({ input: 5, output: 30, cacheRead: 0.5 }),
  'gpt-5.4': gpt({ input: 2.5, output: 15, cacheRead: 0.25 }),
  'gpt-5.4-mini': { ...codexSize, ...openaiDocs, price: { input: 0.75, output: 4.5, cacheRead: 0.075 } },
  'gpt-5.4-nano': { ...codexSize, ...openaiDocs, price: { input: 0.2, output: 1.25, cacheRead: 0.02 } },
  'gpt-5.3-codex': { ...codexSize, ...oldCodex },
  'gpt-5.3-codex-spark': { contextTokens: 128_000, outputTokensMax: 32_000, ...oldCodex },
  'gpt-5.2-codex': { ...codexSize, ...oldCodex },
  'gpt-5.1-codex-max': {
    ...codexSize,
    ...openaiDocs,
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
  },
  // At its price from 2026-12 on; until then it costs half.
  'gemini-4-argon': { ...gemini, price: { input: 4, output: 20, cacheRead: 0.2 } },
  'gemini-4-neon': { ...gemini, price: { input: 3, output: 15, cacheRead: 0.15 } },
  'gemini-4-hydrogen': { ...gemini, price: { input: 1.5, output: 7.5, cacheRead: 0.075 } },
  'gemini-3.8-flash': promotedFlash,
  'gemini-3.7-flash': promotedFlash,
  'gemini-3.6-flash': promotedFlash,
  'gemini-3.5-flash': { ...gemini, price: { input: 1.5, output: 9, cacheRead: 0.15 } },
  'gemini-3.5-flash-lite': { ...gemini, price: { input: 0.3, output: 2.5, cacheRead: 0.03 } },
  'gemini-3.1-pro-preview': {
    ...gemini,
    price: { input: 2, output: 12, cacheRead: 0.2 },
    longPrompts: [{ aboveTokens: 200_000, price: { input: 4, output: 18, cacheRead: 0.4 } }],
  },
  'gemini-3-flash-preview': { ...gemini, price: { input: 0.5, output: 3, cacheRead: 0.05 } },
  'gemini-3.1-flash-lite': { ...gemini, price: { input: 0.25, output: 1.5, cacheRead: 0.025 } },
  'gemini-2.5-pro': {
    ...gemini,
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
    longPrompts: [{ aboveTokens: 200_000, price: { input: 2.5, output: 15, cacheRead: 0.25 } }],
  },
  'gemini-2.5-flash': { ...gemini, price: { input: 0.3, output: 2.5, cacheRead: 0.03 } },
  'qwen3-coder-plus': {
    ...{ contextTokens: 1_048_576, outputTokensMax: 65_536, ...qwenDocs },
    price: qwenPrice(1, 5),
    longPrompts: [
      { aboveTokens: 32_000, price: qwenPrice(1.8, 9) },
      { aboveTokens: 128_000, price: qwenPrice(3, 15) },
      { aboveTokens: 256_000, price: qwenPrice(6, 60) },
    ],
  },
};

/**
 * Lines of models in which a newer one is counted as the dearest that is known: a CLI's own word may mean a model that came
 * out after this table, and a budget must hold for it too.
 */
const lines: readonly (readonly [RegExp, Pick<ModelFacts, 'price' | 'longPrompts'>])[] = [
  [/^claude-(fable|mythos)-/, { price: claudePrice(10, 50) }],
  [/^claude-opus-/, oldOpus],
  [/^claude-sonnet-/, { ...oldSonnet, longPrompts: longSonnet }],
  [/^claude-haiku-/, { price: claudePrice(1, 5) }],
  [/^gpt-(?!4(?:$|-|\.5))[\d.]+.*-(mini|nano)\b/, { price: { input: 0.75, output: 4.5 } }],
  [/^gpt-[\d.]+-astra\b(?!.*-(pro|ultrafast)\b)/, gpt({ input: 10, output: 50, cacheWrite: 12.5 })],
  [/^gpt-(?!4(?:$|-|\.5))[\d.]+(?!.*-(pro|ultrafast)\b)/, gpt({ input: 5, output: 30, cacheWrite: 6.25 })],
  [/^gemini-.*flash/, { price: { input: 1.5, output: 9 } }],
  [/^gemini-/, { price: { input: 4, output: 20 } }],
];

const ofOtherMedia = /-(image|audio|tts|live|realtime|transcribe|search)\b/;

/** For a model of a known line that is not in the table itself; null for any other. */
export function assumedFacts(
  model: string,
): (Omit<ModelFacts, 'source' | 'date'> & { isAssumed: true }) | null {
  const bare = model.slice(model.lastIndexOf('/') + 1);
  // Pictures and speech have prices of their own, and the first models of a line may be dearer than the newest.
  const line = ofOtherMedia.test(bare) ? undefined : lines.find(([pattern]) => pattern.test(bare));
  if (line === undefined) return null;
  const { price, longPrompts } = line[1];
  const prices = { price, ...(longPrompts === undefined ? {} : { longPrompts }) };
  return { contextTokens: 1_050_000, outputTokensMax: 128_000, ...prices, isAssumed: true };
}

/** Names that a CLI itself gives to the newest model of a kind. @source Claude Code 2.1.293 and later (read 2026-11) */
const cliNames: Readonly<Record<string, string>> = {
  fable: 'claude-fable-5-2',
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

/** What is known of a model, by its name as a CLI or a provider's API has it; null where nothing is. */
export function factsOf(model: string, family: string | null = null): ModelFacts | null {
  // Cursor sells its own prices, under names of its own.
  if (family === 'cursor' || family === 'copilot') return null;
  const bare = model.slice(model.lastIndexOf('/') + 1).replace(/\[1m\]$/, '');
  const named = Object.hasOwn(cliNames, bare) ? cliNames[bare] : bare;
  const undated = (named ?? bare).replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '');
  return Object.hasOwn(knownModels, undated) ? (knownModels[undated] ?? null) : null;
}
