/** Where models really are, and what opens the door there. */

export type KeyHeader = 'x-api-key' | 'authorization' | 'x-goog-api-key' | 'api-key';

export interface Upstream {
  /** Without a slash at its end: `https://api.anthropic.com`. */
  readonly baseUrl: string;
  /** How the key is sent; a bearer token in `authorization`. */
  readonly keyHeader: KeyHeader;
  /** Null where none is needed (a model on this machine). */
  readonly key: string | null;
  /** More headers that this upstream wants. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of hop and connection, of the agent's own credential, or what would keep us from reading the answer. */
const notForwarded = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'upgrade'],
  ...['transfer-encoding', 'content-length', 'expect', 'host', 'cookie', 'accept-encoding'],
  ...['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'],
]);

const notReturned = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'trailer', 'upgrade', 'transfer-encoding'],
  ...['set-cookie', 'alt-svc', 'strict-transport-security'],
]);

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The agent's request as the upstream sees it: the real key instead of the token. */
export function requestHeaders(sent: Headers, { key, keyHeader, headers = {} }: Upstream): Headers {
  const kept = Object.entries(sent).filter(([name]) => !notForwarded.has(name.toLowerCase()));
  const credential =
    key === null ? {} : { [keyHeader]: keyHeader === 'authorization' ? `Bearer ${key}` : key };
  return { ...Object.fromEntries(kept), 'accept-encoding': 'identity', ...headers, ...credential };
}

export function responseHeaders(received: Headers): Headers {
  return Object.fromEntries(
    Object.entries(received).filter(([name]) => !notReturned.has(name.toLowerCase())),
  );
}

/** The address of a request at its upstream; the agent's own `key` in the query is left out. */
export function targetOf({ baseUrl }: Upstream, path: string, query: string): URL {
  const target = new URL(`${baseUrl}${path}`);
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'key') target.searchParams.append(name, value);
  }
  return target;
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
