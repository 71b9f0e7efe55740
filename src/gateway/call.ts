/** What a request to a model API asks for. Pure: method, path and body in, data out. */
import { limits } from '../limits.ts';

/** The four forms in which models are called; each reports usage and errors in its own way. */
export type Api = 'anthropic' | 'responses' | 'chat' | 'gemini';

export interface Call {
  readonly api: Api;
  /** `generate` costs money; `look` (lists of models, counting tokens) does not. */
  readonly kind: 'generate' | 'look';
  readonly model: string;
  /** As the request limits it; null where it does not. */
  readonly outputTokensMax: number | null;
  /** True where the answer would come as a stream without a report of usage unless it is asked for. */
  readonly hidesUsage: boolean;
}

/** A call with the whole of what it asks for, which is large: nobody keeps it for longer than it takes to weigh it. */
export interface AskedCall {
  readonly call: Call;
  /** Empty where the request has no body. */
  readonly asked: JsonObject;
}

/** The paths of calls, as clients send them behind a version or the place of a model. */
const routes: readonly { readonly path: RegExp; readonly api: Api; readonly kind: Call['kind'] }[] = [
  { path: /^\/messages\/count_tokens$/, api: 'anthropic', kind: 'look' },
  { path: /^\/messages$/, api: 'anthropic', kind: 'generate' },
  { path: /^\/responses(\/compact)?$/, api: 'responses', kind: 'generate' },
  { path: /^\/chat\/completions$/, api: 'chat', kind: 'generate' },
  { path: /^\/models\/[^/]+:(streamG|g)enerateContent$/, api: 'gemini', kind: 'generate' },
  { path: /^\/models\/[^/]+:countTokens$/, api: 'gemini', kind: 'look' },
];

/** @source the clients of the four APIs, of Azure's deployments, and of Vertex AI (2026-11) */
const frontPart =
  /^(\/v\d+[a-z]*\d*(\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google)?|\/openai\/deployments\/[^/]+)(?=\/)/;

export interface Route {
  readonly api: Api;
  readonly kind: Call['kind'];
}

/** Null: nothing that an agent needs; it is not forwarded, for a key opens more than models. */
export function routeOf(method: string, path: string): Route | null {
  // An address is taken as it is written: whatever could leave the upstream's own path, encoded or not, goes nowhere.
  if (path.includes('..') || /\\|%2e|%2f|%5c/i.test(path)) return null;
  const bare = path.replace(frontPart, '');
  if (method === 'GET' && /^\/models(\/[^/:]+)?$/.test(bare)) return { api: apiOfList(path), kind: 'look' };
  if (method !== 'POST') return null;
  const route = routes.find((one) => one.path.test(bare));
  return route ? { api: route.api, kind: route.kind } : null;
}

/** Lists of models differ in the form of their errors only. */
function apiOfList(path: string): Api {
  return path.startsWith('/v1beta/') ? 'gemini' : 'chat';
}

/** The call of a request whose route is known; where it can be none, why not. */
export function readCall(route: Route, path: string, body: Buffer): AskedCall | string {
  const asked = route.kind === 'look' && body.length === 0 ? {} : parseObject(body);
  if (asked === null) return "the request's body is no JSON object";
  const { api, kind } = route;
  const model = api === 'gemini' ? modelInPath(path) : text(asked.model);
  // It comes into notices and reports, which are read by people.
  if (!isModelName(model))
    return "the model's name is none: it is too long, or has characters that no name has";
  const call = {
    ...{ api, kind, model },
    outputTokensMax: outputLimit(api, asked),
    hidesUsage: hidesUsage(api, asked),
  };
  return { call, asked };
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseObject(body: Buffer | string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; empty where it is none. */
export function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Empty where a request names none. */
export function isModelName(model: string): boolean {
  return model.length <= limits.modelNameCharactersMax && /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(model);
}

function modelInPath(path: string): string {
  const name = /\/models\/([^/:]+):/.exec(path)?.[1] ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** @source the request descriptions of the four APIs (2026-11). */
function outputLimit(api: Api, asked: JsonObject): number | null {
  if (api === 'anthropic') return count(asked.max_tokens);
  if (api === 'responses') return count(asked.max_output_tokens);
  // Which of the two is obeyed, differs from service to service.
  if (api === 'chat') return larger(count(asked.max_completion_tokens), count(asked.max_tokens));
  return [asked.generationConfig, asked.generation_config]
    .filter(isObject)
    .flatMap(({ maxOutputTokens, max_output_tokens }) => [count(maxOutputTokens), count(max_output_tokens)])
    .reduce(larger, null);
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Chat completions report usage in a stream only where `stream_options.include_usage` is set. */
function hidesUsage(api: Api, asked: JsonObject): boolean {
  if (api !== 'chat' || asked.stream !== true) return false;
  return !(isObject(asked.stream_options) && asked.stream_options.include_usage === true);
}

/** The body that asks for another model. */
export function withModel(body: Buffer, model: string): Buffer {
  return Buffer.from(JSON.stringify({ ...parseObject(body), model }));
}

/** The path with another model in it, as Gemini's calls name it. */
export function pathWithModel(path: string, model: string): string {
  return path.replace(/(\/models\/)[^/:]+(?=:)/, (_, start: string) => start + encodeURIComponent(model));
}

/** The body with usage asked for. */
export function withUsage(body: Buffer): Buffer {
  const asked = parseObject(body) ?? {};
  const options = isObject(asked.stream_options) ? asked.stream_options : {};
  return Buffer.from(JSON.stringify({ ...asked, stream_options: { ...options, include_usage: true } }));
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
