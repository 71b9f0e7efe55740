/** Reactions of ours on a comment: GitHub keeps one of a kind per account, which makes them a lock. */
import { limits } from '../../limits.ts';
import type { IssueFacts } from '../payload.ts';
import { isInDoubt, pageSize, type RestClient, statusOf } from './rest.ts';

export interface CommentRef {
  readonly issue: IssueFacts;
  readonly commentId: number;
}

export interface Reaction {
  readonly id: number;
  /** False: it was there before. */
  readonly isNew: boolean;
  /** Our own account. */
  readonly userId: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/**
 * One that is there already although our own answer was lost is taken for ours.
 * @source GitHub REST, "Create reaction for an issue comment": 201 made, 200 was there already (2026-11)
 */
export async function addReaction(
  client: RestClient,
  { issue, commentId }: CommentRef,
  content: 'eyes' | 'rocket' | 'confused',
): Promise<Reaction> {
  for (let tries = 1; ; tries++) {
    try {
      const { status, data } = await client.request(
        'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
        { owner: issue.owner, repo: issue.repo, comment_id: commentId, content },
      );
      // The description names 200 and 201; Octokit's type knows the latter only.
      const isNew = (status as number) === 201 || tries > 1;
      return { id: Number(data.id), isNew, userId: Number(data.user?.id ?? 0), createdAt: data.created_at };
    } catch (error) {
      if (!isInDoubt(error) || tries >= limits.githubDoubtTriesMax) throw error;
    }
  }
}

/** Everybody's of one kind, the first hundred. */
export async function reactionsOf(
  client: RestClient,
  { issue, commentId }: CommentRef,
  content: 'eyes' | 'rocket',
): Promise<readonly Pick<Reaction, 'userId' | 'createdAt'>[]> {
  const { data } = await client.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
    ...{ owner: issue.owner, repo: issue.repo, comment_id: commentId, content, per_page: pageSize },
  });
  return data.map(({ user, created_at }) => ({ userId: Number(user?.id ?? 0), createdAt: created_at }));
}

/** Gone already is fine. */
export async function removeReaction(
  client: RestClient,
  { issue, commentId }: CommentRef,
  { id }: Reaction,
): Promise<void> {
  try {
    await client.request(
      'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}',
      {
        owner: issue.owner,
        repo: issue.repo,
        comment_id: commentId,
        reaction_id: id,
      },
    );
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
