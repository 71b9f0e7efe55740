/** The App, where it answers the same events as the job that asks: both are installed, and share one status comment. */
import { listComments, type Self } from './api/own-comment.ts';
import { orGone, type RestClient } from './api/rest.ts';
import { record } from './json-value.ts';
import { statusMarker } from './markers.ts';
import { repositoryOf } from './payload.ts';

export interface AppBeside {
  readonly appId: number;
  /** Of its bot. */
  readonly userId: number;
}

/**
 * Known by the status comment of the issue, as `tell-trouble.ts` knows it: a bot's, by whatever App. Null where it has written
 * none, and for events of no issue. @throws what the request threw
 */
export async function appBeside(
  client: RestClient,
  { payload, self }: { readonly payload: unknown; readonly self: Self },
): Promise<AppBeside | null> {
  const event = record(payload);
  const { number, pull_request: isPull } = record(event.issue ?? event.pull_request);
  const place = repositoryOf(event);
  if (typeof number !== 'number' || place.owner === '') return null;
  const kind = isPull !== undefined || event.issue === undefined ? 'pull' : 'issue';
  const marker = statusMarker(kind, number);
  // An issue that is gone has none.
  const comments = (await orGone(listComments(client, { ...place, number }))) ?? [];
  const theirs = comments.find(
    ({ isBot, body, userId }) => isBot && userId !== self.userId && body.split(/\r?\n/, 1)[0] === marker,
  );
  return theirs?.appId && theirs.userId ? { appId: theirs.appId, userId: theirs.userId } : null;
}
