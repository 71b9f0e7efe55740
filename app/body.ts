/** Reads what somebody sends before anybody knows who it is. */
import type { IncomingMessage } from 'node:http';
import { limits } from '../src/index.ts';

/** The body as text; null as soon as there is more of it than `bytesMax`. The promise rejects when the sender goes away. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number = limits.webhookBytesMax,
): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left undestroyed, so that the sender can still be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
