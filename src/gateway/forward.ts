/** One request to its upstream and the answer back, both streamed; what the answer used is read on its way. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { pipeline, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { limits } from '../limits.ts';
import type { Api } from './call.ts';
import { type Headers, responseHeaders } from './upstream.ts';
import { createUsageReader, type Tokens, type UsageReader } from './usage.ts';

export interface Forwarding {
  readonly api: Api;
  readonly method: string;
  readonly target: URL;
  readonly headers: Headers;
  readonly body: Buffer;
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
    return noAnswer(messageOf(error));
  }
  if (isRedirect(received)) {
    received.destroy();
    return noAnswer(`it redirects (HTTP ${received.statusCode}), and a key is not sent elsewhere`);
  }
  const reader = readerOf(order.api, received);
  order.onMove();
  received.on('data', order.onMove);
  let problem: string | null = null;
  try {
    await giveBack(received, order.answer, reader);
  } catch (error) {
    problem = messageOf(error);
    // A broken answer must not look like a whole one.
    order.answer.destroy();
  }
  await reader.settle();
  return {
    status: received.statusCode ?? 0,
    problem,
    tokens: reader.usage.end(),
    isWhole: problem === null && reader.usage.isWhole(),
    answerBytes: reader.usage.bytes(),
  };
}

function noAnswer(problem: string): Forwarded {
  return { status: null, problem, tokens: null, isWhole: false, answerBytes: 0 };
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

const pipe = promisify(pipeline);

async function giveBack(received: IncomingMessage, answer: ServerResponse, reader: Reader): Promise<void> {
  answer.writeHead(received.statusCode ?? 502, responseHeaders(received.headers) as http.OutgoingHttpHeaders);
  // The first byte goes out when it comes in, whatever the kernel would rather wait for.
  answer.socket?.setNoDelay(true);
  answer.flushHeaders();
  received.on('data', reader.see);
  await pipe(received, answer);
}

interface Reader {
  /** Looks at a piece that passes; bytes that have to be unpacked are looked at a little later. */
  readonly see: (piece: Buffer) => void;
  readonly usage: UsageReader;
  /** Settles when everything that passed has been read. */
  settle(): Promise<void>;
}

function readerOf(api: Api, { headers }: IncomingMessage): Reader {
  const isStream = /text\/event-stream/i.test(headers['content-type'] ?? '');
  const usage = createUsageReader(api, isStream, limits.gatewayReportBytesMax);
  const unpack = unpackerOf(headers['content-encoding']);
  unpack?.on('data', (chunk: Buffer) => usage.push(chunk));
  const emptied = unpack === null ? Promise.resolve() : ended(unpack);
  return {
    see: (piece) => {
      if (unpack === null) usage.push(piece);
      else unpack.write(piece);
    },
    usage,
    settle() {
      unpack?.end();
      return emptied;
    },
  };
}

/** Some upstreams pack their answers though they were asked not to. */
function unpackerOf(encoding: string | undefined): Transform | null {
  if (encoding === 'gzip' || encoding === 'deflate') return zlib.createUnzip();
  return encoding === 'br' ? zlib.createBrotliDecompress() : null;
}

/** Bytes that cannot be unpacked tell nothing; the agent has them as they came. */
function ended(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    stream.once('end', resolve).once('error', () => resolve());
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
