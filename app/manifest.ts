/** The manifest of the App, as `app.yml` says it, with the addresses of this server. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** @source docs.github.com, "Registering a GitHub App from a manifest" (2026-11) */
export interface Manifest {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly public: boolean;
  readonly default_events: readonly string[];
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly hook_attributes: { readonly url: string; readonly active: boolean };
  readonly redirect_url: string;
}

/** `baseUrl` without a slash at its end. */
export function manifestOf(baseUrl: string): Manifest {
  const text = readFileSync(new URL('./app.yml', import.meta.url), 'utf8');
  return {
    ...(parse(text) as Omit<Manifest, 'hook_attributes' | 'redirect_url'>),
    hook_attributes: { url: `${baseUrl}/api/github/webhooks`, active: true },
    redirect_url: `${baseUrl}/setup/done`,
  };
}
