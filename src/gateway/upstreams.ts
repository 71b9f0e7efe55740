/** The services that the gateway knows, and where it finds their keys and addresses: in its own environment, which no agent sees. */
import type { KeyPlace, Upstream } from './upstream.ts';

interface KnownUpstream {
  readonly baseUrl: string;
  /** Variables that hold the address; the first that is set wins. */
  readonly urls: readonly string[];
  /** Variables that hold a key, and how each is sent. */
  readonly keys: readonly (readonly [name: string, place: KeyPlace])[];
  /** The forms of its calls, as people name them. */
  readonly apis: readonly string[];
}

/** @source the providers' documentation; the variables are those of their own programs (2026-11). */
export const knownUpstreams: Readonly<Record<string, KnownUpstream>> = {
  anthropic: {
    baseUrl: 'https://api.anthropic.com',
    urls: ['ANTHROPIC_BASE_URL'],
    keys: [
      ['ANTHROPIC_API_KEY', 'header:x-api-key'],
      ['ANTHROPIC_AUTH_TOKEN', 'bearer'],
    ],
    apis: ['anthropic-messages'],
  },
  openai: {
    baseUrl: 'https://api.openai.com',
    urls: ['OPENAI_BASE_URL'],
    keys: [['OPENAI_API_KEY', 'bearer']],
    apis: ['openai-responses', 'openai-chat'],
  },
  gemini: {
    baseUrl: 'https://generativelanguage.googleapis.com',
    urls: ['GOOGLE_GEMINI_BASE_URL'],
    keys: [
      ['GEMINI_API_KEY', 'header:x-goog-api-key'],
      ['GOOGLE_API_KEY', 'header:x-goog-api-key'],
    ],
    apis: ['gemini'],
  },
  qwen: {
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode',
    urls: ['QWEN_BASE_URL'],
    keys: [
      ['QWEN_API_KEY', 'bearer'],
      ['DASHSCOPE_API_KEY', 'bearer'],
    ],
    apis: ['openai-chat'],
  },
};

/** The upstreams that can be used: with a key, or at an address of one's own that needs none. */
export function upstreamsOf(
  source: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, Upstream>> {
  const found = Object.entries(knownUpstreams).flatMap(([name, known]): [string, Upstream][] => {
    const upstream = upstreamOf(known, source);
    return upstream === null ? [] : [[name, upstream]];
  });
  return Object.fromEntries(found);
}

function upstreamOf(
  { baseUrl, urls, keys }: KnownUpstream,
  source: Readonly<Record<string, string | undefined>>,
): Upstream | null {
  const url = urls.map((name) => source[name]).find((value) => value);
  const [name, keyIn] = keys.find(([variable]) => source[variable]) ?? keys[0] ?? [];
  const key = (name && source[name]) || null;
  if (keyIn === undefined || (key === null && url === undefined)) return null;
  return { baseUrl: plainUrl(url ?? baseUrl), keyIn, key };
}

/** Agents put the version into the path themselves. */
function plainUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v1(beta)?$/, '');
}
