/** The App's own token, and those of its installations, each for one hour, asked for once and kept while it lasts. */
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { limits } from '../src/index.ts';
import type { AppSettings } from './settings.ts';

export interface Tokens {
  /** For what concerns the App itself; lasts ten minutes. */
  app(): Promise<string>;
  /**
   * `refresh`: the one that is kept is not taken any more, as when the App was suspended meanwhile. The promise rejects when
   * GitHub does not know the installation or cannot be reached.
   */
  installation(id: number, options?: { readonly refresh: boolean }): Promise<string>;
}

/** Probot 14.3 asks api.github.com for tokens whatever its `baseUrl` says (tried 2026-11), so Enterprise Server needs this. */
export function createTokens({ appId, privateKey, apiUrl }: AppSettings): Tokens {
  const { request } = new Octokit({ baseUrl: apiUrl, request: { fetch: inTime }, log: silent });
  const auth = createAppAuth({ appId, privateKey, request });
  return {
    app: async () => (await auth({ type: 'app' })).token,
    installation: async (installationId, { refresh } = { refresh: false }) =>
      (await auth({ type: 'installation', installationId, refresh })).token,
  };
}

/** A GitHub that never answers must not keep a worker for ever. */
const inTime: typeof fetch = (url, init) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(limits.githubRequestTimeoutMs) });

/** What fails is thrown, and logged by whoever asked. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
