/** One request to the webhook: verified, looked at only as far as it can matter, and answered at once. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Accepted, Delivery } from './app.ts';

export interface WebhookParts {
  /** Whether the body was signed with our secret. */
  readonly verify: (body: string, signature: string) => Promise<boolean>;
  readonly accept: (delivery: Delivery) => Accepted;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** All that the handlers may do something about; whatever else GitHub tells is not even parsed. */
export const eventsHandled: readonly string[] = [
  'issues',
  'issue_comment',
  'pull_request_review',
  'check_run',
  'merge_group',
];

/** Answers what is worked on, and nothing else: GitHub keeps it, so a process that starts knows what others may have left. */
export const acceptedStatus = 202;

export async function receive(
  { headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: string },
  { verify, accept }: WebhookParts,
): Promise<Answer> {
  const [id, name] = [text(headers['x-github-delivery']), text(headers['x-github-event'])];
  const signature = text(headers['x-hub-signature-256']);
  if (id === '' || name === '' || signature === '')
    return { status: 400, text: 'Nothing was taken: this is no signed delivery of GitHub.' };
  if (!(await verify(body, signature)))
    return { status: 400, text: "Nothing was taken: the signature is not that of this App's secret." };
  if (!eventsHandled.includes(name)) return { status: 200, text: 'Nothing is done by this event.' };
  const payload = parsed(body);
  if (payload === null) return { status: 400, text: 'Nothing was taken: the body is no JSON object.' };
  const accepted = accept({ id, name, payload, bytes: body.length });
  if (accepted === 'full') return { status: 503, text: 'Nothing was taken: there is too much to do.' };
  if (accepted === 'ignored') return { status: 200, text: 'Nothing is to be done.' };
  return { status: acceptedStatus, text: 'It is worked on.' };
}

function parsed(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function text(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
