/** A model's service for tests: a real HTTP server that answers as it is told and remembers what it was asked. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Service {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Calls that have begun and not ended. */
  readonly open: () => number;
  close(): Promise<void>;
}

export type Answer = (answer: ServerResponse, asked: Asked, request: IncomingMessage) => Promise<void> | void;

export async function startService(say: Answer): Promise<Service> {
  const asked: Asked[] = [];
  let open = 0;
  const server = http.createServer(async (request, answer) => {
    open++;
    answer.once('close', () => open--);
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(parts).toString(),
    };
    asked.push(one);
    await say(answer, one, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open: () => open,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export function sendJson(answer: ServerResponse, body: unknown, status = 200): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}

export function sendEvents(answer: ServerResponse, events: readonly unknown[]): void {
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) answer.write(`data: ${JSON.stringify(event)}\n\n`);
  answer.end('data: [DONE]\n\n');
}

export const claudeAnswer = (input: number, output: number) => ({
  type: 'message',
  content: [{ type: 'text', text: 'Done.' }],
  usage: {
    input_tokens: input,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  },
});
