/** What tokens cost, and the most that a call can cost. Pure. */
import type { Dearer } from './dearer.ts';
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
  /** The price of a whole request whose input is longer than so many tokens, in rising order. */
  readonly longPrompts?: readonly { readonly aboveTokens: number; readonly price: Price }[] | undefined;
  /** The most that fits into a request, in tokens; null where it is not known. */
  readonly contextTokens: number | null;
  /** The most that one answer can have, in tokens; null where it is not known. */
  readonly outputTokensMax: number | null;
  /** True where the price is a careful guess, not the model's own. */
  readonly isAssumed?: boolean;
}

type Rates = Pick<ModelFacts, 'price' | 'longPrompts'>;

/** One that is known to be dearer than each of them may be; null where nothing is known of one of them. */
export function dearestOf(all: readonly (ModelFacts | null)[]): ModelFacts | null {
  const known = all.filter((facts) => facts !== null);
  const [first] = known;
  if (first === undefined || known.length < all.length) return null;
  return known.reduce((dearest, facts) => (outputUsd(facts) > outputUsd(dearest) ? facts : dearest), first);
}

/** Whatever its prompt's length: output costs several times the input in every list. */
function outputUsd({ price, longPrompts = [] }: ModelFacts): number {
  return Math.max(price.output, ...longPrompts.map((long) => long.price.output));
}

/** In USD, to the millionth. */
export function costOf(tokens: Tokens, facts: Rates, dearer: Dearer): number {
  const { input, output, cacheRead = input, cacheWrite = input } = priceAt(tokens.input, facts);
  const { cacheWriteHour = 0, searches: searched = 0 } = tokens;
  const plain = Math.max(0, tokens.input - tokens.cacheRead - tokens.cacheWrite);
  const written =
    (tokens.cacheWrite - cacheWriteHour) * cacheWrite + cacheWriteHour * input * hourCacheFactor;
  const total = plain * input + tokens.cacheRead * cacheRead + written + tokens.output * output;
  const { usd, isPaidOnce } = dearer.searches;
  const paid = isPaidOnce ? Math.min(searched, 1) : searched;
  return Math.round(total * factorOf(dearer, tokens) + paid * usd * 1e6) / 1e6;
}

/** What is kept in the cache for an hour costs so many times the input. @source platform.claude.com, pricing (2026-11) */
const hourCacheFactor = 2;

/** What the results of one search of the web may add to the input. @source platform.claude.com, web search (2026-11) */
const searchTokens = 20_000;

/** What the answer says of its tier and place counts; where it says nothing, what was asked for. */
function factorOf({ tier, inUs }: Dearer, told: Pick<Tokens, 'tier' | 'inUs'>): number {
  const factors = { fast: tier.factor, plain: 1, slow: slowFactor };
  const place = (told.inUs ?? inUs) ? usFactor : 1;
  return factors[told.tier ?? tier.asked] * place;
}

/** @source developers.openai.com, pricing: flex processing (2026-11) */
const slowFactor = 0.5;

/** Inference in the United States only. @source platform.claude.com, pricing: data residency (2026-11) */
const usFactor = 1.1;

function priceAt(inputTokens: number, { price, longPrompts = [] }: Rates): Price {
  return longPrompts.findLast(({ aboveTokens }) => inputTokens > aboveTokens)?.price ?? price;
}

/** A request whose tokens are known, by which the next one of the same conversation is estimated. */
export interface Measured {
  readonly body: Buffer;
  readonly inputTokens: number;
}

/** Where neither the request nor the model's facts say more. @source the largest of the models in use (2026-11). */
const outputTokensDefault = 128_000;

/** Where a part of the input is not in the request, and how much fits is not known. @source likewise */
const contextTokensDefault = 1_050_000;

/**
 * The most tokens that a request can have: what it has in common with the last one had as many at most, and the rest is
 * counted as if it were the densest text.
 */
export function mostInputTokens(body: Buffer, last: Measured | null, { contextTokens }: ModelFacts): number {
  const anew = densestTokens(body);
  const most =
    last === null ? anew : Math.min(anew, last.inputTokens + densestTokens(newPart(body, last.body)));
  return Math.min(most, contextTokens ?? most);
}

/** Digits and the bytes of characters beyond ASCII may be tokens of their own; of other ASCII text, two make one. */
function densestTokens(text: Buffer): number {
  let halves = 0;
  for (let index = 0; index < text.length; index++) {
    const byte = text[index] ?? 0;
    halves += byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) ? 2 : 1;
  }
  return Math.ceil(halves / 2);
}

/** What is neither at the beginning nor at the end of the other: a conversation grows before its last brackets. */
function newPart(body: Buffer, last: Buffer): Buffer {
  const shorter = Math.min(body.length, last.length);
  const start = common(shorter, (index, length) =>
    body.subarray(index, index + length).equals(last.subarray(index, index + length)),
  );
  const end = common(shorter - start, (index, length) => {
    const [from, fromLast] = [body.length - index - length, last.length - index - length];
    return body.subarray(from, from + length).equals(last.subarray(fromLast, fromLast + length));
  });
  return body.subarray(start, body.length - end);
}

/** How far two texts are the same: in large steps first, then in smaller ones. */
function common(most: number, isSame: (index: number, length: number) => boolean): number {
  let place = 0;
  for (const step of [65_536, 1024, 32, 1]) {
    while (place + step <= most && isSame(place, step)) place += step;
  }
  return place;
}

export interface Weighed {
  readonly inputTokens: number;
  /** As the request limits each answer; null where it does not. */
  readonly outputTokensMax: number | null;
  readonly dearer: Dearer;
}

/** The most that a call can cost, in USD: all input at its dearest, all output that it may have. */
export function mostOf({ inputTokens, outputTokensMax, dearer }: Weighed, facts: ModelFacts): number {
  const { answers, hasUnseenInput, cachesForHour, searches } = dearer;
  const seen = inputTokens + searches.most * searchTokens;
  const input = hasUnseenInput ? Math.max(seen, facts.contextTokens ?? contextTokensDefault) : seen;
  const price = priceAt(input, facts);
  const output = mostOutputTokens(outputTokensMax, facts) * answers;
  const dearest = Math.max(price.input * (cachesForHour ? hourCacheFactor : 1), price.cacheWrite ?? 0);
  const tokensUsd = (input * dearest + output * price.output) * factorOf(dearer, {});
  return Math.ceil(tokensUsd + searches.most * searches.usd * 1e6) / 1e6;
}

/** Of one answer. */
export function mostOutputTokens(asked: number | null, { outputTokensMax }: ModelFacts): number {
  const allowed = Math.min(asked ?? Number.POSITIVE_INFINITY, outputTokensMax ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(allowed) ? allowed : outputTokensDefault;
}
