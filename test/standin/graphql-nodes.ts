import { GraphQLError } from 'graphql';
import { issueOfPull } from './pulls-json.ts';
import type { Pull, Repository, Review, ReviewComment, ReviewThread, User } from './records.ts';
import type { Actor, World } from './world.ts';

export interface Context {
  readonly world: World;
  readonly actor: Actor;
}

/** An error with the type that GitHub gives it. */
export function refusal(type: 'NOT_FOUND' | 'FORBIDDEN' | 'UNPROCESSABLE', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

export function repositoryNode(context: Context, repository: Repository): Record<string, unknown> {
  return {
    __typename: 'Repository',
    id: repository.node_id,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.full_name,
    isPrivate: repository.private,
    pullRequest: ({ number }: { number: number }) => {
      const pull = repository.pulls.get(number);
      if (!pull)
        throw refusal('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`);
      return pullNode(context, repository, pull);
    },
  };
}

export function pullNode(context: Context, repository: Repository, pull: Pull): Record<string, unknown> {
  const { world } = context;
  const issue = issueOfPull(repository, pull);
  return {
    __typename: 'PullRequest',
    id: pull.node_id,
    databaseId: pull.id,
    number: pull.number,
    title: issue.title,
    body: issue.body ?? '',
    isDraft: pull.draft,
    merged: pull.merged,
    closed: issue.state === 'closed',
    state: pull.merged ? 'MERGED' : issue.state.toUpperCase(),
    url: `${world.url}/${repository.full_name}/pull/${pull.number}`,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    baseRefName: pull.base.ref,
    baseRefOid: pull.base.sha,
    author: actorNode(issue.user),
    reviewThreads: (args: Paging) => {
      const threads = [...repository.review_threads.values()].filter(
        (thread) => thread.pull_number === pull.number,
      );
      return connection(
        threads.map((thread) => threadNode(context, repository, thread)),
        args,
      );
    },
  };
}

export function threadNode(
  { world }: Context,
  repository: Repository,
  thread: ReviewThread,
): Record<string, unknown> {
  const pullUrl = `${world.url}/${repository.full_name}/pull/${thread.pull_number}`;
  const comments = [...repository.review_comments.values()].filter(
    (comment) => comment.thread_id === thread.id,
  );
  const first = comments[0];
  return {
    __typename: 'PullRequestReviewThread',
    id: thread.node_id,
    isResolved: thread.resolved_by !== null,
    isOutdated: first?.line === null,
    isCollapsed: thread.resolved_by !== null,
    path: first?.path ?? '',
    line: first?.line ?? null,
    startLine: first?.start_line ?? null,
    originalLine: first?.original_line ?? null,
    originalStartLine: first?.original_start_line ?? null,
    diffSide: first?.side ?? 'RIGHT',
    subjectType: (first?.subject_type ?? 'line').toUpperCase(),
    resolvedBy: thread.resolved_by ? { ...actorNode(thread.resolved_by), __typename: 'User' } : null,
    comments: (args: Paging) =>
      connection(
        comments.map((comment) => commentNode(comment, `${pullUrl}#discussion_r${comment.id}`)),
        args,
      ),
  };
}

export function reviewNode(
  { world }: Context,
  repository: Repository,
  review: Review,
): Record<string, unknown> {
  return {
    __typename: 'PullRequestReview',
    id: review.node_id,
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    state: review.state,
    body: review.body,
    url: `${world.url}/${repository.full_name}/pull/${review.pull_number}#pullrequestreview-${review.id}`,
    submittedAt: review.submitted_at,
    lastEditedAt: review.edited_at,
    author: actorNode(review.user),
  };
}

function commentNode(comment: ReviewComment, url: string): Record<string, unknown> {
  return {
    __typename: 'PullRequestReviewComment',
    id: comment.node_id,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    url,
    path: comment.path,
    line: comment.line,
    originalLine: comment.original_line,
    outdated: comment.line === null,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    lastEditedAt: comment.updated_at === comment.created_at ? null : comment.updated_at,
    diffHunk: comment.diff_hunk,
    author: actorNode(comment.user),
  };
}

/** GraphQL leaves out the `[bot]` that REST adds to a login. */
export function actorNode(user: User): Record<string, unknown> {
  const login = user.login.replace(/\[bot\]$/, '');
  return { __typename: user.type, id: user.node_id, databaseId: user.id, login };
}

interface Paging {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** One page of nodes; the cursor is the place of a node in the whole list. */
function connection(
  nodes: readonly unknown[],
  { first, after, last, before }: Paging,
): Record<string, unknown> {
  if (typeof first !== 'number' && typeof last !== 'number') {
    throw refusal(
      'UNPROCESSABLE',
      'You must provide a `first` or `last` value to properly paginate the connection.',
    );
  }
  if ((first ?? last ?? 0) > 100) {
    throw refusal(
      'UNPROCESSABLE',
      'Requesting more records on the connection exceeds the `first` limit of 100 records.',
    );
  }
  const place = (cursor: string): number => Number(Buffer.from(cursor, 'base64').toString());
  const cursor = (at: number): string => Buffer.from(String(at)).toString('base64');
  const low = after ? place(after) + 1 : 0;
  const high = before ? place(before) : nodes.length;
  const from = typeof first === 'number' ? low : Math.max(low, high - (last ?? 0));
  const to = typeof first === 'number' ? Math.min(high, low + first) : high;
  const slice = nodes.slice(from, to);
  return {
    totalCount: nodes.length,
    nodes: slice,
    edges: slice.map((node, index) => ({ node, cursor: cursor(from + index) })),
    pageInfo: {
      hasNextPage: to < nodes.length,
      hasPreviousPage: from > 0,
      startCursor: slice.length > 0 ? cursor(from) : null,
      endCursor: slice.length > 0 ? cursor(to - 1) : null,
    },
  };
}
