/** Commands that nobody has finished: no 🚀, no refusal and no answer stands behind them. */
import { type ActFacts, readAct } from './act-comment.ts';
import { isOwn, type Self } from './api/own-comment.ts';
import { pageSize, type RepoName, type RestClient } from './api/rest.ts';
import { parseCommand } from './commands/commands.ts';

export interface CommandLeft {
  readonly commentId: number;
  /** ISO 8601, UTC, whole seconds. */
  readonly createdAt: string;
  readonly issue: number;
  /** Of a comment of ours that stands for a tick or a press; null for a command that somebody wrote. */
  readonly act: ActFacts | null;
}

/** In ms since 1970. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** Those of one page of a repository's newest comments, newest first. @throws what the request threw */
export async function commandsLeft(
  client: RestClient,
  { owner, repo, self }: RepoName & { readonly self: Self },
  { since, until }: Span,
): Promise<readonly CommandLeft[]> {
  const { data } = await client.request('GET /repos/{owner}/{repo}/issues/comments', {
    ...{ owner, repo, sort: 'created', direction: 'desc', per_page: pageSize },
    since: new Date(since).toISOString(),
  });
  const comments = data.map((one) => {
    const appId = one.performed_via_github_app?.id ?? null;
    const userId = one.user ? Number(one.user.id) : null;
    return { ...one, isOurs: isOwn({ isBot: one.user?.type !== 'User', userId, appId }, self) };
  });
  // Anybody can copy a marker; and what is told on the way to a job (`notes`, `set`) is no end.
  const answered = new Set(
    comments.map(({ isOurs, body = '' }) =>
      isOurs ? Number(/^<!-- gump:reply (\d+) -->/.exec(body)?.[1]) : 0,
    ),
  );
  return comments.flatMap((one): readonly CommandLeft[] => {
    const { id, body = '', created_at: createdAt, updated_at, reactions, isOurs } = one;
    const act = isOurs ? readAct(body) : null;
    const isCommand = act !== null || (parseCommand(body) !== null && createdAt === updated_at);
    const isDone = (reactions?.rocket ?? 0) > 0 || (reactions?.confused ?? 0) > 0 || answered.has(Number(id));
    const madeMs = Date.parse(createdAt);
    if (!isCommand || isDone || madeMs < since || madeMs > until) return [];
    return [{ commentId: Number(id), createdAt, issue: Number(one.issue_url.split('/').at(-1)), act }];
  });
}
