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

export interface ModelFacts {
  /** What fits into a request and its answer, in tokens. */
  readonly contextTokens: number;
  /** The most that one answer can have, in tokens. */
  readonly outputTokensMax: number;
  readonly price: Price;
  /** The price of a whole request whose input is longer than so many tokens; absent: the same. */
  readonly longPrompt?: { readonly aboveTokens: number; readonly price: Price };
  /** Where it was read, and when. */
  readonly source: string;
  readonly date: string;
}

const claudeDocs = { source: 'platform.claude.com, models and pricing', date: '2026-10' } as const;
const openaiDocs = {
  source: 'developers.openai.com, as models.dev and docs.github.com list it',
  date: '2026-11',
} as const;
const geminiDocs = { source: 'ai.google.dev, as models.dev lists it', date: '2026-07' } as const;
const qwenDocs = {
  source: 'alibabacloud.com Model Studio, as models.dev lists it',
  date: '2026-07',
} as const;

const oldOpus = { price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 }, ...claudeDocs } as const;
const firstOpus = {
  ...{ contextTokens: 200_000, outputTokensMax: 32_000, ...claudeDocs },
  price: { input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75 },
} as const;
const longSonnet = {
  aboveTokens: 200_000,
  price: { input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 },
} as const;
const oldSonnet = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  ...claudeDocs,
} as const;
const oldCodex = { price: { input: 1.75, output: 14, cacheRead: 0.175 }, ...openaiDocs } as const;
const million = { contextTokens: 1_000_000, outputTokensMax: 128_000 } as const;
const gemini = { contextTokens: 1_048_576, outputTokensMax: 65_536, ...geminiDocs } as const;

/** By the provider's name of the model, without a date. Whatever is not here is not known. */
const knownModels: Readonly<Record<string, ModelFacts>> = {
  'claude-opus-5-5': {
    ...million,
    ...claudeDocs,
    price: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
  },
  'claude-opus-5': { ...million, ...oldOpus },
  'claude-opus-4-8': { ...million, ...oldOpus },
  'claude-opus-4-7': { ...million, ...oldOpus },
  'claude-opus-4-6': { ...million, ...oldOpus },
  'claude-opus-4-1': { ...firstOpus },
  'claude-opus-4': { ...firstOpus },
  'claude-opus-4-0': { ...firstOpus },
  'claude-sonnet-5-5': {
    ...million,
    ...claudeDocs,
    price: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  },
  'claude-sonnet-5': {
    ...million,
    ...claudeDocs,
    price: { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 },
  },
  'claude-sonnet-4-6': { ...million, outputTokensMax: 64_000, ...oldSonnet },
  'claude-haiku-5-5': {
    ...million,
    ...claudeDocs,
    price: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
    longPrompt: {
      aboveTokens: 100_000,
      price: { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 },
    },
  },
  'claude-haiku-4-5': {
    ...{ contextTokens: 200_000, outputTokensMax: 64_000, ...claudeDocs },
    price: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
  },
  'gpt-6.1-sol': {
    ...{ contextTokens: 1_050_000, outputTokensMax: 128_000, ...openaiDocs },
    price: { input: 2, output: 10, cacheRead: 0.1 },
    longPrompt: { aboveTokens: 272_000, price: { input: 4, output: 15, cacheRead: 0.2 } },
  },
  'gpt-5.4': {
    ...{ contextTokens: 1_050_000, outputTokensMax: 128_000, ...openaiDocs },
    price: { input: 2.5, output: 15, cacheRead: 0.25 },
    longPrompt: { aboveTokens: 272_000, price: { input: 5, output: 22.5, cacheRead: 0.5 } },
  },
  'gpt-5.4-mini': {
    ...{ contextTokens: 400_000, outputTokensMax: 128_000, ...openaiDocs },
    price: { input: 0.75, output: 4.5, cacheRead: 0.075 },
  },
  'gpt-5.3-codex': { contextTokens: 400_000, outputTokensMax: 128_000, ...oldCodex },
  'gpt-5.3-codex-spark': { contextTokens: 128_000, outputTokensMax: 32_000, ...oldCodex },
  'gpt-5.2-codex': { contextTokens: 400_000, outputTokensMax: 128_000, ...oldCodex },
  'gpt-5.1-codex-max': {
    ...{ contextTokens: 400_000, outputTokensMax: 128_000, ...openaiDocs },
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
  },
  'gemini-3.1-pro-preview': {
    ...gemini,
    price: { input: 2, output: 12, cacheRead: 0.2 },
    longPrompt: { aboveTokens: 200_000, price: { input: 4, output: 18, cacheRead: 0.4 } },
  },
  'gemini-3-flash-preview': { ...gemini, price: { input: 0.5, output: 3, cacheRead: 0.05 } },
  'gemini-3.1-flash-lite': { ...gemini, price: { input: 0.25, output: 1.5, cacheRead: 0.025 } },
  'gemini-2.5-pro': {
    ...gemini,
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
    longPrompt: { aboveTokens: 200_000, price: { input: 2.5, output: 15, cacheRead: 0.25 } },
  },
  'gemini-2.5-flash': { ...gemini, price: { input: 0.3, output: 2.5, cacheRead: 0.03 } },
  'qwen3-coder-plus': {
    ...{ contextTokens: 1_048_576, outputTokensMax: 65_536, ...qwenDocs },
    price: { input: 1, output: 5 },
  },
};

/**
 * Lines of models in which a newer one is counted as the dearest that is known: a CLI's own word may mean a model that came
 * out after this table, and a budget must hold for it too.
 */
const lines: readonly (readonly [RegExp, Pick<ModelFacts, 'price' | 'longPrompt'>])[] = [
  [/^claude-opus-/, oldOpus],
  [/^claude-sonnet-/, { ...oldSonnet, longPrompt: longSonnet }],
  [/^claude-haiku-/, { price: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 } }],
  [/^gpt-(?!4(?:$|-|\.5))[\d.]+.*-(mini|nano)\b/, { price: { input: 0.75, output: 4.5 } }],
  [/^gpt-(?!4(?:$|-|\.5))[\d.]+(?!.*-pro\b)/, { price: { input: 5, output: 22.5 } }],
  [/^gemini-.*flash/, { price: { input: 1.5, output: 9 } }],
  [/^gemini-.*pro/, { price: { input: 4, output: 18 } }],
];

const ofOtherMedia = /-(image|audio|tts|live|realtime|transcribe|search)\b/;

/** For a model of a known line that is not in the table itself; null for any other. */
export function assumedFacts(
  model: string,
): (Omit<ModelFacts, 'source' | 'date'> & { isAssumed: true }) | null {
  const bare = model.slice(model.lastIndexOf('/') + 1);
  // Pictures and speech have prices of their own, and the first models of a line may be dearer than the newest.
  const line = ofOtherMedia.test(bare) ? undefined : lines.find(([pattern]) => pattern.test(bare));
  return line ? { contextTokens: 1_050_000, outputTokensMax: 128_000, ...line[1], isAssumed: true } : null;
}

/** Names that a CLI itself gives to the newest model of a kind. @source Claude Code 2.1.293 and later (read 2026-11) */
const cliNames: Readonly<Record<string, string>> = {
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
  const undated = (named ?? bare).replace(/-\d{8}$/, '');
  return Object.hasOwn(knownModels, undated) ? (knownModels[undated] ?? null) : null;
}
