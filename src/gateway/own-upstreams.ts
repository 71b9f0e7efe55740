/** Upstreams of the configuration: `[gateway.<name>]`, with the key from the environment that no agent sees. */
import type { Api } from './call.ts';
import type { KeyPlace, Upstream } from './upstream.ts';
import { knownUpstreams, upstreamsOf } from './upstreams.ts';

/** What a table says of an upstream. */
export interface OwnUpstream {
  readonly url?: string;
  readonly api?: string;
  readonly key_env?: string;
  readonly key_in?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly models?: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Own = Readonly<Record<string, OwnUpstream>>;

interface Form {
  readonly api: Api;
  /** How the API's own service takes its key. */
  readonly keyIn: KeyPlace;
  /** True where its clients are given an address that ends with the version. */
  readonly hasVersion: boolean;
}

/** @source the clients that the providers publish (2026-11) */
const forms: Readonly<Record<string, Form>> = {
  'anthropic-messages': { api: 'anthropic', keyIn: 'header:x-api-key', hasVersion: false },
  'openai-responses': { api: 'responses', keyIn: 'bearer', hasVersion: true },
  'openai-chat': { api: 'chat', keyIn: 'bearer', hasVersion: true },
  gemini: { api: 'gemini', keyIn: 'header:x-goog-api-key', hasVersion: false },
};

/** Every upstream that can be used: those that are known, and those of the configuration whose key is there. */
export function allUpstreams(own: Own, env: Environment): Readonly<Record<string, Upstream>> {
  const found = Object.entries(own).flatMap(([name, config]): [string, Upstream][] => {
    const upstream = ownUpstream(config, env);
    return upstream === null ? [] : [[name, upstream]];
  });
  return Object.fromEntries([...Object.entries(upstreamsOf(env)), ...found]);
}

/** Null where its key is not set. */
function ownUpstream(
  { url = '', api = '', key_env, key_in, headers = {}, models = {} }: OwnUpstream,
  env: Environment,
) {
  const form = Object.hasOwn(forms, api) ? forms[api] : undefined;
  const key = (key_env !== undefined && env[key_env]?.trim()) || null;
  if (!form || !URL.canParse(url) || (key === null && key_in !== 'none')) return null;
  const keyIn = key_in === undefined || key_in === 'none' ? form.keyIn : (key_in as KeyPlace);
  return {
    baseUrl: completed(url, form),
    keyIn,
    key,
    headers,
    models,
    api: form.api,
    hasVersion: endsWithVersion(url, form),
  };
}

/** A client of OpenAI's takes `http://localhost:11434/v1`; an address without any path means that too. */
function completed(url: string, { hasVersion }: Form): string {
  const address = new URL(url);
  if (hasVersion && address.pathname === '/') address.pathname = '/v1';
  return address.href;
}

function endsWithVersion(url: string, { hasVersion }: Form): boolean {
  return hasVersion || /\/v\d+[a-z]*\d*\/?$/.test(new URL(url).pathname);
}

/** The keys of the configuration's upstreams, for the redactor: their variables may have any name. */
export function ownKeys(own: Own, env: Environment): readonly string[] {
  return Object.values(own).flatMap(({ key_env }) => (key_env && env[key_env]?.trim()) || []);
}

/** How an upstream stands on this machine: what a person may know of it, never its key. */
export interface UpstreamStanding {
  readonly name: string;
  readonly isOwn: boolean;
  readonly url: string;
  readonly apis: readonly string[];
  /** The variable that holds its key, or would; null where none is needed. */
  readonly variable: string | null;
  readonly isSet: boolean;
}

/** Those that are known, then those of the configuration. */
export function standings(own: Own, env: Environment): readonly UpstreamStanding[] {
  const usable = upstreamsOf(env);
  const known = Object.entries(knownUpstreams).map(([name, { baseUrl, keys, apis }]): UpstreamStanding => {
    const upstream = Object.hasOwn(usable, name) ? usable[name] : undefined;
    const [named = null] = keys.find(([one]) => env[one]) ?? keys[0] ?? [];
    const variable = upstream?.key === null ? null : named;
    const url = plainAddress(upstream?.baseUrl ?? baseUrl);
    return { name, isOwn: false, url, apis, variable, isSet: upstream !== undefined && variable !== null };
  });
  const more = Object.entries(own).map(
    ([name, { url = '', api = '', key_env = null, key_in }]): UpstreamStanding => {
      const variable = key_in === 'none' ? null : key_env;
      return {
        name,
        isOwn: true,
        url,
        apis: [api],
        variable,
        isSet: variable !== null && Boolean(env[variable]?.trim()),
      };
    },
  );
  return [...known, ...more];
}

/** An address of the environment may hold a name and a password; nobody needs to see them. */
function plainAddress(address: string): string {
  if (!URL.canParse(address)) return 'an address that cannot be read';
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/$/, '')}`;
}
