/** One reader per type of value: from what was written to data, or what was expected. */
import { limits } from '../limits.ts';
import { knownFamilies } from '../workflow/agent-names.ts';
import { parseDuration } from '../workflow/duration.ts';
import type { Field, FieldType } from './fields.ts';
import { type ModelApi, modelApis } from './gateway-fields.ts';
import { isKeyLike, isKeyName } from './key-in-file.ts';
import type { Node } from './toml.ts';

/** What each type of value becomes. */
export interface Values {
  readonly text: string;
  readonly words: readonly string[];
  readonly shell: string;
  readonly agent: string;
  readonly family: string;
  readonly commit: 'base' | 'head';
  readonly usd: number;
  readonly price: number;
  readonly count: number;
  readonly parallel: number;
  readonly times: number;
  readonly cut: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly variables: readonly string[];
  readonly name: string;
  readonly isolation: 'auto' | 'required' | 'off';
  /** Absolute, or below the home: `~/…`. */
  readonly paths: readonly string[];
  /** `http:` or `https:`, without a slash at its end, without a name or password. */
  readonly url: string;
  readonly api: ModelApi;
  readonly variable: string;
  /** `bearer`, `none`, `header:<name in lower case>`, `query:<name>`. */
  readonly key_place: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, string>>;
}

/** What a value should have been, to stand behind "`key` is"; `hint` where something else helps more. */
export interface Wrong {
  readonly expected: string;
  readonly hint?: string;
  /** True where the value may be a secret: neither it nor its line is shown, and `expected` says all. */
  readonly secret?: true;
}

type Reader<T> = (node: Node, field: Field) => T | Wrong;

const readers: { readonly [T in FieldType]: Reader<Values[T]> } = {
  text: textThat(/^[^\p{Cc}]{0,200}\S[^\p{Cc}]{0,200}$/u, 'one line of text'),
  words: readWords,
  shell: textThat(/^[^\0]*[^\0\s][^\0]*$/, 'a shell command that is not empty'),
  agent: textThat(agentName(), 'the name of an agent, such as `"claude-sonnet"`'),
  family: oneOf(knownFamilies),
  commit: oneOf(['base', 'head']),
  usd: numberThat(() => ({
    isRight: (value) => value > 0,
    expected: 'an amount in USD above 0, such as `20.00`',
  })),
  price: numberThat(() => ({ isRight: (value) => value >= 0, expected: 'an amount in USD, such as `4.00`' })),
  count: numberThat(() => between(1, Number.MAX_SAFE_INTEGER)),
  parallel: numberThat(() => between(1, limits.tasksMax)),
  times: numberThat(() => between(0, limits.sameFailuresMax)),
  cut: numberThat(({ max = Number.MAX_SAFE_INTEGER }) => between(limits.cutBytesMin, max)),
  duration: readDuration,
  variables: readVariables,
  isolation: oneOf(['auto', 'required', 'off']),
  paths: readPaths,
  url: readUrl,
  api: oneOf(modelApis),
  variable: readVariable,
  key_place: readKeyPlace,
  headers: readHeaders,
  models: readModels,
  name: textThat(/^[A-Za-z0-9_][\w./-]{0,199}$/, 'a name of letters, digits, `_`, `-`, `.` and `/`'),
};

/** The value of a field, or what it should have been. */
export function readValue<T extends FieldType>(
  field: Field & { readonly type: T },
  node: Node,
): Values[T] | Wrong {
  return readers[field.type](node, field);
}

export function isWrong(value: unknown): value is Wrong {
  return typeof value === 'object' && value !== null && 'expected' in value;
}

/** A name as workflows use them; the CLIs' own names of models have dots, slashes, colons and brackets. */
function agentName(): RegExp {
  return /^[A-Za-z0-9][\w.:/[\]-]{0,63}$/;
}

export function isAgentName(name: string): boolean {
  return agentName().test(name) && name !== 'pass';
}

