/** The one way to GitHub's API: throttled, retried, counted, with a time limit, and no token in any message. */
import { randomUUID } from 'node:crypto';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { limits } from '../../limits.ts';
import { failureOf } from './failure.ts';
import { createPace } from './pace.ts';

export interface ClientOptions {
  readonly token: string;
  /** For example `https://api.github.com` or `https://ghe.example/api/v3`; a runner knows it as GITHUB_API_URL. */
  readonly apiUrl: string;
  /** A runner knows it as GITHUB_GRAPHQL_URL; made from `apiUrl` where it is not given. */
  readonly graphqlUrl?: string;
  readonly userAgent: string;
  readonly log: (line: string) => void;
  /** Default: limits.githubRequestTimeoutMs. */
  readonly requestTimeoutMs?: number;
  /** Default: limits.githubWritesPerMinuteMax. */
  readonly writesPerMinuteMax?: number;
  /** Before a read is repeated, then four times as long. Default: a second. */
  readonly retryBaseMs?: number;
  /** True: writes whose second time changes nothing are repeated like reads; default false. */
  readonly repeatWrites?: boolean;
}

export interface RequestCount {
  /** Every request that left this process, repeated ones too. */
  total: number;
  /** Those that are neither GET nor HEAD. */
  writes: number;
}

export interface GithubClient {
  readonly octokit: Octokit;
  readonly requests: Readonly<RequestCount>;
}

const Client = Octokit.plugin(retry, throttling);

/**
 * An Octokit that obeys `retry-after` up to limits.githubWaitMsMax. Reads are repeated when no answer came; other
 * writes than `repeatWrites` names are not, because a lost answer may belong to a request that was carried out: whoever wrote looks first.
 */
export function createClient(options: ClientOptions): GithubClient {
  const requests: RequestCount = { total: 0, writes: 0 };
  const say = (line: string): void => options.log(withoutSecret(line, options.token));
  const octokit = new Client({
    auth: options.token,
    userAgent: options.userAgent,
    baseUrl: options.apiUrl.replace(/\/+$/, ''),
    request: { fetch: countedFetch(requests, options.requestTimeoutMs ?? limits.githubRequestTimeoutMs) },
    log: { debug: quiet, info: quiet, warn: say, error: quiet },
    retry: {
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      retries: 3,
      retryAfterBaseValue: options.retryBaseMs ?? 1_000,
    },
    throttle: throttle(say, options.writesPerMinuteMax ?? limits.githubWritesPerMinuteMax),
  });
  octokit.hook.before('request', (request) => {
    const mayRepeat = options.repeatWrites === true && isRepeatable(request.method, request.url);
    if (isWrite(request) && !mayRepeat) request.request = { ...request.request, retries: 0 };
    if (options.graphqlUrl && request.url.endsWith('/graphql')) request.url = options.graphqlUrl;
  });
  octokit.hook.wrap('request', (send, request) => patiently(() => send(request), say));
  octokit.hook.error('request', (error) => {
    error.message = withoutSecret(error.message, options.token);
    throw error;
  });
  return { octokit, requests };
}

/** A write cannot be repeated blindly; a GraphQL document is one unless it only asks. */
function isWrite({ method, url, query }: { method: string; url: string; query?: unknown }): boolean {
  if (url.endsWith('/graphql')) return !(typeof query === 'string' && /^query\b/.test(query));
  return method !== 'GET' && method !== 'HEAD';
}

/** Setting something to what it is already changes nothing, and an object of git is named by its content. */
function isRepeatable(method: string, url: string): boolean {
  return ['PATCH', 'PUT', 'DELETE'].includes(method) || /\/git\/(?:trees|commits|blobs)$/.test(url);
}

/** `retry-after` means: not carried out. So it is safe to ask again, twice, where the wait is bearable. */
async function patiently<T>(send: () => T | Promise<T>, say: (line: string) => void): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      const failure = failureOf(error, Date.now());
      const waitMs = failure.kind === 'throttled' ? failure.waitMs : null;
      if (waitMs === null || waitMs > limits.githubWaitMsMax || tries > 2) throw error;
      say(`GitHub asks us to wait ${Math.ceil(waitMs / 1000)} s: ${failure.message}`);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

function throttle(
  say: (line: string) => void,
  writesPerMinuteMax: number,
): NonNullable<ClientSettings['throttle']> {
  const pace = createPace(writesPerMinuteMax);
  const refuse = (kind: string) => (waitSeconds: number) => {
    say(`GitHub's ${kind} is used up; it wants us to wait ${waitSeconds} s.`);
  };
  return {
    id: randomUUID(),
    // The plugin's own pace (a write a second, a comment every three) is slower than GitHub's limit asks for.
    write: group(() => pace.next()),
    notifications: group(() => Promise.resolve()),
    onRateLimit: refuse('rate limit'),
    onSecondaryRateLimit: refuse('secondary rate limit'),
  };
}

type ClientSettings = NonNullable<ConstructorParameters<typeof Client>[0]>;
type Group = NonNullable<NonNullable<ClientSettings['throttle']>['write']>;

/** As much of a Bottleneck group as the throttling plugin uses: `key(id).schedule(options, work)`. */
function group(wait: () => Promise<void>): Group {
  const schedule = async (_options: unknown, work: () => unknown): Promise<unknown> => {
    await wait();
    return await work();
  };
  return { key: () => ({ schedule }) } as unknown as Group;
}

function countedFetch(requests: RequestCount, timeoutMs: number): typeof fetch {
  return (url, init) => {
    requests.total += 1;
    const isQuestion = typeof init?.body === 'string' && init.body.startsWith('{"query":"query ');
    if (init?.method !== 'GET' && init?.method !== 'HEAD' && !isQuestion) requests.writes += 1;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    return fetch(url, { ...init, signal });
  };
}

function withoutSecret(text: string, token: string): string {
  return token ? text.replaceAll(token, '***') : text;
}

function quiet(): void {}
