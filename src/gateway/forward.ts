/** One request to its upstream and the answer back, both streamed; what the answer used is read on its way. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { limits } from '../limits.ts';
import type { Api } from './call.ts';
import { giveBack } from './give-back.ts';
import type { Headers } from './upstream.ts';
import type { Tokens } from './usage.ts';
import { createUsageReader, type UsageReader } from './usage-reader.ts';

export interface Forwarding {
  readonly api: Api;
  readonly method: string;
  readonly target: URL;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Of the service; it is not shown to the agent, whatever the answer quotes. */
  readonly key: string | null;
  readonly answer: ServerResponse;
  /** Called whenever something of the answer comes. */
  readonly onMove: () => void;
  /** Aborted when the account is closed or the agent has gone away. */
  readonly signal: AbortSignal;
}

export interface Forwarded {
  /** Null: the upstream gave no answer at all, and `problem` says why; nothing was sent to the agent. */
  readonly status: number | null;
  readonly problem: string | null;
  /** What the answer told; null where it told nothing. */
  readonly tokens: Tokens | null;
  /** Whether that was told to its end. */
  readonly isWhole: boolean;
  readonly answerBytes: number;
  /** The beginning of an answer that is an error; empty for others. */
  readonly errorText: string;
  /** Empty where there is none. */
  readonly contentType: string;
  /** The agent did not wait for its end, or was not let. */
  readonly isLeft: boolean;
}

const agents = {
  // How many calls there are at once, each attempt's own gate says.
  http: new http.Agent({ keepAlive: true }),
  https: new https.Agent({ keepAlive: true }),
};

/** Never rejects: whatever goes wrong is in the result. */
export async function forward(order: Forwarding): Promise<Forwarded> {
  let received: IncomingMessage;
  try {
    received = await ask(order);
  } catch (error) {
    return noAnswer(messageOf(error), isLeftBy(error));
  }
  if (isRedirect(received)) {
    received.destroy();
    return noAnswer(`it redirects (HTTP ${received.statusCode}), and a key is not sent elsewhere`);
  }
  const usage = usageOf(order.api, received);
  const error = errorOf(received);
  order.onMove();
  let problem: string | null = null;
  let isLeft = false;
  try {
    await giveBack(received, order, (piece) => {
      order.onMove();
      usage.push(piece);
      error.push(piece);
    });
  } catch (cause) {
    problem = messageOf(cause);
    isLeft = isLeftBy(cause);
    // A broken answer must not look like a whole one.
    order.answer.destroy();
  }
  return {
    status: received.statusCode ?? 0,
    problem,
    tokens: usage.end(),
    isWhole: problem === null && usage.isWhole(),
    answerBytes: usage.bytes(),
    errorText: error.text(),
    contentType: received.headers['content-type'] ?? '',
    isLeft,
  };
}

function noAnswer(problem: string, isLeft = false): Forwarded {
  const nothing = { tokens: null, isWhole: false, answerBytes: 0, errorText: '', contentType: '' };
  return { status: null, problem, ...nothing, isLeft };
}

/** Its `location` may repeat the address that was asked for, with a key in it: the agent does not see it. */
function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400;
}

/** A connection that the upstream has just closed for idleness: it has not seen the request, so it is sent once more. */
async function ask(order: Forwarding): Promise<IncomingMessage> {
  try {
    return await askOnce(order);
  } catch (error) {
    if (error instanceof StaleConnection) return askOnce(order);
    throw error;
  }
}

class StaleConnection extends Error {}

function askOnce({ method, target, headers, body, signal }: Forwarding): Promise<IncomingMessage> {
  const isTls = target.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).request(target, {
      method,
      agent: isTls ? agents.https : agents.http,
      headers: { ...(headers as http.OutgoingHttpHeaders), 'content-length': body.length },
      signal,
      timeout: limits.gatewaySilenceMs,
    });
    request.once('timeout', () =>
      request.destroy(new Error(`no byte for ${limits.gatewaySilenceMs / 1000} s`)),
    );
    request.once('response', resolve);
    request.once('error', (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
      reject(isStale ? new StaleConnection(error.message) : error);
    });
    request.end(body);
  });
}

function usageOf(api: Api, { headers }: IncomingMessage): UsageReader {
  const isStream = /text\/event-stream/i.test(headers['content-type'] ?? '');
  return createUsageReader(api, isStream, limits.gatewayReportBytesMax);
}

interface ErrorReader {
  push(piece: Buffer): void;
  text(): string;
}

function errorOf({ statusCode = 0 }: IncomingMessage): ErrorReader {
  let kept: Buffer = Buffer.alloc(0);
  return {
    push(piece) {
      const left = statusCode >= 400 ? limits.gatewayErrorBytesMax - kept.length : 0;
      if (left > 0) kept = Buffer.concat([kept, piece.subarray(0, left)]);
    },
    text: () => kept.toString(),
  };
}

/** A service that breaks off has another error than an agent that goes away. */
function isLeftBy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
