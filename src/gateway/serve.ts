/** One call of an admitted agent: read, reserved, forwarded, booked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../limits.ts';
import type { Refusal } from '../ports/gateway.ts';
import { book, noteMove, type OpenAccount, waitWith } from './account.ts';
import { type Api, type Call, pathWithModel, type Route, readCall, withModel, withUsage } from './call.ts';
import { type Forwarded, forward } from './forward.ts';
import { type ModelFacts, mostInputTokens, mostOf } from './price.ts';
import { answerNo } from './refuse.ts';
import { isRefusal, type Reservation, type Till } from './till.ts';
import { modelThere, requestHeaders, targetOf, type Upstream } from './upstream.ts';
import { noTokens, type Tokens } from './usage.ts';

export interface Serving {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly account: OpenAccount;
  readonly route: Route;
  readonly upstream: Upstream;
  readonly upstreamName: string;
  /** Behind the upstream's name. */
  readonly path: string;
  readonly query: string;
  readonly factsOf: (model: string) => ModelFacts | null;
  readonly till: Till;
  /** Aborted when the agent has gone away or its account is closed. */
  readonly signal: AbortSignal;
}

export async function serveCall(serving: Serving): Promise<void> {
  const { request, answer, route, path } = serving;
  const body = await readBody(request);
  if (body === null) {
    const message = `gump's gateway takes no request above ${limits.gatewayBodyBytesMax / 1024 / 1024} MiB`;
    return answerNo(answer, route.api, 'body', message);
  }
  const call = readCall(route, path, body);
  if (call === null) return answerNo(answer, route.api, 'body', "the request's body is no JSON object");
  if (call.kind === 'look') {
    await passOn(serving, call, body);
    return;
  }
  await serveModel(serving, call, body);
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > limits.gatewayBodyBytesMax) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function serveModel(serving: Serving, call: Call, body: Buffer): Promise<void> {
  const { account, answer, factsOf, till, signal } = serving;
  const facts = factsOf(call.model);
  const callUsd = facts && mostOf(mostTokens(account, { call, body, facts }), facts);
  const wish = { left: account.order.left, callUsd, model: call.model, signal };
  const reserved = await waitWith(account, till.reserve(wish));
  if (reserved === null) return;
  if (isRefusal(reserved)) {
    // Whoever writes it down may fail; that ends the run by itself.
    await account.order.onRefused(reserved).catch(() => undefined);
    return answerNo(answer, call.api, 'budget', sentenceOf(reserved));
  }
  await pay(serving, { call, body, facts, reserved });
}

function mostTokens(
  account: OpenAccount,
  { call, body, facts }: Omit<Payment, 'reserved' | 'facts'> & { facts: ModelFacts },
) {
  const last = account.measured.get(call.model) ?? null;
  return {
    inputTokens: mostInputTokens(body.length, last, facts),
    outputTokensMax: call.outputTokensMax,
  };
}

const whose = { attempt: 'step', call: 'called workflow', run: 'run' } as const;

export function sentenceOf({ scope, callUsd, leftUsd, model }: Refusal): string {
  const purse = `the ${whose[scope]}'s budget`;
  if (callUsd === null) {
    return `gump did not forward this call: the price of ${model || 'this model'} is not known, so ${purse} cannot be kept; give its price in gump.toml`;
  }
  return `gump did not forward this call: it may cost up to $${callUsd.toFixed(4)}, and ${purse} has $${Math.max(0, leftUsd).toFixed(4)} left`;
}

interface Payment {
  readonly call: Call;
  readonly body: Buffer;
  readonly facts: ModelFacts | null;
  readonly reserved: Reservation;
}

/** The reservation is given back only when what the call has used is booked, so that nothing is spent twice. */
async function pay(serving: Serving, { call, body, facts, reserved }: Payment): Promise<void> {
  const { account, signal } = serving;
  try {
    await account.order.onCall(++account.calls).catch(() => undefined);
    const done = await passOn(serving, call, body);
    account.lastProblem = problemOf(done);
    if (done.status === 401 || done.status === 403)
      await account.order.onKeyRefused(serving.upstreamName, done.status).catch(() => undefined);
    const wasSent = done.status === null ? signal.aborted : done.status < 300;
    if (!wasSent) return;
    const isWhole = done.tokens !== null && done.problem === null;
    if (isWhole) account.measured.set(call.model, { bytes: body.length, inputTokens: done.tokens.input });
    const tokens = isWhole ? done.tokens : likelyTokens(account, { call, body }, done);
    // A ledger that cannot be written ends the run by itself; this call has nobody else to tell.
    await book(account, { tokens, facts, isExact: isWhole }).catch(() => undefined);
  } finally {
    reserved.release();
  }
}

function problemOf({ status, problem }: Forwarded): string | null {
  if (status !== null && status >= 400) return `HTTP ${status}`;
  return problem;
}

/** What code and prose have on average. */
const bytesPerToken = 4;
/** One piece of a streamed answer with what is around it. */
const answerBytesPerToken = 32;

/** The best guess where an answer broke off, or told nothing; marked as such. */
function likelyTokens(
  account: OpenAccount,
  { call, body }: Pick<Payment, 'call' | 'body'>,
  { tokens, answerBytes }: Forwarded,
): Tokens {
  const told = tokens ?? noTokens;
  const last = account.measured.get(call.model);
  const known = last && body.length >= last.bytes ? last : { bytes: 0, inputTokens: 0 };
  const input = known.inputTokens + Math.ceil((body.length - known.bytes) / bytesPerToken);
  return {
    ...told,
    input: told.input > 0 ? told.input : input,
    output: Math.max(told.output, Math.ceil(answerBytes / answerBytesPerToken)),
  };
}

async function passOn(serving: Serving, call: Call, body: Buffer): Promise<Forwarded> {
  const { request, answer, upstream, query, signal } = serving;
  const { path, body: sent } = renamed(serving, call, call.hidesUsage ? withUsage(body) : body);
  const done = await forward({
    api: call.api,
    method: request.method ?? 'POST',
    target: targetOf(upstream, path, query),
    headers: requestHeaders(request.headers, upstream),
    body: sent,
    answer,
    onMove: () => noteMove(serving.account),
    signal,
  });
  if (done.status === null) tellNoAnswer(answer, call.api, done.problem);
  return done;
}

/** The request as its upstream calls the model. */
function renamed({ upstream, path }: Serving, call: Call, body: Buffer): { path: string; body: Buffer } {
  const model = modelThere(upstream, call.model);
  if (model === call.model) return { path, body };
  return call.api === 'gemini'
    ? { path: pathWithModel(path, model), body }
    : { path, body: withModel(body, model) };
}

function tellNoAnswer(answer: ServerResponse, api: Api, problem: string | null): void {
  answerNo(
    answer,
    api,
    'upstream',
    `gump's gateway got no answer from the model's service: ${problem ?? 'unknown'}`,
  );
}
