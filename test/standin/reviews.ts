import { BODY_CHARACTERS_MAX } from './comments.ts';
import { type DiffLine, diffFiles, diffLines, type FileDiff, findLine, hunkUpTo } from './diff.ts';
import { association, issueHtmlUrl } from './issues.ts';
import { pullCommits, pullDiff, pullOf } from './pulls.ts';
import { issueOfPull, pullSimpleJson } from './pulls-json.ts';
import type { Pull, Repository, Review, ReviewComment, Side } from './records.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl } from './repos.ts';
import { emitReviewComment, reviewCommentJson } from './review-comments.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { nextId, nodeId, now } from './state.ts';
import { userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

/** GitHub's `pull-request-review`. */
export function reviewJson(world: World, repository: Repository, review: Review): Record<string, unknown> {
  const { pull_number: number, edited_at: _, ...fields } = review;
  const issue = repository.issues.get(number);
  const html = `${issue ? issueHtmlUrl(world, repository, issue) : ''}#pullrequestreview-${review.id}`;
  const pullUrl = `${repositoryApiUrl(world, repository)}/pulls/${number}`;
  return {
    ...fields,
    user: userJson(world, review.user),
    html_url: html,
    pull_request_url: pullUrl,
    author_association: association(repository, review.user),
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
  };
}

export interface NewReview {
  readonly body: string;
  readonly state: Review['state'];
  readonly commitId: string;
}

export function addReview({ world, repository, actor }: RepositoryCall, pull: Pull, from: NewReview): Review {
  const id = nextId(world.state, 'review');
  const review: Review = {
    id,
    node_id: nodeId('PRR', id),
    pull_number: pull.number,
    user: actor.user,
    commit_id: from.commitId,
    body: from.body,
    state: from.state,
    submitted_at: from.state === 'PENDING' ? null : now(),
    edited_at: null,
  };
  repository.reviews.set(id, review);
  issueOfPull(repository, pull).updated_at = now();
  return review;
}

const STATES: Readonly<Record<string, Review['state']>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

interface NewComment {
  readonly path: string;
  readonly body: string;
  readonly line?: number;
  readonly side?: Side;
  readonly start_line?: number;
  readonly start_side?: Side;
  readonly position?: number;
}

async function createReview(call: RepositoryCall): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const pull = pullOf(call);
  const state = STATES[text(body.event)] ?? 'PENDING';
  const comments = (body.comments as readonly NewComment[] | undefined) ?? [];
  const summary = text(body.body);
  if (summary.length > BODY_CHARACTERS_MAX) throw unprocessable('Body is too long');
  if (summary === '' && (state === 'CHANGES_REQUESTED' || (state === 'COMMENTED' && comments.length === 0))) {
    throw unprocessable('Body can not be blank');
  }
  if (
    state !== 'COMMENTED' &&
    state !== 'PENDING' &&
    issueOfPull(repository, pull).user.login === actor.user.login
  ) {
    throw unprocessable(
      `Can not ${state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`,
    );
  }
  const commitId = text(body.commit_id) || pull.head.sha;
  if (!(await pullCommits(repository, pull)).includes(commitId)) {
    throw invalid([{ resource: 'PullRequestReview', field: 'commit_id', code: 'invalid' }]);
  }
  const { from, to } = await pullDiff(repository, pull, commitId);
  const files = await diffFiles(repository.git_dir, from, to);
  const places = comments.map((comment) => placeOf(comment, files));
  const review = addReview(call, pull, { body: summary, state, commitId });
  const made = comments.map((comment, index) => addComment(call, pull, review, comment, places[index]));
  if (state === 'PENDING') return ok(reviewJson(world, repository, review));
  for (const comment of made) emitReviewComment(call, pull, comment, 'created');
  emitReview(call, pull, review, 'submitted');
  return ok(reviewJson(world, repository, review));
}

/** GitHub's answer to a review that cannot be: plain sentences in `errors`. */
function unprocessable(...errors: string[]): Refusal {
  return new Refusal(422, 'Unprocessable Entity', { errors });
}

interface Place {
  readonly line: DiffLine;
  readonly start: DiffLine | null;
  readonly side: Side;
  readonly startSide: Side;
  readonly patch: string;
}

