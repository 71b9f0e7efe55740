/**
 * The model gateway: an HTTP server on loopback that holds the keys. Agents reach it with a token of their attempt; each
 * call is reserved before it is forwarded and booked when it has ended.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limits } from '../limits.ts';
import { own } from '../own.ts';
import type { Account, AccountOrder, Gateway } from '../ports/gateway.ts';
import { movedAtMs, type OpenAccount, openAccount, waitWith } from './account.ts';
import { routeOf } from './call.ts';
import type { Gate } from './gate.ts';
import type { ModelFacts } from './price.ts';
import { answerNo, type Cause } from './refuse.ts';
import { serveCall } from './serve.ts';
import { createTill, type Till } from './till.ts';
import { tokenOf, type Upstream } from './upstream.ts';

export interface GatewayOptions {
  /** By the name that an address begins with: `anthropic`, `openai`, `gemini`, or one's own. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
  /** What is known of a model at an upstream; null where nothing is. */
  readonly modelFacts: (upstream: string, model: string) => ModelFacts | null;
}

/** Listens on a free port of 127.0.0.1. */
export async function openGateway({ upstreams, modelFacts }: GatewayOptions): Promise<Gateway> {
  const accounts = new Map<string, OpenAccount>();
  const till = createTill();
  const server = http.createServer({ keepAliveTimeout: limits.gatewayKeepAliveMs }, (request, answer) => {
    void admit({ accounts, upstreams, till, modelFacts }, request, answer);
  });
  server.requestTimeout = limits.gatewayRequestMs;
  server.maxConnections = limits.gatewayConnectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: limits.gatewayBacklog }, () => resolve());
  });
  const { port } = server.address() as AddressInfo;

  function open(order: AccountOrder): Account {
    const account = openAccount(order);
    accounts.set(account.token, account);
    return {
      token: account.token,
      url: (upstream) => `http://127.0.0.1:${port}/${upstream}`,
      total: () => ({ ...account.total, isExact: account.isExact, lastProblem: account.lastProblem }),
      movedAtMs: () => movedAtMs(account),
      close: () => closeAccount(accounts, account),
    };
  }

  return {
    open,
    upstreams: () => Object.keys(upstreams),
    async close() {
      await Promise.all([...accounts.values()].map((account) => closeAccount(accounts, account)));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Admission {
  readonly accounts: ReadonlyMap<string, OpenAccount>;
  readonly upstreams: Readonly<Record<string, Upstream>>;
  readonly till: Till;
  readonly modelFacts: GatewayOptions['modelFacts'];
}

/** Who it is, what it wants, whether there is room; then the call is served. Never rejects. */
async function admit(admission: Admission, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { name, path, query } = partsOf(request.url ?? '/');
  const route = routeOf(request.method ?? 'GET', path);
  const no = (cause: Cause, message: string) => answerNo(answer, route?.api ?? 'chat', cause, message);
  const account = admission.accounts.get(tokenOf(request.headers, query) ?? '');
  if (!account) return no('token', "gump's gateway does not know this key: it is valid for one attempt only");
  const upstream = own(admission.upstreams, name);
  if (!upstream) return no('path', `gump's gateway has no upstream "${name}", or no key for it`);
  if (!route) return no('path', `gump's gateway does not forward ${request.method} ${path}`);
  if (upstream.api && route.api !== upstream.api && request.method !== 'GET')
    return no(
      'path',
      `the upstream "${name}" is called in another form of API than ${path} has: see \`api\` in [gateway.${name}] of gump.toml`,
    );
  const signal = signalOf(answer, account);
  const served = withinGate(waitWith(account, account.gate.enter(signal)), async (hasRoom) => {
    if (!hasRoom) return no('busy', "gump's gateway has too many calls at once");
    const factsOf = (model: string) => admission.modelFacts(name, model);
    await serveCall({
      request,
      answer,
      account,
      route,
      upstream,
      upstreamName: name,
      path,
      query,
      factsOf,
      till: admission.till,
      signal,
    });
  });
  const settled = served.catch(() => {
    no('body', "gump's gateway could not read this request to its end, or has no place for what it holds");
    // Half an answer must not look like a whole one; of a whole refusal nothing is left to write.
    if (!answer.writableEnded) answer.destroy();
  });
  account.inFlight.add(settled);
  await settled;
  account.inFlight.delete(settled);
}

async function withinGate(
  entry: ReturnType<Gate['enter']>,
  work: (hasRoom: boolean) => Promise<void>,
): Promise<void> {
  const leave = await entry;
  try {
    await work(leave !== null);
  } finally {
    leave?.();
  }
}

/** `/anthropic/v1/messages?beta=true` → upstream, the path behind it, query. */
function partsOf(url: string): { name: string; path: string; query: string } {
  const [address = '', query = ''] = url.split('?', 2);
  const [, name = '', ...rest] = address.split('/');
  return { name, path: `/${rest.join('/')}`, query };
}

/** Aborted when the agent has gone away before its answer was complete, or its account is closed. */
function signalOf(answer: ServerResponse, account: OpenAccount): AbortSignal {
  const gone = new AbortController();
  answer.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, account.closed.signal]);
}

async function closeAccount(accounts: Map<string, OpenAccount>, account: OpenAccount): Promise<void> {
  accounts.delete(account.token);
  account.closed.abort();
  await Promise.all(account.inFlight);
}
