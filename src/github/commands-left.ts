/** Commands that nobody has finished: no 🚀 and no answer stands behind them. */

import { pageSize, type RepoName, type RestClient } from './api/rest.ts';
import { parseCommand } from './commands/commands.ts';

export interface CommandLeft {
  readonly commentId: number;
  /** ISO 8601, UTC, whole seconds. */
  readonly createdAt: string;
}

/** In ms since 1970. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/**
 * Those of one page of a repository's newest comments. `/gump spec` leaves neither mark, and making a spec anew twice could
 * undo what somebody edited in between: whoever asked for it asks again.
 * @throws what the request threw
 */
export async function commandsLeft(
  client: RestClient,
  { owner, repo }: RepoName,
  { since, until }: Span,
): Promise<readonly CommandLeft[]> {
  const { data } = await client.request('GET /repos/{owner}/{repo}/issues/comments', {
    ...{ owner, repo, sort: 'created', direction: 'desc', per_page: pageSize },
    since: new Date(since).toISOString(),
  });
  const answered = new Set(data.map(({ body }) => Number(/^<!-- gump:\S+ (\d+) -->/.exec(body ?? '')?.[1])));
  return data
    .map((one) => ({ ...one, id: Number(one.id) }))
    .filter(({ id, body, created_at, updated_at, reactions }) => {
      const verb = parseCommand(body ?? '')?.verb;
      if (verb === undefined || verb === 'spec' || answered.has(id) || created_at !== updated_at)
        return false;
      const madeMs = Date.parse(created_at);
      return (reactions?.rocket ?? 0) === 0 && madeMs >= since && madeMs <= until;
    })
    .map(({ id, created_at }) => ({ commentId: id, createdAt: created_at }));
}
