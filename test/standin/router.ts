import type { Need } from './auth.ts';
import type { Repository } from './records.ts';
import type { Actor, World } from './world.ts';

/** One API request after authentication and validation. */
export interface Call {
  readonly world: World;
  readonly actor: Actor;
  /** Path and query values in the types of GitHub's description. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The path as asked for, for Link headers. */
  readonly url: URL;
  readonly accept: string;
}

/** A call under /repos/{owner}/{repo}, whose repository exists and may be seen. */
export interface RepositoryCall extends Call {
  readonly repository: Repository;
}

export interface Answer {
  readonly status: number;
  /** undefined: no body. A string is sent as it is, with `type`. */
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: string;
  /** As in GitHub's description, for example `/repos/{owner}/{repo}/issues`. */
  readonly path: string;
  readonly need: Need;
  readonly handle: (call: RepositoryCall) => Answer | Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => Match | null;

/** Values of these may contain slashes. */
const SPANNING = new Set(['ref', 'path', 'branch', 'basehead']);

/** @throws Error when a route is not in GitHub's description, or the other way round. */
export function createRouter(
  routes: readonly Route[],
  operations: readonly { method: string; path: string }[],
): Router {
  const name = (entry: { method: string; path: string }): string => `${entry.method} ${entry.path}`;
  const described = new Set(operations.map(name));
  const served = new Set(routes.map(name));
  const odd = [...described].filter((entry) => !served.has(entry));
  odd.push(...[...served].filter((entry) => !described.has(entry)));
  if (odd.length > 0) throw new Error(`Routes and schema/operations.ts differ: ${odd.join(', ')}`);
  const table = routes
    .map((route) => ({ route, pattern: patternOf(route.path), rank: rankOf(route.path) }))
    .sort((left, right) => right.rank - left.rank);
  return (method, path) => {
    for (const { route, pattern } of table) {
      const found = route.method === method ? pattern.exec(path) : null;
      const params = found ? decoded(found.groups ?? {}) : null;
      if (params) return { route, params };
    }
    return null;
  };
}

function patternOf(path: string): RegExp {
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    SPANNING.has(name) ? `(?<${name}>${name === 'path' ? '.*' : '.+'})` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}/?$`);
}

/** Fixed parts win over values, longer paths over shorter ones. */
function rankOf(path: string): number {
  const parts = path.split('/');
  return parts.filter((part) => !part.startsWith('{')).length * 10 + parts.length;
}

/** null for a path with a broken escape, which names nothing. */
function decoded(groups: Readonly<Record<string, string>>): Record<string, string> | null {
  try {
    return Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]));
  } catch {
    return null;
  }
}

export function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

export const NO_CONTENT: Answer = { status: 204 };

/** One page of a list with GitHub's Link header; `wrap` puts it into an object with `total_count`. */
export function page(
  call: Call,
  items: readonly unknown[],
  wrap: (slice: readonly unknown[], total: number) => unknown = (slice) => slice,
): Answer {
  const size = Math.min(100, Math.max(1, Number(call.values.per_page ?? 30)));
  const at = Math.max(1, Number(call.values.page ?? 1));
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (target: number, rel: string): string => {
    const url = new URL(call.url);
    url.searchParams.set('page', String(target));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [link(at - 1, 'prev')] : []),
    ...(at < last ? [link(at + 1, 'next'), link(last, 'last')] : []),
    ...(at > 1 ? [link(1, 'first')] : []),
  ];
  const slice = items.slice((at - 1) * size, at * size);
  return {
    status: 200,
    body: wrap(slice, items.length),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
}

export const R = '/repos/{owner}/{repo}';

export function route(
  method: string,
  path: string,
  need: Need,
  handle: (call: RepositoryCall) => Answer | Promise<Answer>,
): Route {
  return { method, path, need, handle };
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
