/** The App as a server: webhooks, health, a stop that lets work finish. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Probot } from 'probot';
import { explain, GumpError } from '../src/index.ts';
import { register } from './app.ts';
import { readBody } from './body.ts';
import { createClients } from './clients.ts';
import { createLog } from './log.ts';
import { createQueue } from './queue.ts';
import { type AppSettings, type Environment, readSettings } from './settings.ts';

export interface StartOptions {
  readonly env: Environment;
  /** 0: any free one. Default: PORT of the environment, else 3000. */
  readonly port?: number;
  readonly host?: string;
  /** Takes each line of the log; default stderr. */
  readonly write?: (line: string) => void;
}

export interface RunningApp {
  /** `http://host:port`. */
  readonly url: string;
  /** Where GitHub sends its events. */
  readonly webhookUrl: string;
  /** Settles when every accepted event has been worked on. */
  idle(): Promise<void>;
  /** Takes no more events, finishes what was accepted, then stops. */
  close(): Promise<void>;
}

/** @throws GumpError `usage` with everything that the environment lacks. */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const { settings, problems } = readSettings(options.env);
  if (settings === null) {
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    throw new GumpError(`The App was not started:\n${list}`, { code: 'usage' });
  }
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const log = createLog([settings.webhookSecret, settings.privateKey], write);
  const queue = createQueue();
  const probot = new Probot(probotOptions(settings));
  await probot.ready();
  register(probot, { settings, queue, log, clients: createClients(settings, log) });
  const webhooks = await probot.getNodeMiddleware({ path: settings.webhookPath });
  const server = createServer((request, response) => {
    answer(request, response, webhooks).catch((error: unknown) => {
      log('a request was not answered', { error: explain(error) });
      request.destroy();
    });
  });
  const port = await listen(server, {
    port: options.port ?? settings.port,
    host: options.host ?? settings.host,
  });
  const url = `http://${options.host ?? settings.host}:${port}`;
  log('the App listens', { url, path: settings.webhookPath });
  return {
    url,
    webhookUrl: `${url}${settings.webhookPath}`,
    idle: queue.idle,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await queue.idle();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Middleware = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  webhooks: Middleware,
): Promise<void> {
  if (request.method === 'GET' && request.url?.split('?')[0] === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}\n');
    return;
  }
  const body = request.method === 'POST' ? await readBody(request) : '';
  if (body === null) {
    response.writeHead(413, { 'content-type': 'text/plain', connection: 'close' });
    response.end('That is more than an event of GitHub has.\n', () => request.destroy());
    return;
  }
  if (await webhooks(Object.assign(request, { body }), response)) return;
  response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing is here but /healthz.\n');
}

/** Probot verifies and parses deliveries; requests are made by our own client, which paces and retries them. */
function probotOptions(settings: AppSettings): ConstructorParameters<typeof Probot>[0] {
  return {
    appId: settings.appId,
    privateKey: settings.privateKey,
    secret: settings.webhookSecret,
    baseUrl: settings.apiUrl,
    logLevel: 'fatal',
  };
}

async function listen(
  server: Server,
  where: { readonly port: number; readonly host: string },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
