/** Where models really are, and what opens the door there. */

import type { Api } from './call.ts';

/** How a key is sent: as a bearer token, in a header of that name (lower case), or in the query. */
export type KeyPlace = 'bearer' | `header:${string}` | `query:${string}`;

export interface Upstream {
  /** Without a slash at its path's end: `https://api.anthropic.com`; with the parameters that each call has. */
  readonly baseUrl: string;
  readonly keyIn: KeyPlace;
  /** Null where none is needed (a model on this machine). */
  readonly key: string | null;
  /** More headers that this upstream wants. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The one form of its calls; absent: any. */
  readonly api?: Api;
  /** True where its address says the version of the API, so that it stands in place of the one that clients send. */
  readonly hasVersion?: boolean;
  /** Names of models as agents ask for them, and as they are called there. */
  readonly models?: Readonly<Record<string, string>>;
}

/** Of hop and connection, of the agent's own credential, of another call than the one that was weighed, or what would keep us from reading the answer. */
const notForwarded = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'upgrade'],
  ...['transfer-encoding', 'content-length', 'expect', 'host', 'cookie', 'accept-encoding'],
  ...['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'],
  ...['x-http-method', 'x-http-method-override', 'x-method-override', 'x-original-url', 'x-rewrite-url'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'],
]);

const notReturned = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'trailer', 'upgrade', 'transfer-encoding'],
  ...['set-cookie', 'alt-svc', 'strict-transport-security'],
]);

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The agent's request as the upstream sees it: the real key instead of the token. */
export function requestHeaders(sent: Headers, { key, keyIn, headers = {} }: Upstream): Headers {
  const kept = Object.entries(sent).filter(([name]) => !notForwarded.has(name.toLowerCase()));
  const [place, name = ''] = keyIn.split(':', 2);
  const header = place === 'bearer' ? { authorization: `Bearer ${key}` } : { [name]: key };
  const credential = key === null || place === 'query' ? {} : (header as Readonly<Record<string, string>>);
  return { ...Object.fromEntries(kept), 'accept-encoding': 'identity', ...headers, ...credential };
}

export function responseHeaders(received: Headers): Headers {
  return Object.fromEntries(
    Object.entries(received).filter(([name]) => !notReturned.has(name.toLowerCase())),
  );
}

/** The address of a request at its upstream; the agent's own `key` in the query is left out. */
export function targetOf({ baseUrl, hasVersion, key, keyIn }: Upstream, path: string, query: string): URL {
  const target = new URL(baseUrl);
  const base = target.pathname.replace(/\/$/, '');
  target.pathname = base + (hasVersion ? path.replace(/^\/v\d+[a-z]*\d*(?=\/)/, '') : path);
  const fixed = new Set([...target.searchParams.keys(), 'key']);
  const place = keyIn.startsWith('query:') ? keyIn.slice('query:'.length) : null;
  if (place !== null) fixed.add(place);
  for (const [name, value] of new URLSearchParams(query)) {
    if (!fixed.has(name)) target.searchParams.append(name, value);
  }
  if (place !== null && key !== null) target.searchParams.append(place, key);
  return target;
}

/** The name that an upstream has for a model. */
export function modelThere({ models = {} }: Upstream, asked: string): string {
  return (Object.hasOwn(models, asked) ? models[asked] : undefined) ?? asked;
}

/** What an agent sends to show that it may call; null where it sends nothing. */
export function tokenOf(sent: Headers, query: string): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(one(sent.authorization) ?? '')?.[1];
  const own = one(sent['x-api-key']) ?? one(sent['x-goog-api-key']) ?? one(sent['api-key']);
  return own ?? bearer ?? new URLSearchParams(query).get('key');
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
