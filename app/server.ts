/** What is answered over HTTP: deliveries at the webhook, `/healthz`, and nothing else. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { explain, gumpVersion } from '../src/index.ts';
import { readBody } from './body.ts';
import type { Log } from './log.ts';
import { receive, type WebhookParts } from './webhook.ts';

export interface ServerParts extends WebhookParts {
  readonly webhookPath: string;
  readonly log: Log;
  /** True: whoever distributes requests should send no more. */
  readonly isStopping: () => boolean;
}

export function answerWith(parts: ServerParts): RequestListener {
  return (request, response) => {
    answer(request, response, parts).catch((error: unknown) => {
      parts.log.warn('a request was not answered', { error: explain(error) });
      request.destroy();
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: ServerParts): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://app');
  if (request.method === 'GET' && pathname === '/healthz') return health(response, parts.isStopping());
  if (request.method !== 'POST' || pathname !== parts.webhookPath) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing is here but /healthz.\n');
    return;
  }
  if (parts.isStopping()) {
    response.writeHead(503, { 'content-type': 'text/plain', connection: 'close' });
    response.end('Nothing was taken: this App is stopping.\n', () => request.destroy());
    return;
  }
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { 'content-type': 'text/plain', connection: 'close' });
    response.end('That is more than an event of GitHub has.\n', () => request.destroy());
    return;
  }
  const { status, text } = await receive({ headers: request.headers, body }, parts);
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

function health(response: ServerResponse, isStopping: boolean): void {
  const body = { status: isStopping ? 'stopping' : 'ok', version: gumpVersion };
  response.writeHead(isStopping ? 503 : 200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
