/** Tokens of installations, each for one hour, asked for once and kept while it lasts. */
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import type { AppSettings } from './settings.ts';

export type Tokens = (installationId: number) => Promise<string>;

/**
 * Probot 14.3 asks api.github.com for tokens whatever its `baseUrl` says (tried 2026-11), so Enterprise Server needs this.
 * The promise rejects when GitHub does not know the installation or cannot be reached.
 */
export function createTokens({ appId, privateKey, apiUrl }: AppSettings): Tokens {
  const { request } = new Octokit({ baseUrl: apiUrl });
  const auth = createAppAuth({ appId, privateKey, request });
  return async (installationId) => (await auth({ type: 'installation', installationId })).token;
}
