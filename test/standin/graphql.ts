import {
  buildSchema,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { ANONYMOUS, may, maySee } from './auth.ts';
import { emitIssue } from './issues.ts';
import { issueOfPull } from './pulls-json.ts';
import { rate, spend } from './ratelimit.ts';
import { Refusal } from './refusal.ts';
import { type Answer, ok, text } from './router.ts';
import {
  findRepository,
  now,
  type Pull,
  type Repository,
  type ReviewComment,
  type ReviewThread,
  type User,
} from './state.ts';
import { type Actor, exclusively, type World } from './world.ts';

interface Context {
  readonly world: World;
  readonly actor: Actor;
}

let kept: Promise<GraphQLSchema> | undefined;

/**
 * GitHub's published schema, taken as valid (it breaks graphql 17's rule on deprecated fields); reading it takes about half a second, so it is done at the first use.
 */
function githubSchema(): Promise<GraphQLSchema> {
  kept ??= import('@octokit/graphql-schema').then(({ schema }) =>
    buildSchema(schema.idl, { assumeValid: true }),
  );
  return kept;
}

/** Answers one document: always 200 as GitHub does, with `errors` when it is wrong or refused. */
export async function answerGraphql(
  world: World,
  actor: Actor,
  method: string,
  body: Readonly<Record<string, unknown>> | undefined,
): Promise<Answer> {
  if (method !== 'POST') throw new Refusal(404, 'Not Found');
  if (actor === ANONYMOUS || actor.kind === 'app')
    throw new Refusal(401, 'This endpoint requires you to be authenticated.');
  const source = text(body?.query);
  spend(world, actor, /^\s*mutation\b/m.test(source));
  const schema = await githubSchema();
  const refused = invalidDocument(schema, source);
  if (refused) {
    world.violations.push(...refused.map((error) => `POST /api/graphql: ${error.message}`));
    return ok({ errors: refused.map((error) => error.toJSON()) });
  }
  const result = await execute({
    schema,
    document: parse(source),
    rootValue: rootValue({ world, actor }),
    variableValues: (body?.variables ?? {}) as Record<string, unknown>,
    fieldResolver: strictResolver(world),
  });
  if (!result.errors) return ok(result);
  const errors = result.errors.map((error) => ({
    type: text(error.extensions.type) || 'UNPROCESSABLE',
    ...error.toJSON(),
  }));
  const broken = result.errors.filter(
    (error) => error.originalError === undefined && error.extensions.type === undefined,
  );
  world.violations.push(...broken.map((error) => `POST /api/graphql: ${error.message}`));
  return ok({ data: result.data ?? null, errors });
}

function invalidDocument(schema: GraphQLSchema, source: string): readonly GraphQLError[] | null {
  try {
    const errors = validate(schema, parse(source));
    return errors.length > 0 ? errors : null;
  } catch (error) {
    return [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
  }
}

/** A field of the schema that the stand-in does not speak is an error and never silently null. */
function strictResolver(world: World): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, context, info) => {
    const value = (source as Record<string, unknown> | null)?.[info.fieldName];
    if (value === undefined) {
      const what = `${info.parentType.name}.${info.fieldName} is not spoken by the stand-in`;
      world.violations.push(`POST /api/graphql: ${what}`);
      throw new Error(what);
    }
    return typeof value === 'function'
      ? (value as (...all: unknown[]) => unknown)(args, context, info)
      : value;
  };
}

interface Input {
  readonly input: Readonly<Record<string, unknown>>;
}

function rootValue(context: Context): Record<string, unknown> {
  const { world, actor } = context;
  return {
    viewer: () => actorNode(actor.user),
    rateLimit: () => {
      const { limit, used, remaining, reset } = rate(world, actor);
      return { limit, used, remaining, cost: 1, nodeCount: 0, resetAt: new Date(reset * 1000).toISOString() };
    },
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = findRepository(world.state, `${owner}/${name}`);
      if (!repository || !maySee(actor, repository)) {
        throw refusal('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      }
      return repositoryNode(context, repository);
    },
    markPullRequestReadyForReview: ({ input }: Input) => setDraft(context, input, false),
    convertPullRequestToDraft: ({ input }: Input) => setDraft(context, input, true),
    resolveReviewThread: ({ input }: Input) => setResolved(context, input, true),
    unresolveReviewThread: ({ input }: Input) => setResolved(context, input, false),
  };
}

function refusal(type: 'NOT_FOUND' | 'FORBIDDEN' | 'UNPROCESSABLE', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

async function setDraft({ world, actor }: Context, input: Input['input'], draft: boolean): Promise<unknown> {
  const { repository, item: pull } = findNode(world, actor, text(input.pullRequestId), (entry) =>
    entry.pulls.values(),
  );
  if (!may(actor, repository, 'pull_requests', 'write'))
    throw refusal('FORBIDDEN', 'Resource not accessible by integration');
  return await exclusively(world, repository, async () => {
    if (issueOfPull(repository, pull).state !== 'open')
      throw refusal('UNPROCESSABLE', 'Pull request is closed');
    const isChanged = pull.draft !== draft;
    pull.draft = draft;
    issueOfPull(repository, pull).updated_at = now();
    const action = draft ? 'converted_to_draft' : 'ready_for_review';
    if (isChanged) emitIssue({ world, actor, repository }, issueOfPull(repository, pull), action);
    return {
      clientMutationId: input.clientMutationId ?? null,
      pullRequest: pullNode({ world, actor }, repository, pull),
    };
  });
}

async function setResolved(
  { world, actor }: Context,
  input: Input['input'],
  resolved: boolean,
): Promise<unknown> {
  const { repository, item: thread } = findNode(world, actor, text(input.threadId), (entry) =>
    entry.review_threads.values(),
  );
  // @source GitHub asks Apps for contents: write here, beside pull_requests: write (2026-11)
  const allowed = ['pull_requests', 'contents'].every((permission) =>
    may(actor, repository, permission, 'write'),
  );
  if (!allowed) throw refusal('FORBIDDEN', 'Resource not accessible by integration');
  return await exclusively(world, repository, async () => {
    thread.resolved_by = resolved ? actor.user : null;
    return { clientMutationId: input.clientMutationId ?? null, thread: threadNode(repository, thread) };
  });
}

function findNode<T extends { readonly node_id: string }>(
  world: World,
  actor: Actor,
  id: string,
  items: (repository: Repository) => Iterable<T>,
): { repository: Repository; item: T } {
  for (const repository of world.state.repositories.values()) {
    const item = [...items(repository)].find((entry) => entry.node_id === id);
    if (item && maySee(actor, repository)) return { repository, item };
  }
  throw refusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
}

function repositoryNode(context: Context, repository: Repository): Record<string, unknown> {
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

function pullNode({ world }: Context, repository: Repository, pull: Pull): Record<string, unknown> {
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
        threads.map((thread) => threadNode(repository, thread)),
        args,
      );
    },
  };
}

function threadNode(repository: Repository, thread: ReviewThread): Record<string, unknown> {
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
    comments: (args: Paging) => connection(comments.map(commentNode), args),
  };
}

function commentNode(comment: ReviewComment): Record<string, unknown> {
  return {
    __typename: 'PullRequestReviewComment',
    id: comment.node_id,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    path: comment.path,
    line: comment.line,
    originalLine: comment.original_line,
    outdated: comment.line === null,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    author: actorNode(comment.user),
  };
}

/** GraphQL leaves out the `[bot]` that REST adds to a login. */
function actorNode(user: User): Record<string, unknown> {
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
