/** Comments of ours, each found again by a hidden marker: one of a kind, whoever writes it and however often. */
import { limits } from '../limits.ts';
import { allPages, pageSize, type RepoName, type RestClient } from './rest.ts';

/** How we know what is ours: by the App's id, or by the account where no App acts. */
export interface Self {
  readonly appId: number | null;
  readonly userId: number | null;
}

export interface IssueComment {
  readonly id: number;
  readonly body: string;
  readonly login: string;
  readonly userId: number | null;
  readonly isBot: boolean;
  readonly appId: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface OwnComment {
  readonly issue: RepoName & { readonly number: number };
  /** Unique among our comments of the issue, for example `spec`. */
  readonly marker: string;
  readonly body: string;
  /** `refresh`: an existing one is edited where it differs; `once`: it stays as it is. */
  readonly mode: 'refresh' | 'once';
}

/** Comments of an issue, oldest first. @throws GumpError `limit` beyond `issueCommentsMax`. */
export async function listComments(
  client: RestClient,
  { owner, repo, number }: OwnComment['issue'],
): Promise<readonly IssueComment[]> {
  const comments = await allPages(
    async (page) => {
      const answer = await client.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        owner,
        repo,
        issue_number: number,
        per_page: pageSize,
        page,
      });
      return answer.data;
    },
    { itemsMax: limits.issueCommentsMax, what: `comments of issue ${number}` },
  );
  return comments.map((comment) => ({
    id: comment.id,
    body: comment.body ?? '',
    login: comment.user?.login ?? '',
    userId: comment.user?.id ?? null,
    isBot: comment.user?.type !== 'User',
    appId: comment.performed_via_github_app?.id ?? null,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
  }));
}

/**
 * Makes sure that the comment exists once. Two replicas that both create it find each other's by listing again,
 * and the younger one is deleted by whoever made it. Gives the id of the one that stays.
 */
export async function ensureComment(client: RestClient, wish: OwnComment, self: Self): Promise<number> {
  const existing = await findOwn(client, wish, self);
  if (existing) {
    if (wish.mode === 'refresh') await editComment(client, wish, existing);
    return existing.id;
  }
  const { owner, repo, number } = wish.issue;
  const made = await client.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo,
    issue_number: number,
    body: withMarker(wish),
  });
  const oldest = await findOwn(client, wish, self);
  if (!oldest || oldest.id >= made.data.id) return made.data.id;
  await client.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner,
    repo,
    comment_id: made.data.id,
  });
  if (wish.mode === 'refresh') await editComment(client, wish, oldest);
  return oldest.id;
}

async function findOwn(client: RestClient, wish: OwnComment, self: Self): Promise<IssueComment | undefined> {
  const comments = await listComments(client, wish.issue);
  return comments
    .filter((comment) => isOwn(comment, self) && comment.body.startsWith(hidden(wish.marker)))
    .sort((a, b) => a.id - b.id)[0];
}

/** A marker proves nothing, anybody can copy it: ours is what our account wrote. */
export function isOwn(comment: IssueComment, self: Self): boolean {
  if (self.appId !== null && comment.appId === self.appId) return comment.isBot;
  return self.userId !== null && comment.userId === self.userId;
}

async function editComment(client: RestClient, wish: OwnComment, existing: IssueComment): Promise<void> {
  const body = withMarker(wish);
  if (existing.body === body) return;
  await client.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner: wish.issue.owner,
    repo: wish.issue.repo,
    comment_id: existing.id,
    body,
  });
}

function withMarker({ marker, body }: OwnComment): string {
  return `${hidden(marker)}\n${body}`;
}

function hidden(marker: string): string {
  return `<!-- gump:${marker} -->`;
}
