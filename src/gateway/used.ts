/** What a call that was forwarded has used, as its answer told it or as it can be guessed, and what that costs. Pure. */
import type { Paid } from './account.ts';
import type { Call } from './call.ts';
import type { Dearer } from './dearer.ts';
import type { Forwarded } from './forward.ts';
import { costOf, type Measured, type ModelFacts, mostOutputTokens } from './price.ts';
import { noTokens, type Tokens } from './usage.ts';

/** A call with all that its price depends on. */
export interface PricedCall {
  readonly call: Call;
  /** The request as it is weighed. */
  readonly weighed: Buffer;
  /** Null where the model's price is not known. */
  readonly facts: ModelFacts | null;
  readonly dearer: Dearer;
}

export interface Used {
  readonly paid: Paid;
  /** By which the next request of the conversation is estimated; null where the answer did not tell its tokens. */
  readonly measured: Measured | null;
}

/** `reservedUsd`: the most that it could cost; null where its price is not known. `last`: the model's request before it. */
export function usedBy(
  priced: PricedCall,
  done: Forwarded,
  { reservedUsd, last }: { readonly reservedUsd: number | null; readonly last: Measured | undefined },
): Used {
  const { weighed, facts, dearer } = priced;
  const told = toldWhole(done);
  const isExact = told !== null && !facts?.isAssumed;
  if (told === null) {
    const tokens = likelyTokens(weighed, done, last);
    return { paid: { tokens, costUsd: mostLeft(priced, done, reservedUsd), isExact }, measured: null };
  }
  const costUsd = facts ? costOf(told, facts, dearer) : null;
  return {
    paid: { tokens: told, costUsd, isExact },
    measured: { body: weighed, inputTokens: told.input },
  };
}

/** What the call used, where its answer told it to the end; no call is without input. */
function toldWhole({ tokens, isWhole }: Forwarded): Tokens | null {
  return isWhole && tokens !== null && tokens.input > 0 ? tokens : null;
}

/** The most that a call can have cost whose answer broke off or told nothing: what it thought, no byte of it shows. */
function mostLeft(
  { call, facts, dearer }: PricedCall,
  { tokens }: Forwarded,
  reservedUsd: number | null,
): number | null {
  if (facts === null || reservedUsd === null) return null;
  if (tokens === null || tokens.input === 0) return reservedUsd;
  const output = mostOutputTokens(call.outputTokensMax, facts) * dearer.answers;
  return costOf({ ...tokens, output }, facts, dearer);
}

/** What code and prose have on average. */
const bytesPerToken = 4;
/** One piece of a streamed answer with what is around it. */
const answerBytesPerToken = 32;

/** The best guess where an answer broke off, or told nothing; marked as such. */
function likelyTokens(
  weighed: Buffer,
  { tokens, answerBytes }: Forwarded,
  last: Measured | undefined,
): Tokens {
  const told = tokens ?? noTokens;
  const isGrown = last !== undefined && weighed.length >= last.body.length;
  const known = isGrown ? { bytes: last.body.length, tokens: last.inputTokens } : { bytes: 0, tokens: 0 };
  const input = known.tokens + Math.ceil((weighed.length - known.bytes) / bytesPerToken);
  return {
    ...told,
    input: told.input > 0 ? told.input : input,
    output: Math.max(told.output, Math.ceil(answerBytes / answerBytesPerToken)),
  };
}
