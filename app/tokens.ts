/** The App's own token, and those of its installations, each for one hour, asked for once and kept while it lasts. */
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import type { AppSettings } from './settings.ts';

export interface Tokens {
  /** For what concerns the App itself; lasts ten minutes. */
  app(): Promise<string>;
  /** The promise rejects when GitHub does not know the installation or cannot be reached. */
  installation(id: number): Promise<string>;
}

/** Probot 14.3 asks api.github.com for tokens whatever its `baseUrl` says (tried 2026-11), so Enterprise Server needs this. */
export function createTokens({ appId, privateKey, apiUrl }: AppSettings): Tokens {
  const { request } = new Octokit({ baseUrl: apiUrl });
  const auth = createAppAuth({ appId, privateKey, request });
  return {
    app: async () => (await auth({ type: 'app' })).token,
    installation: async (installationId) => (await auth({ type: 'installation', installationId })).token,
  };
}
