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
import {
  actorNode,
  type Context,
  pullNode,
  refusal,
  repositoryNode,
  reviewNode,
  threadNode,
} from './graphql-nodes.ts';
import { emitIssue } from './issues.ts';
import { issueOfPull } from './pulls-json.ts';
import { rate, spend } from './ratelimit.ts';
import { react } from './reactions.ts';
import type { Repository } from './records.ts';
import { Refusal } from './refusal.ts';
import { type Answer, ok, text } from './router.ts';
import { findRepository, now } from './state.ts';
import { type Actor, exclusively, type World } from './world.ts';

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
    node: ({ id }: { id: string }) => nodeOf(context, id),
    nodes: ({ ids }: { ids: readonly string[] }) => ids.map((id) => nodeOf(context, id)),
    markPullRequestReadyForReview: ({ input }: Input) => setDraft(context, input, false),
    convertPullRequestToDraft: ({ input }: Input) => setDraft(context, input, true),
    resolveReviewThread: ({ input }: Input) => setResolved(context, input, true),
    unresolveReviewThread: ({ input }: Input) => setResolved(context, input, false),
    addReaction: ({ input }: Input) => addReaction(context, input),
  };
}

/** Review threads and reviews; everything else is asked for by its place. */
function nodeOf(context: Context, id: string): unknown {
  const { world, actor } = context;
  if (id.startsWith('PRRT_')) {
    const { repository, item } = findNode(world, actor, id, (entry) => entry.review_threads.values());
    return threadNode(context, repository, item);
  }
  const { repository, item } = findNode(world, actor, id, (entry) => entry.reviews.values());
  return reviewNode(context, repository, item);
}

async function setDraft({ world, actor }: Context, input: Input['input'], draft: boolean): Promise<unknown> {
  const { repository, item: pull } = findNode(world, actor, text(input.pullRequestId), (entry) =>
    entry.pulls.values(),
  );
  demandBoth(actor, repository);
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
  demandBoth(actor, repository);
  return await exclusively(world, repository, async () => {
    thread.resolved_by = resolved ? actor.user : null;
    return {
      clientMutationId: input.clientMutationId ?? null,
      thread: threadNode({ world, actor }, repository, thread),
    };
  });
}

/** Only reviews: for everything else REST is spoken. */
async function addReaction({ world, actor }: Context, input: Input['input']): Promise<unknown> {
  const { repository, item } = findNode(world, actor, text(input.subjectId), (entry) =>
    entry.reviews.values(),
  );
  if (!may(actor, repository, 'pull_requests', 'write'))
    throw refusal('FORBIDDEN', 'Resource not accessible by integration');
  return await exclusively(world, repository, async () => {
    const content = text(input.content);
    const subject = { kind: 'review', id: item.id } as const;
    const { reaction } = react({ world, repository, actor }, subject, content.toLowerCase());
    const shown = { __typename: 'Reaction', id: reaction.node_id, databaseId: reaction.id, content };
    return { clientMutationId: input.clientMutationId ?? null, reaction: shown };
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

/**
 * Drafts and threads ask an App for `contents: write` beside `pull_requests: write`.
 * @source https://github.com/orgs/community/discussions/44650, https://github.com/cli/cli/issues/8910 (2026-11)
 */
function demandBoth(actor: Actor, repository: Repository): void {
  const allowed = ['pull_requests', 'contents'].every((permission) =>
    may(actor, repository, permission, 'write'),
  );
  if (!allowed) throw refusal('FORBIDDEN', 'Resource not accessible by integration');
}
