/** What a failed request means for us: whether to ask again, when, and what to tell. */

export type FailureKind =
  /** GitHub asks us to wait. */
  | 'throttled'
  /** The token may not do this; asking again changes nothing. */
  | 'forbidden'
  /** The thing, or the commit it belongs to, is not there (yet). */
  | 'absent'
  /** GitHub does not accept what we sent, as things stand. */
  | 'invalid'
  /** No answer, or a broken one: the request may have been carried out all the same. */
  | 'unknown';

export interface Failure {
  readonly kind: FailureKind;
  /** How long GitHub wants us to wait; null where it says nothing. */
  readonly waitMs: number | null;
  /** Status and GitHub's own words, on one line; never a header, so never a token. */
  readonly message: string;
}

interface Answer {
  readonly status?: unknown;
  readonly message?: unknown;
  /** Of a GraphQL answer, which has no status of its own. */
  readonly errors?: unknown;
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> } | undefined;
}

/** Reads anything that a request threw. */
export function failureOf(error: unknown, nowMs: number): Failure {
  const answer: Answer = typeof error === 'object' && error !== null ? error : {};
  const status = typeof answer.status === 'number' && answer.response ? answer.status : null;
  const words = (graphqlWords(answer.errors) ?? String(answer.message ?? error).split('\n')[0] ?? '').slice(
    0,
    300,
  );
  const waitMs = askedWaitMs(answer.response?.headers ?? {}, nowMs);
  const kind = graphqlKind(answer.errors) ?? kindOf(status, words, waitMs);
  return { kind, waitMs, message: status === null ? words : `${status} ${words}` };
}

/** What GraphQL says itself: Octokit's message has it behind a line of its own. */
function graphqlWords(errors: unknown): string | null {
  if (!Array.isArray(errors)) return null;
  const told = errors.flatMap((error: { readonly message?: unknown } | null) =>
    typeof error?.message === 'string' ? [error.message.replace(/\s+/g, ' ')] : [],
  );
  return told.length > 0 ? [...new Set(told)].join('; ') : null;
}

/** GraphQL's word for it; null where it is no refusal of GraphQL. */
function graphqlKind(errors: unknown): FailureKind | null {
  if (!Array.isArray(errors)) return null;
  const types = errors.map((error: { readonly type?: unknown } | null) => error?.type);
  if (types.includes('RATE_LIMITED')) return 'throttled';
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) return 'forbidden';
  if (types.includes('NOT_FOUND')) return 'absent';
  return types.some((type) => typeof type === 'string') ? 'invalid' : null;
}

function kindOf(status: number | null, words: string, waitMs: number | null): FailureKind {
  if (status === 429 || /rate limit|abuse detection/i.test(words)) return 'throttled';
  if (status === 403) return waitMs === null ? 'forbidden' : 'throttled';
  if (status === 401) return 'forbidden';
  if (status === 404 || status === 410) return 'absent';
  if (status !== null && status >= 400 && status < 500) return 'invalid';
  return 'unknown';
}

function askedWaitMs(headers: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  if (String(headers['x-ratelimit-remaining'] ?? '') !== '0') return null;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - nowMs + 1000) : null;
}
