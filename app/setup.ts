/** The first start: nobody has registered the App yet. One page does it, and what GitHub answers is kept in `.env`. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explain, GumpError, limits } from '../src/index.ts';
import { keepInFile } from './env-file.ts';
import { manifestOf } from './manifest.ts';
import { type Addresses, readAddresses } from './settings.ts';
import { setupPage } from './setup-page.ts';

export interface SetupOptions extends Addresses {
  readonly port: number;
  readonly host: string;
  /** Where the App can be reached from outside, without a slash at its end; null: as the browser reached it. */
  readonly publicUrl: string | null;
  /** Where the credentials are kept; only its owner may read it. */
  readonly envFile: string;
  /** Told the address of the page, which holds a key: whoever opens it decides whose App this becomes. */
  readonly tell: (line: string) => void;
}

export interface Setup {
  readonly url: string;
  /** Settles when the credentials are in the file; rejects when they could not be written. */
  readonly registered: Promise<void>;
  close(): Promise<void>;
}

/** True where none of the three credentials is set; where some are, it is told which one is missing. */
export function isUnregistered(env: Readonly<Record<string, string | undefined>>): boolean {
  return !env.APP_ID && !env.PRIVATE_KEY && !env.WEBHOOK_SECRET;
}

/** What the page needs of the environment. @throws GumpError `usage` for a wrong address or port */
export function setupOptions(
  env: Readonly<Record<string, string | undefined>>,
): Omit<SetupOptions, 'envFile' | 'tell'> {
  const problems: string[] = [];
  const addresses = readAddresses(env, (problem) => problems.push(problem));
  const port = Number(env.PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push('PORT is not a number from 0 to 65535.');
  const publicUrl = env.APP_URL?.replace(/\/+$/, '') ?? null;
  if (publicUrl !== null && !URL.canParse(publicUrl)) problems.push('APP_URL is not an address.');
  if (problems.length > 0) throw new GumpError(problems.join('\n'), { code: 'usage' });
  return { ...addresses, port, host: env.HOST ?? '0.0.0.0', publicUrl };
}

export async function openSetup(options: SetupOptions): Promise<Setup> {
  const key = randomBytes(16).toString('hex');
  const state = randomBytes(16).toString('hex');
  const { promise: registered, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    answer(request, response, { ...options, key, state, resolve }).catch((error: unknown) => {
      say(response, 502, `The App was not registered: ${explain(error)}`);
      if (error instanceof GumpError && error.code === 'process') reject(error);
    });
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, done);
  });
  const { port } = server.address() as AddressInfo;
  const url = `${options.publicUrl ?? `http://localhost:${port}`}/setup?key=${key}`;
  options.tell(`This App is not registered with GitHub yet. Open this page to do it:\n\n  ${url}\n`);
  return {
    url,
    registered,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Parts extends SetupOptions {
  readonly key: string;
  /** GitHub hands it back: the answer belongs to our own page. */
  readonly state: string;
  readonly resolve: () => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://app');
  if (request.method !== 'GET') return say(response, 404, 'Nothing is here.');
  if (pathname === '/healthz') {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"unregistered"}\n');
  } else if (pathname === '/setup' && isSame(query.get('key'), parts.key)) {
    const base = parts.publicUrl ?? `http://${request.headers.host ?? 'localhost'}`;
    const page = setupPage({ manifest: manifestOf(base), serverUrl: parts.serverUrl, state: parts.state });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' });
    response.end(page);
  } else if (pathname === '/setup/done' && isSame(query.get('state'), parts.state)) {
    const made = await convert(parts.apiUrl, query.get('code') ?? '');
    keepInFile(parts.envFile, made.credentials);
    response.writeHead(302, { location: `${made.page}/installations/new` }).end();
    parts.resolve();
  } else {
    say(response, 404, 'Nothing is here. The address of the page stands in the log, with a key.');
  }
}

interface Made {
  readonly credentials: Readonly<Record<string, string>>;
  /** The App's own page. */
  readonly page: string;
}

/** @source docs.github.com, "Registering a GitHub App from a manifest": the code is good for one hour, once (2026-11) */
async function convert(apiUrl: string, code: string): Promise<Made> {
  if (!/^[\w-]{1,100}$/.test(code))
    throw new GumpError('GitHub sent no code along; begin again on the page.', { code: 'github' });
  const answer = await fetch(`${apiUrl}/app-manifests/${code}/conversions`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'gump-app' },
    signal: AbortSignal.timeout(limits.githubRequestTimeoutMs),
  });
  if (answer.status !== 201)
    throw new GumpError(`GitHub answered ${answer.status} to the code of the new App; begin again.`, {
      code: 'github',
    });
  const { id, pem, webhook_secret, html_url } = (await answer.json()) as Record<string, unknown>;
  return {
    credentials: { APP_ID: String(id), PRIVATE_KEY: String(pem), WEBHOOK_SECRET: String(webhook_secret) },
    page: String(html_url),
  };
}

function isSame(given: string | null, wanted: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function say(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
