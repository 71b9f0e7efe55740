/** One client for each installation as long as its token lasts, so that all its events share one pace of writes. */
import { createClient, type RestClient } from '../src/index.ts';
import type { Log } from './log.ts';
import type { AppSettings } from './settings.ts';
import { createTokens } from './tokens.ts';

/** `refresh`: with a new token, for the one before is not taken. The promise rejects when there is no token to be had. */
export type Clients = (
  installationId: number,
  options?: { readonly refresh: boolean },
) => Promise<RestClient>;

/** `retryBaseMs`: before a read is repeated, then four times as long. */
export function createClients(
  settings: AppSettings,
  { log, retryBaseMs }: { readonly log: Log; readonly retryBaseMs: number },
): Clients {
  const tokens = createTokens(settings);
  const known = new Map<number, { readonly token: string; readonly client: RestClient }>();
  return async (installationId, options) => {
    const token = await tokens.installation(installationId, options);
    const kept = known.get(installationId);
    if (kept?.token === token) return kept.client;
    const { octokit: client } = createClient({
      token,
      apiUrl: settings.apiUrl,
      ...(settings.graphqlUrl === null ? {} : { graphqlUrl: settings.graphqlUrl }),
      userAgent: 'gump-app',
      repeatWrites: true,
      retryBaseMs,
      log: (line) => log.info(line, { installation: installationId }),
    });
    known.set(installationId, { token, client });
    return client;
  };
}
