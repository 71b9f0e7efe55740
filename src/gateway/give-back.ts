/** A service's answer on its way to the agent: unpacked, looked at, and without our key. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { createMask, type Mask } from './mask.ts';
import { type Headers, responseHeaders } from './upstream.ts';

/**
 * Streams the answer to the agent, unpacked, whatever it came in: a key is found in plain bytes only. `see` gets each piece
 * before it is masked.
 * @throws what either side broke off with
 */
export async function giveBack(
  received: IncomingMessage,
  { answer, key }: { readonly answer: ServerResponse; readonly key: string | null },
  see: (piece: Buffer) => void,
): Promise<void> {
  const mask = createMask(key);
  const unpack = unpackerOf(received.headers['content-encoding']);
  const headers = unpack === null ? received.headers : without(packed, received.headers);
  answer.writeHead(received.statusCode ?? 502, masked(responseHeaders(headers), mask));
  // The first byte goes out when it comes in, whatever the kernel would rather wait for.
  answer.socket?.setNoDelay(true);
  answer.flushHeaders();
  const watch = watchWith(mask, see);
  if (unpack === null) await pipeline(received, watch, answer);
  else await pipeline(received, unpack, watch, answer);
}

const packed = ['content-encoding', 'content-length', 'etag', 'content-md5', 'digest'];

function without(names: readonly string[], headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function masked(headers: Headers, mask: Mask): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? mask.text(value) : value?.map(mask.text),
    ]),
  );
}

function watchWith(mask: Mask, see: (piece: Buffer) => void): Transform {
  return new Transform({
    transform(piece: Buffer, _, done) {
      see(piece);
      done(null, mask.push(piece));
    },
    flush: (done) => done(null, mask.end()),
  });
}

/** Some upstreams pack their answers though they were asked not to. */
function unpackerOf(encoding: string | undefined): Transform | null {
  if (encoding === 'gzip' || encoding === 'x-gzip' || encoding === 'deflate') return zlib.createUnzip();
  if (encoding === 'zstd') return zlib.createZstdDecompress();
  return encoding === 'br' ? zlib.createBrotliDecompress() : null;
}
