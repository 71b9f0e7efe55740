/** One call of an admitted agent: read, reserved, forwarded, booked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { limits } from '../limits.ts';
import type { Hopeless, Refusal } from '../ports/gateway.ts';
import { book, measure, noteMove, type OpenAccount, waitWith } from './account.ts';
import { type Api, type Call, pathWithModel, type Route, readCall, withModel, withUsage } from './call.ts';
import { dearerBy } from './dearer.ts';
import { isHopeless, withCall } from './failing.ts';
import { type Forwarded, forward } from './forward.ts';
import { weighable } from './pictures.ts';
import { dearestOf, type ModelFacts, mostInputTokens, mostOf } from './price.ts';
import { answerNo } from './refuse.ts';
import { isRefusal, type Reservation, type Till } from './till.ts';
import { modelThere, requestHeaders, targetOf, type Upstream } from './upstream.ts';
import { type PricedCall, usedBy } from './used.ts';

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
  const { request, answer, route } = serving;
  const body = await readBody(request, serving.signal);
  if (body === null) {
    const message = `gump's gateway takes no request above ${limits.gatewayBodyBytesMax / 1024 / 1024} MiB`;
    return answerNo(answer, route.api, 'large', message);
  }
  const weighed = weigh(serving, body);
  if (typeof weighed === 'string') return answerNo(answer, route.api, 'body', weighed);
  await (route.kind === 'look' ? passOn(serving, weighed.call, body) : serveModel(serving, weighed));
}

/**
 * Null where it is too large: who still sends hears no answer, so the rest is thrown away first.
 * @throws when nobody waits for the answer any more, or it is far too large: who sends a body for ever holds no account open
 */
async function readBody(request: IncomingMessage, signal: AbortSignal): Promise<Buffer | null> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of addAbortSignal(signal, request) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > limits.gatewayBodyDrainBytesMax) throw new Error('the request has no end');
    if (bytes > limits.gatewayBodyBytesMax) parts = [];
    else parts.push(part);
  }
  return bytes > limits.gatewayBodyBytesMax ? null : Buffer.concat(parts);
}

type Weight = Omit<Payment, 'reserved'> & Pick<Refusal, 'callUsd' | 'model'>;

/** The most that it can cost (`model` is the one whose price is not known, where there is one); or why it can be no call. */
function weigh({ account, factsOf, route, path }: Serving, body: Buffer): Weight | string {
  const read = readCall(route, path, body);
  if (typeof read === 'string') return read;
  const { call, asked } = read;
  const dearer = dearerBy(read, body);
  const models = [call.model, ...dearer.otherModels];
  const facts = dearestOf(models.map(factsOf));
  const weighed = weighable(body, asked);
  const callUsd = facts && mostOf({ ...mostTokens(account, { call, weighed, facts }), dearer }, facts);
  const model = models.find((one) => factsOf(one) === null) ?? call.model;
  return { call, body, weighed, dearer, facts, callUsd, model };
}

async function serveModel(serving: Serving, { callUsd, model, ...parts }: Weight): Promise<void> {
  const { account, answer, till, signal } = serving;
  const wish = { left: account.order.left, callUsd, model, signal };
  const reserved = await waitWith(account, till.reserve(wish));
  if (reserved === null) return;
  if (isRefusal(reserved)) {
    // Whoever writes it down may fail; that ends the run by itself.
    await account.order.onRefused(reserved).catch(() => undefined);
    return answerNo(answer, parts.call.api, 'budget', sentenceOf(reserved));
  }
  await pay(serving, { ...parts, reserved });
}

function mostTokens(
  account: OpenAccount,
  { call, weighed, facts }: Pick<Payment, 'call' | 'weighed'> & { facts: ModelFacts },
) {
  const last = account.measured.get(call.model) ?? null;
  return {
    inputTokens: mostInputTokens(weighed, last, facts),
    outputTokensMax: call.outputTokensMax,
  };
}

const whose = { attempt: 'step', call: 'called workflow', run: 'run' } as const;

function sentenceOf({ scope, callUsd, leftUsd, model }: Refusal): string {
  const purse = `the ${whose[scope]}'s budget`;
  if (callUsd === null) {
    return `gump did not forward this call: the price of ${model || 'this model'} is not known, so ${purse} cannot be kept; give its price in ~/.gump/config.toml (on GitHub: gump.toml)`;
  }
  return `gump did not forward this call: it may cost up to $${callUsd.toFixed(4)}, and ${purse} has $${Math.max(0, leftUsd).toFixed(4)} left`;
}

interface Payment extends PricedCall {
  /** As the agent sent it. */
  readonly body: Buffer;
  readonly reserved: Reservation;
}

/** The reservation is given back only when what the call has used is booked, so that nothing is spent twice. */
async function pay(serving: Serving, payment: Payment): Promise<void> {
  const { account, signal } = serving;
  const { call, body, reserved } = payment;
  try {
    await account.order.onCall(++account.calls).catch(() => undefined);
    const done = await passOn(serving, call, body);
    account.lastProblem = problemOf(done);
    const why = whyHopeless(serving, done);
    if (why !== null) await account.order.onHopeless(why).catch(() => undefined);
    const wasSent = done.status === null ? signal.aborted : done.status < 300;
    if (!wasSent) return;
    const last = account.measured.get(call.model);
    const { paid, measured } = usedBy(payment, done, { reservedUsd: reserved.usd, last });
    if (measured) measure(account, call.model, measured);
    // A ledger that cannot be written ends the run by itself; this call has nobody else to tell.
    await book(account, paid).catch(() => undefined);
  } finally {
    reserved.release();
  }
}

/** Null where the next call may be answered. A call that the agent broke off by itself says nothing. */
function whyHopeless({ account, upstreamName }: Serving, done: Forwarded): Hopeless | null {
  if (done.status !== null && isKeyRefused(done))
    return { kind: 'key', upstream: upstreamName, status: done.status };
  if (done.isLeft) return null;
  const nowMs = performance.now();
  account.failing = withCall(account.failing, done, nowMs);
  if (!isHopeless(account.failing, nowMs)) return null;
  const problem = account.lastProblem ?? 'its answer told nothing';
  return { kind: 'calls', upstream: upstreamName, count: account.failing.count, problem };
}

/** Google answers 400 to a wrong key. A 403 may be about one model, or one of the request's wishes: others may go on. */
function isKeyRefused({ status, errorText }: Forwarded): boolean {
  return status === 401 || (status === 400 && errorText.includes('"API_KEY_INVALID"'));
}

function problemOf({ status, problem }: Forwarded): string | null {
  if (status !== null && status >= 400) return `HTTP ${status}`;
  return problem;
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
    key: upstream.key,
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
