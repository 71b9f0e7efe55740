/** Reads what somebody sends before anybody knows who it is. */
import type { IncomingMessage } from 'node:http';

/** @source docs.github.com, "Webhook events and payloads": a payload is capped at 25 MB (2026-11) */
export const webhookBytesMax = 25 * 1024 * 1024;

/** The body as text; null as soon as there is more of it than `bytesMax`. The promise rejects when the sender goes away. */
export async function readBody(request: IncomingMessage, bytesMax = webhookBytesMax): Promise<string | null> {
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
