/** What tokens cost, and the most that a call can cost. Pure. */
import type { Tokens } from './usage.ts';

/** USD for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Input that came from the provider's cache; absent: as input. */
  readonly cacheRead?: number;
  /** Input that was put into the cache; absent: as input. */
  readonly cacheWrite?: number;
}

/** What is known of a model. */
export interface ModelFacts {
  readonly price: Price;
  /** The price of a whole request whose input is longer than so many tokens. */
  readonly longPrompt?: { readonly aboveTokens: number; readonly price: Price } | undefined;
  /** The most that fits into a request, in tokens; null where it is not known. */
  readonly contextTokens: number | null;
  /** The most that one answer can have, in tokens; null where it is not known. */
  readonly outputTokensMax: number | null;
  /** True where the price is a careful guess, not the model's own. */
  readonly isAssumed?: boolean;
}

/** In USD, to the millionth. */
export function costOf(tokens: Tokens, facts: Rates): number {
  const { input, output, cacheRead = input, cacheWrite = input } = priceAt(tokens.input, facts);
  const plain = Math.max(0, tokens.input - tokens.cacheRead - tokens.cacheWrite);
  const total =
    plain * input + tokens.cacheRead * cacheRead + tokens.cacheWrite * cacheWrite + tokens.output * output;
  return Math.round(total) / 1e6;
}

type Rates = Pick<ModelFacts, 'price' | 'longPrompt'>;

function priceAt(inputTokens: number, { price, longPrompt }: Rates): Price {
  return longPrompt !== undefined && inputTokens > longPrompt.aboveTokens ? longPrompt.price : price;
}

/** A request whose tokens are known, by which the next one of the same conversation is estimated. */
export interface Measured {
  readonly bytes: number;
  readonly inputTokens: number;
}

/** Where neither the request nor the model's facts say more. @source the largest of the models in use (2026-11). */
const outputTokensDefault = 128_000;

/** Fewer bytes a token than any text in a natural or programming language has. */
const bytesPerTokenMin = 2;

/**
 * The most tokens that a request can have: a conversation only grows, so what the last request had is known and the
 * rest is counted as if it were the densest text.
 */
export function mostInputTokens(bytes: number, last: Measured | null, facts: ModelFacts): number {
  const grown = last !== null && bytes >= last.bytes;
  const most = grown
    ? last.inputTokens + Math.ceil((bytes - last.bytes) / bytesPerTokenMin)
    : Math.ceil(bytes / bytesPerTokenMin);
  return Math.min(most, facts.contextTokens ?? most);
}

/** The most that a call can cost, in USD: all input at its dearest, all output that it may have. */
export function mostOf(
  { inputTokens, outputTokensMax }: { readonly inputTokens: number; readonly outputTokensMax: number | null },
  { outputTokensMax: modelMax, ...rates }: ModelFacts,
): number {
  const price = priceAt(inputTokens, rates);
  const allowed = Math.min(outputTokensMax ?? Number.POSITIVE_INFINITY, modelMax ?? Number.POSITIVE_INFINITY);
  const output = Number.isFinite(allowed) ? allowed : outputTokensDefault;
  const dearest = Math.max(price.input, price.cacheWrite ?? 0);
  return Math.ceil(inputTokens * dearest + output * price.output) / 1e6;
}
