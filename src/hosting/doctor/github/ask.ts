/** Questions to GitHub's API, one GET each, with the token of whoever runs the doctor. Without Octokit: the doctor starts fast. */
import type { Environment } from '../../../config/environment.ts';
import { explain } from '../../../errors.ts';
import { limits } from '../../../limits.ts';
import { gumpVersion } from '../../version.ts';
import { type Finding, told } from '../finding.ts';

export interface Place {
  readonly owner: string;
  readonly repo: string;
  /** Without a slash at its end. */
  readonly api: string;
  /** For links and commands, without a slash at its end. */
  readonly server: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** `path` below `/repos/{owner}/{repo}`. Rejects only where GitHub cannot be reached. */
export type Ask = (path: string) => Promise<Answer>;

/** GitHub as a runner, `gh` or nobody says it: then github.com. Null for a name that is none. */
export function placeOf(name: string, env: Environment): Place | null {
  const [, owner, repo] = /^([\w-]+)\/([\w.-]+)$/.exec(name) ?? [];
  if (!owner || !repo) return null;
  const host = env.GH_HOST && env.GH_HOST !== 'github.com' ? env.GH_HOST : null;
  const server = plain(env.GITHUB_SERVER_URL ?? `https://${host ?? 'github.com'}`);
  const api = plain(env.GITHUB_API_URL ?? (host ? `https://${host}/api/v3` : 'https://api.github.com'));
  return { owner, repo, api, server };
}

export function asker({ api, owner, repo }: Omit<Place, 'server'>, token: string): Ask {
  return async (path) => {
    const answer = await fetch(`${api}/repos/${owner}/${repo}${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'user-agent': `gump/${gumpVersion}`,
      },
      signal: AbortSignal.timeout(limits.githubRequestTimeoutMs),
      redirect: 'error',
    });
    const body: unknown = await answer.json().catch(() => null);
    return { status: answer.status, body };
  };
}

/** What an object of an answer says under a name; undefined where it says nothing. */
export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** Where something could not be found out. */
export function unknown(what: string, status: number): Finding {
  const why =
    status === 403 || status === 404 || status === 401
      ? 'the token may not ask for it'
      : `GitHub answered ${status}`;
  return told('note', `${what}: not found out, ${why}`, 'ask with a token of an admin of the repository');
}

export function unreached({ api }: Place, error: unknown): Finding {
  const cause = error instanceof Error && error.cause ? explain(error.cause) : explain(error);
  return told('broken', `${api} did not answer (${cause})`, 'ask again when the network is there');
}

function plain(url: string): string {
  return url.replace(/\/+$/, '');
}