function textOf(node: Node): string | null {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

function textThat(pattern: RegExp, expected: string): Reader<string> {
  return (node) => {
    const text = textOf(node);
    return text !== null && pattern.test(text) ? text : { expected };
  };
}

function oneOf<T extends string>(words: readonly T[]): Reader<T> {
  return (node) => {
    const text = textOf(node);
    return (
      words.find((word) => word === text) ?? {
        expected: `one of ${words.map((word) => `"${word}"`).join(', ')}`,
      }
    );
  };
}

interface Rule {
  readonly isRight: (value: number) => boolean;
  readonly expected: string;
}

function numberThat(ruleOf: (field: Field) => Rule): Reader<number> {
  return (node, field) => {
    const { isRight, expected } = ruleOf(field);
    const value = node.kind === 'scalar' ? node.value : null;
    return typeof value === 'number' && Number.isFinite(value) && isRight(value) ? value : { expected };
  };
}

function between(least: number, most: number): Rule {
  const isRight = (value: number) => Number.isSafeInteger(value) && value >= least && value <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return { isRight, expected: `a whole number ${range}` };
}

function readDuration(node: Node): number | Wrong {
  const ms = parseDuration(textOf(node) ?? '');
  if (ms !== null && ms <= limits.durationMsMax) return ms;
  return { expected: 'a duration of at most 596h, such as `"90s"`, `"30m"` or `"1h30m"`' };
}

function listOf(node: Node): readonly string[] | null {
  const texts = node.kind === 'list' ? node.items.map(textOf) : null;
  return texts?.every((text) => text !== null) ? texts : null;
}

function readWords(node: Node): readonly string[] | Wrong {
  const words = listOf(node);
  if (words?.[0]?.includes('/') && !words[0].startsWith('/')) {
    const hint = 'a relative one would be looked for in the tree that the agent works in';
    return { expected: 'a program on PATH or an absolute path', hint };
  }
  if (words && words.length > 0 && words[0] !== '' && words.every((word) => !word.includes('\0')))
    return words;
  const hint = textOf(node) === null ? undefined : 'no shell reads it, so each word stands for itself';
  const expected = 'a list of words, the program and its arguments, such as `["my-agent", "--headless"]`';
  return hint ? { expected, hint } : { expected };
}

/** The home as a whole, or the whole disk, would be no sandbox. */
function readPaths(node: Node): readonly string[] | Wrong {
  const paths = listOf(node);
  const isPath = (path: string) => /^(?:~?\/)[^\0]*[^\0/]\/?$/.test(path) && !path.split('/').includes('..');
  if (paths?.every(isPath)) return paths;
  return { expected: 'a list of absolute paths, or of such as `"~/.npmrc"`, without `..`' };
}

/** What an agent must not have: GitHub's credentials, and what steers us (R10). */
const forbiddenVariable = /^(?:GITHUB|ACTIONS|RUNNER|INPUT|GUMP)_|^GH_(?:TOKEN|ENTERPRISE_TOKEN)$/i;

function readVariables(node: Node): readonly string[] | Wrong {
  const names = listOf(node);
  const expected = 'a list of names of variables, such as `["MY_AGENT_KEY"]`';
  if (!names?.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))) return { expected };
  const forbidden = names.find((name) => forbiddenVariable.test(name));
  if (forbidden === undefined) return names;
  const hint = "an agent gets no credential of GitHub's and nothing of gump's own";
  return { expected: `a list of names without \`${forbidden}\``, hint };
}

const keyHint =
  'put the key into a variable of the environment that gump runs in, and name that by `key_env`; whoever could read this file has seen the key';

function readVariable(node: Node): string | Wrong {
  const text = textOf(node) ?? '';
  const expected = 'the name of a variable, such as `"COMPANY_MODELS_KEY"`';
  if (isKeyLike(text)) return { secret: true, expected: 'a name of a variable, not a key', hint: keyHint };
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text))
    return { secret: true, expected: `${expected}; what stands there is none`, hint: keyHint };
  if (!forbiddenVariable.test(text)) return text;
  return { expected, hint: "credentials of GitHub's and variables of gump's own are sent to nobody" };
}

function readUrl(node: Node): string | Wrong {
  const expected =
    'an address that begins with `https://` or `http://`, such as `"https://models.example.com/v1"`';
  const text = textOf(node) ?? '';
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hash !== '') return { expected };
  const isOpen = url.username === '' && url.password === '';
  const hasKey = [...url.searchParams].some(([name, value]) => isKeyName(name) || isKeyLike(value));
  if (!isOpen || hasKey)
    return { secret: true, expected: 'an address without a key or password in it', hint: keyHint };
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}`;
}

/** @source RFC 9110, field names */
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

function readKeyPlace(node: Node): string | Wrong {
  const expected = '"bearer", "none", "header:NAME" or "query:NAME"';
  const text = textOf(node) ?? '';
  if (isKeyLike(text)) return { secret: true, expected: `${expected}, not a key`, hint: keyHint };
  if (text === 'bearer' || text === 'none') return text;
  const [, place, name = ''] = /^(header|query):(.+)$/.exec(text) ?? [];
  if (place === 'header' && headerName.test(name) && !ourHeaders.has(name.toLowerCase()))
    return `header:${name.toLowerCase()}`;
  return place === 'query' && /^[\w.-]{1,64}$/.test(name) ? text : { expected };
}

/** What belongs to the connection, and is the gateway's own business. */
const ourHeaders = new Set([
  ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host'],
  ...['content-length', 'content-encoding', 'accept-encoding', 'proxy-connection'],
]);

function readHeaders(node: Node): Readonly<Record<string, string>> | Wrong {
  const expected = 'a table of headers and their texts, such as `{ "x-team" = "platform" }`';
  const pairs = pairsOf(node);
  if (pairs?.some(([name, value]) => isKeyName(name) || isKeyLike(value)))
    return { secret: true, expected: 'a table of headers without a credential', hint: keyHint };
  const isRight = ([name, value]: readonly [string, string]) =>
    headerName.test(name) && !ourHeaders.has(name.toLowerCase()) && /^[\x20-\x7e]{0,500}$/.test(value);
  if (!pairs?.every(isRight)) return { expected };
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

function readModels(node: Node): Readonly<Record<string, string>> | Wrong {
  const pairs = pairsOf(node);
  const isName = (name: string) => /^[\x21-\x7e]{1,200}$/.test(name);
  if (pairs?.every(([asked, sent]) => isName(asked) && isName(sent))) return Object.fromEntries(pairs);
  return { expected: 'a table of names of models, such as `{ "claude-sonnet-5-5" = "our-sonnet" }`' };
}

/** Names and texts of a table; null where it is none, or holds anything else. */
function pairsOf(node: Node): readonly (readonly [string, string])[] | null {
  if (node.kind !== 'table') return null;
  const pairs = [...node.entries.values()].map(({ key, value }) => [key, textOf(value)] as const);
  const isText = (pair: readonly [string, string | null]): pair is readonly [string, string] =>
    pair[1] !== null;
  return pairs.every(isText) ? pairs : null;
}
