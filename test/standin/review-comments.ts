import { forbidden, roleAtLeast, roleOf } from './auth.ts';
import { checkedBody } from './comments.ts';
import { diffFiles, findLine, followLine } from './diff.ts';
import { association, issueHtmlUrl } from './issues.ts';
import { pullDiff, pullOf } from './pulls.ts';
import { issueOfPull, pullSimpleJson } from './pulls-json.ts';
import type { Pull, Repository, ReviewComment } from './records.ts';
import { notFound } from './refusal.ts';
import { repositoryApiUrl } from './repos.ts';
import { addReview, emitReview } from './reviews.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route } from './router.ts';
import { nextId, nodeId, now } from './state.ts';
import { userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

/** GitHub's `pull-request-review-comment`. */
export function reviewCommentJson(
  world: World,
  repository: Repository,
  comment: ReviewComment,
): Record<string, unknown> {
  const { thread_id: _, pull_number: number, in_reply_to_id: repliedTo, user, ...fields } = comment;
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/pulls/comments/${comment.id}`;
  const issue = repository.issues.get(number);
  const html = `${issue ? issueHtmlUrl(world, repository, issue) : ''}#discussion_r${comment.id}`;
  const pullUrl = `${api}/pulls/${number}`;
  return {
    ...fields,
    ...(repliedTo === null ? {} : { in_reply_to_id: repliedTo }),
    url,
    html_url: html,
    pull_request_url: pullUrl,
    user: userJson(world, user),
    author_association: association(repository, user),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    reactions: {
      ...{
        url: `${url}/reactions`,
        total_count: 0,
        '+1': 0,
        '-1': 0,
        laugh: 0,
        confused: 0,
        heart: 0,
        hooray: 0,
      },
      ...{ rocket: 0, eyes: 0 },
    },
  };
}

/** Comments stand on lines; when the head moves they follow, and are outdated where the line is gone. */
export async function followComments(repository: Repository, pull: Pull): Promise<void> {
  const { from, to } = await pullDiff(repository, pull);
  const files = await diffFiles(repository.git_dir, from, to);
  for (const comment of repository.review_comments.values()) {
    if (comment.pull_number !== pull.number || comment.line === null || comment.side === 'LEFT') continue;
    const versions = { from: comment.commit_id, to, path: comment.path };
    const line = await followLine(repository.git_dir, versions, comment.line);
    const start =
      comment.start_line === null ? null : await followLine(repository.git_dir, versions, comment.start_line);
    const patch = files.find((file) => file.path === comment.path)?.patch ?? '';
    const place = line === null ? undefined : findLine(patch, comment.side, line);
    comment.line = place ? line : null;
    comment.start_line = place ? start : null;
    comment.position = place?.position ?? null;
    if (place) comment.commit_id = to;
  }
}

function reply(call: RepositoryCall): Answer {
  const { world, repository, actor } = call;
  const pull = pullOf(call);
  const first = repository.review_comments.get(Number(call.values.comment_id));
  if (!first || first.pull_number !== pull.number) throw notFound();
  const body = checkedBody(call.body.body, 'PullRequestReviewComment');
  const review = addReview(call, pull, { body: '', state: 'COMMENTED', commitId: pull.head.sha });
  const id = nextId(world.state, 'review_comment');
  const comment: ReviewComment = {
    ...first,
    id,
    node_id: nodeId('PRRC', id),
    pull_request_review_id: review.id,
    in_reply_to_id: first.in_reply_to_id ?? first.id,
    user: actor.user,
    body,
    created_at: now(),
    updated_at: now(),
  };
  repository.review_comments.set(id, comment);
  emitReviewComment(call, pull, comment, 'created');
  emitReview(call, pull, review, 'submitted');
  return ok(reviewCommentJson(world, repository, comment), 201);
}

export function emitReviewComment(
  call: RepositoryCall,
  pull: Pull,
  comment: ReviewComment,
  action: string,
): void {
  const { world, repository, actor } = call;
  const payload = {
    comment: reviewCommentJson(world, repository, comment),
    pull_request: pullSimpleJson(world, repository, pull),
  };
  emit(world, { repository, actor, event: 'pull_request_review_comment', action, payload });
}

function commentOf({ repository, values }: RepositoryCall): ReviewComment {
  const comment = repository.review_comments.get(Number(values.comment_id));
  if (!comment) throw notFound();
  return comment;
}

function change(call: RepositoryCall): Answer {
  const { world, repository, actor } = call;
  const comment = commentOf(call);
  const isForeign = comment.user.login !== actor.user.login && actor.kind === 'user';
  if (isForeign && !roleAtLeast(roleOf(repository, actor.user.login), 'write')) throw forbidden(actor);
  comment.body = checkedBody(call.body.body, 'PullRequestReviewComment');
  comment.updated_at = now();
  const pull = repository.pulls.get(comment.pull_number);
  if (pull) issueOfPull(repository, pull).updated_at = now();
  return ok(reviewCommentJson(world, repository, comment));
}

const READ = [['pull_requests', 'read']] as const;
const WRITE = [['pull_requests', 'write']] as const;

export const reviewCommentRoutes: readonly Route[] = [
  route('GET', `${R}/pulls/{pull_number}/comments`, READ, (call) => {
    const { number } = pullOf(call);
    const all = [...call.repository.review_comments.values()].filter(
      (comment) => comment.pull_number === number,
    );
    const ordered = call.values.direction === 'desc' ? all.toReversed() : all;
    return page(
      call,
      ordered.map((comment) => reviewCommentJson(call.world, call.repository, comment)),
    );
  }),
  route('POST', `${R}/pulls/{pull_number}/comments/{comment_id}/replies`, WRITE, reply),
  route('GET', `${R}/pulls/comments/{comment_id}`, READ, (call) =>
    ok(reviewCommentJson(call.world, call.repository, commentOf(call))),
  ),
  route('PATCH', `${R}/pulls/comments/{comment_id}`, WRITE, change),
];
