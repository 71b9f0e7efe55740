/** Saying no in each API's own words, so that the program behind it understands and does not try again for long. */
import type { ServerResponse } from 'node:http';
import type { Api } from './call.ts';

export type Cause = 'budget' | 'token' | 'path' | 'body' | 'large' | 'busy' | 'upstream';

export interface Refused {
  readonly status: number;
  readonly body: string;
}

type Words = readonly [
  status: number,
  anthropic: string,
  openai: readonly [type: string, code: string],
  google: string,
];

const spent = 'insufficient_quota';
const invalid = 'invalid_request_error';

/**
 * @source recorded answers of the APIs (2026-11). An empty purse is `billing_error` (400) with Anthropic and
 * `insufficient_quota` (429) with OpenAI: the programs give up at once on these.
 */
const words: Readonly<Record<Cause, Words>> = {
  budget: [429, 'billing_error', [spent, spent], 'RESOURCE_EXHAUSTED'],
  token: [401, 'authentication_error', [invalid, 'invalid_api_key'], 'UNAUTHENTICATED'],
  path: [404, 'not_found_error', [invalid, 'not_found'], 'NOT_FOUND'],
  body: [400, invalid, [invalid, 'invalid_value'], 'INVALID_ARGUMENT'],
  large: [413, 'request_too_large', [invalid, 'request_too_large'], 'INVALID_ARGUMENT'],
  busy: [503, 'overloaded_error', ['server_error', 'server_is_overloaded'], 'UNAVAILABLE'],
  upstream: [502, 'api_error', ['server_error', 'server_error'], 'UNAVAILABLE'],
};

function refuse(api: Api, cause: Cause, message: string): Refused {
  const [status, anthropic, openai, google] = words[cause];
  if (api === 'anthropic') {
    const body = { type: 'error', error: { type: anthropic, message } };
    return { status: cause === 'budget' ? 400 : status, body: JSON.stringify(body) };
  }
  if (api === 'gemini') {
    const details = cause === 'budget' ? [quotaFailure] : [];
    return { status, body: JSON.stringify({ error: { code: status, message, status: google, details } }) };
  }
  const [type, code] = openai;
  return { status, body: JSON.stringify({ error: { message, type, code, param: null } }) };
}

/** Says it, where there is still somebody to say it to. */
export function answerNo(answer: ServerResponse, api: Api, cause: Cause, message: string): void {
  if (answer.headersSent || answer.destroyed) return;
  const { status, body } = refuse(api, cause, message);
  answer.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  answer.end(body);
}

/** A quota of a day is what the Gemini CLI does not wait for. */
const quotaFailure = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }],
};
