/** Comments of ours, each found again by a hidden marker: one of a kind, whoever writes it and however often. */
import { limits } from '../../limits.ts';
import { allPages, isInDoubt, pageSize, type RepoName, type RestClient } from './rest.ts';

/** How we know what is ours: by the App's id, or by the account where no App acts. */
export interface Self {
  /** Our App, and the App behind the tokens of GitHub Actions: the App and the Action share comments. */
  readonly appIds: readonly number[];
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
  /** The first line, hidden; unique among our comments of the issue. */
  readonly marker: string;
  /** Without the marker. */
  readonly body: string;
  /** The new body (without the marker) of one that is there already; it stays as it is where this is left out. */
  readonly refresh?: (body: string) => string;
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
    id: Number(comment.id),
    body: comment.body ?? '',
    login: comment.user?.login ?? '',
    userId: comment.user ? Number(comment.user.id) : null,
    isBot: comment.user?.type !== 'User',
    appId: comment.performed_via_github_app ? Number(comment.performed_via_github_app.id) : null,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
  }));
}

/**
 * Makes sure that the comment exists once. Two replicas that both create it find each other's by listing again,
 * and the younger one is deleted by whoever made it. Gives the id of the one that stays.
 */
export async function ensureComment(client: RestClient, wish: OwnComment, self: Self): Promise<number> {
  for (let tries = 1; ; tries++) {
    const existing = await findOwn(client, wish, self);
    if (existing) {
      await refreshComment(client, wish, existing);
      return existing.id;
    }
    try {
      return await createComment(client, wish, self);
    } catch (error) {
      // Without an answer it may stand there all the same: we look before we write again.
      if (!isInDoubt(error) || tries >= limits.githubDoubtTriesMax) throw error;
    }
  }
}

async function createComment(client: RestClient, wish: OwnComment, self: Self): Promise<number> {
  const { owner, repo, number } = wish.issue;
  const made = await client.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo,
    issue_number: number,
    body: `${wish.marker}\n${wish.body}`,
  });
  const oldest = await findOwn(client, wish, self);
  if (!oldest || oldest.id >= made.data.id) return Number(made.data.id);
  await client.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner,
    repo,
    comment_id: made.data.id,
  });
  await refreshComment(client, wish, oldest);
  return oldest.id;
}

async function findOwn(client: RestClient, wish: OwnComment, self: Self): Promise<IssueComment | undefined> {
  const comments = await listComments(client, wish.issue);
  return comments.filter((comment) => isMarked(comment, wish.marker, self)).sort((a, b) => a.id - b.id)[0];
}

/** True for a comment of ours that begins with the marker. */
export function isMarked(comment: IssueComment, marker: string, self: Self): boolean {
  return isOwn(comment, self) && firstLine(comment.body) === marker;
}

/** A marker proves nothing, anybody can copy it: ours is what our account wrote. */
export function isOwn(comment: Pick<IssueComment, 'isBot' | 'appId' | 'userId'>, self: Self): boolean {
  if (comment.isBot && comment.appId !== null && self.appIds.includes(comment.appId)) return true;
  return self.userId !== null && comment.userId === self.userId;
}

async function refreshComment(client: RestClient, wish: OwnComment, existing: IssueComment): Promise<void> {
  if (!wish.refresh) return;
  const before = existing.body.replaceAll('\r\n', '\n').slice(wish.marker.length + 1);
  const after = wish.refresh(before);
  if (after === before) return;
  await client.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner: wish.issue.owner,
    repo: wish.issue.repo,
    comment_id: existing.id,
    body: `${wish.marker}\n${after}`,
  });
}

function firstLine(body: string): string {
  return body.split(/\r?\n/, 1)[0] ?? '';
}