/** Where in the diff a comment stands. @throws Refusal 422 when its path or line is not part of it. */
function placeOf(comment: NewComment, files: readonly FileDiff[]): Place {
  const file = files.find(({ path }) => path === comment.path);
  if (!file) throw unprocessable('Path could not be resolved');
  const patch = file.patch ?? '';
  const { side = 'RIGHT', start_side: startSide = side } = comment;
  if (comment.body.trim() === '') throw unprocessable('Review comment body can not be blank');
  const line =
    comment.line === undefined
      ? diffLines(patch).find(({ position }) => position === comment.position)
      : findLine(patch, side, comment.line);
  if (!line) throw unprocessable('Line could not be resolved');
  if (comment.start_line === undefined) return { line, start: null, side, startSide, patch };
  const start = findLine(patch, startSide, comment.start_line);
  if (!start) throw unprocessable('Start line could not be resolved');
  if (start.position >= line.position) throw unprocessable('Start line must precede the end line.');
  if (start.hunk !== line.hunk) throw unprocessable('Start line must be part of the same hunk as the line.');
  return { line, start, side, startSide, patch };
}

function addComment(
  { world, repository, actor }: RepositoryCall,
  pull: Pull,
  review: Review,
  from: NewComment,
  place = placeOf(from, []),
): ReviewComment {
  const threadId = nextId(world.state, 'review_thread');
  repository.review_threads.set(threadId, {
    id: threadId,
    node_id: nodeId('PRRT', threadId),
    pull_number: pull.number,
    resolved_by: null,
  });
  const id = nextId(world.state, 'review_comment');
  const number = (line: DiffLine | null, side: Side): number | null =>
    (side === 'LEFT' ? line?.left : line?.right) ?? null;
  const line = number(place.line, place.side);
  const startLine = number(place.start, place.startSide);
  const comment: ReviewComment = {
    id,
    node_id: nodeId('PRRC', id),
    pull_number: pull.number,
    pull_request_review_id: review.id,
    thread_id: threadId,
    in_reply_to_id: null,
    user: actor.user,
    path: from.path,
    diff_hunk: hunkUpTo(place.patch, place.line),
    commit_id: review.commit_id,
    original_commit_id: review.commit_id,
    line,
    original_line: line,
    start_line: startLine,
    original_start_line: startLine,
    side: place.side,
    start_side: place.start ? place.startSide : null,
    position: place.line.position,
    original_position: place.line.position,
    subject_type: 'line',
    body: from.body,
    created_at: now(),
    updated_at: now(),
  };
  repository.review_comments.set(id, comment);
  return comment;
}

export function emitReview(call: RepositoryCall, pull: Pull, review: Review, action: string): void {
  const { world, repository, actor } = call;
  const shown = { ...reviewJson(world, repository, review), state: review.state.toLowerCase() };
  const payload = { review: shown, pull_request: pullSimpleJson(world, repository, pull) };
  emit(world, { repository, actor, event: 'pull_request_review', action, payload });
}

function reviewOf(call: RepositoryCall): Review {
  const review = call.repository.reviews.get(Number(call.values.review_id));
  if (!review || review.pull_number !== pullOf(call).number) throw notFound();
  return review;
}

const READ = [['pull_requests', 'read']] as const;
const WRITE = [['pull_requests', 'write']] as const;
const OF_PULL = `${R}/pulls/{pull_number}/reviews`;

export const reviewRoutes: readonly Route[] = [
  route('GET', OF_PULL, READ, (call) => {
    const { number } = pullOf(call);
    const all = [...call.repository.reviews.values()].filter((review) => review.pull_number === number);
    const seen = all.filter(
      (review) => review.state !== 'PENDING' || review.user.login === call.actor.user.login,
    );
    return page(
      call,
      seen.map((review) => reviewJson(call.world, call.repository, review)),
    );
  }),
  route('POST', OF_PULL, WRITE, createReview),
  route('GET', `${OF_PULL}/{review_id}`, READ, (call) =>
    ok(reviewJson(call.world, call.repository, reviewOf(call))),
  ),
  route('PUT', `${OF_PULL}/{review_id}`, WRITE, (call) => {
    const review = reviewOf(call);
    review.body = text(call.body.body);
    review.edited_at = now();
    emitReview(call, pullOf(call), review, 'edited');
    return ok(reviewJson(call.world, call.repository, review));
  }),
  route('GET', `${OF_PULL}/{review_id}/comments`, READ, (call) => {
    const { id } = reviewOf(call);
    const all = [...call.repository.review_comments.values()].filter(
      (comment) => comment.pull_request_review_id === id,
    );
    return page(
      call,
      all.map((comment) => reviewCommentJson(call.world, call.repository, comment)),
    );
  }),
];
