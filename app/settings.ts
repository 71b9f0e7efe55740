/** What the App needs from its environment, read once; everything that is wrong is told at once. */
import { githubActionsAppId, type IncomingConfig } from '../src/index.ts';
import { type LogLevel, levels } from './log.ts';

export interface AppSettings {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** Without a slash at its end, for example `https://api.github.com`. */
  readonly apiUrl: string;
  /** For links, without a slash at its end. */
  readonly serverUrl: string;
  /** Of GraphQL; null: beside `apiUrl`. */
  readonly graphqlUrl: string | null;
  /** The App behind the tokens of jobs: an Enterprise Server has one of its own. */
  readonly actionsAppId: number;
  readonly webhookPath: string;
  readonly allowedAppIds: readonly number[];
  readonly defaultWorkflow: string;
  readonly port: number;
  readonly host: string;
  /** `format` null: for people at a terminal, else JSON. */
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'text' | null };
}

/** Whose comments and checks are ours: the App's, and those of the jobs that it starts. */
export function selfOf({ appId, actionsAppId }: AppSettings): IncomingConfig['self'] {
  return { appIds: [appId, actionsAppId], userId: null };
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Read =
  | { readonly settings: AppSettings; readonly problems: readonly [] }
  /** One sentence each. */
  | { readonly settings: null; readonly problems: readonly string[] };

/** Never shows a value: some of them are secrets. */
export function readSettings(env: Environment): Read {
  const problems: string[] = [];
  const say = (problem: string): void => {
    problems.push(problem);
  };
  const settings = {
    appId: readAppId(env.APP_ID, say),
    privateKey: readPrivateKey(env.PRIVATE_KEY, say),
    webhookSecret: readSecret(env.WEBHOOK_SECRET, say),
    ...readAddresses(env, say),
    graphqlUrl: env.GITHUB_GRAPHQL_URL ? readUrl('GITHUB_GRAPHQL_URL', env.GITHUB_GRAPHQL_URL, say) : null,
    actionsAppId: readIds('GUMP_ACTIONS_APP_ID', env.GUMP_ACTIONS_APP_ID, say)[0] ?? githubActionsAppId,
    webhookPath: env.WEBHOOK_PATH ?? '/api/github/webhooks',
    allowedAppIds: readIds('GUMP_ALLOWED_APP_IDS', env.GUMP_ALLOWED_APP_IDS, say),
    defaultWorkflow: env.GUMP_WORKFLOW ?? 'implement-spec',
    port: readPort(env.PORT, say),
    host: env.HOST ?? '0.0.0.0',
    log: {
      level: readWord('LOG_LEVEL', { value: env.LOG_LEVEL, words: levels, say }) ?? 'info',
      format: readWord('LOG_FORMAT', { value: env.LOG_FORMAT, words: ['json', 'text'] as const, say }),
    },
  };
  return problems.length > 0 ? { settings: null, problems } : { settings, problems: [] };
}

type Say = (problem: string) => void;

function readAppId(value: string | undefined, say: Say): number {
  if (value === undefined || value.trim() === '')
    say('APP_ID is not set: it is the number on the settings page of the GitHub App.');
  else if (!/^[1-9]\d{0,14}$/.test(value.trim()))
    say('APP_ID is not a number: it is the number on the settings page of the GitHub App.');
  return Number(value);
}

/** As PEM, as PEM with `\n` for its line breaks, or as base64 of PEM. */
function readPrivateKey(value: string | undefined, say: Say): string {
  const how = 'it is the PEM file that GitHub gave for the App, as text or base64.';
  if (value === undefined || value.trim() === '') {
    say(`PRIVATE_KEY is not set: ${how}`);
    return '';
  }
  const text = value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64').toString('utf8');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) say(`PRIVATE_KEY is not a private key: ${how}`);
  return text.replaceAll('\\n', '\n');
}

/** Without a secret of its own Probot takes webhooks signed with the word `development`: anybody could start runs. */
function readSecret(value: string | undefined, say: Say): string {
  if (value === undefined || value === '')
    say(
      "WEBHOOK_SECRET is not set: it is the secret of the App's webhook; without it anybody could send events.",
    );
  else if (value === 'development')
    say(
      "WEBHOOK_SECRET is the word that everybody knows; set a secret of your own, there and in the App's webhook.",
    );
  return value ?? '';
}

export type Addresses = Pick<AppSettings, 'apiUrl' | 'serverUrl'>;

export function readAddresses(env: Environment, say: Say): Addresses {
  const host = env.GHE_HOST ? `${env.GHE_PROTOCOL ?? 'https'}://${env.GHE_HOST}` : null;
  const apiUrl = readUrl(
    'GITHUB_API_URL',
    env.GITHUB_API_URL ?? (host ? `${host}/api/v3` : 'https://api.github.com'),
    say,
  );
  const serverUrl = env.GITHUB_SERVER_URL ?? host ?? serverOf(apiUrl);
  return { apiUrl, serverUrl: readUrl('GITHUB_SERVER_URL', serverUrl, say) };
}

/** `https://api.github.com` → `https://github.com`; `https://ghe.example/api/v3` → `https://ghe.example`. */
function serverOf(apiUrl: string): string {
  return apiUrl.replace(/\/api\/v3$/, '').replace('://api.', '://');
}

function readUrl(name: string, value: string, say: Say): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    say(`${name} is not an address that begins with https://.`);
  return value.replace(/\/+$/, '');
}

function readIds(name: string, value: string | undefined, say: Say): readonly number[] {
  const parts = (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.some((part) => !/^\d{1,15}$/.test(part)))
    say(`${name} is not a list of App ids with commas between them.`);
  return parts.map(Number);
}

interface Word<T extends string> {
  readonly value: string | undefined;
  readonly words: readonly T[];
  readonly say: Say;
}

function readWord<T extends string>(name: string, { value, words, say }: Word<T>): T | null {
  if (value === undefined || value === '') return null;
  const word = words.find((one) => one === value.toLowerCase());
  if (!word) say(`${name} is not one of ${words.join(', ')}.`);
  return word ?? null;
}

function readPort(value: string | undefined, say: Say): number {
  if (value !== undefined && (!/^\d{1,5}$/.test(value) || Number(value) > 65_535))
    say('PORT is not a number from 0 to 65535.');
  return Number(value ?? 3000);
}
