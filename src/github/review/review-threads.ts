/** What people say on lines of a pull request: its threads with their comments, as GitHub's GraphQL tells them. */
import { limits } from '../../limits.ts';
import type { RepoName, RestClient } from '../api/rest.ts';

export interface ThreadComment {
  /** Its id for REST; a thread is known by that of its first one. */
  readonly id: number;
  /** As REST writes it; empty for an account that is gone. */
  readonly login: string;
  /** Null for an account that is gone, and for a bot. */
  readonly userId: number | null;
  readonly isBot: boolean;
  /** Written by the account that asks. */
  readonly isOwn: boolean;
  readonly body: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC; of the last edit. Null: none. */
  readonly editedAt: string | null;
  readonly diffHunk: string;
}

export interface Thread {
  readonly nodeId: string;
  readonly path: string;
  /** In the newest version of the file, else where it stood when it was written; null: on the whole file. */
  readonly line: number | null;
  /** Oldest first, at most `threadCommentsMax`; never empty. */
  readonly comments: readonly ThreadComment[];
  /** True where there are more. */
  readonly isCut?: boolean;
}

type PullRef = RepoName & { readonly number: number };

export interface OpenThreads {
  /** Oldest first, at most `reviewThreadsMax`. */
  readonly threads: readonly Thread[];
  /** True where there may be more. */
  readonly isCut: boolean;
}

/** The threads that nobody has resolved. @throws what the request threw */
export async function listThreads(
  client: Pick<RestClient, 'graphql'>,
  { owner, repo, number }: PullRef,
): Promise<OpenThreads> {
  const threads: Thread[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < limits.reviewThreadPagesMax; pages++) {
    const page: Page = await client.graphql(document, { owner, repo, number, after });
    const connection = page.repository?.pullRequest?.reviewThreads;
    const own = page.viewer.login.replace(/\[bot\]$/, '');
    const open = (connection?.nodes ?? []).filter((node) => node !== null && !node.isResolved);
    for (const node of open) if (node) threads.push(...(await threadOf(client, node, own)));
    const isLast = !connection?.pageInfo.hasNextPage;
    if (isLast || threads.length > limits.reviewThreadsMax)
      return {
        threads: threads.slice(0, limits.reviewThreadsMax),
        isCut: threads.length > limits.reviewThreadsMax,
      };
    after = connection.pageInfo.endCursor;
  }
  return { threads, isCut: true };
}

const said = `fragment said on PullRequestReviewCommentConnection {
  pageInfo { hasNextPage endCursor }
  nodes { fullDatabaseId body createdAt lastEditedAt diffHunk author { __typename login ... on User { databaseId } } }
}`;

/** @source GitHub GraphQL: `comments` is a connection of 100 nodes at most, so is `reviewThreads` (2026-11) */
const document = `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved path line originalLine
          comments(first: ${limits.threadCommentsAtOnce}) { ...said }
        }
      }
    }
  }
}
${said}`;

/** What follows in one thread. */
const restDocument = `query ($id: ID!, $after: String) {
  node(id: $id) {
    ... on PullRequestReviewThread { comments(first: 100, after: $after) { ...said } }
  }
}
${said}`;

interface Comments {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly (CommentNode | null)[];
}

interface Rest {
  readonly node: { readonly comments?: Comments } | null;
}

interface Page {
  readonly viewer: { readonly login: string };
  readonly repository: {
    readonly pullRequest: {
      readonly reviewThreads: {
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        readonly nodes: readonly (ThreadNode | null)[];
      };
    } | null;
  } | null;
}

interface ThreadNode {
  readonly id: string;
  readonly isResolved: boolean;
  readonly path: string;
  readonly line: number | null;
  readonly originalLine: number | null;
  readonly comments: Comments;
}

interface CommentNode {
  readonly fullDatabaseId: string | null;
  readonly body: string;
  readonly createdAt: string;
  readonly lastEditedAt: string | null;
  readonly diffHunk: string;
  readonly author: {
    readonly __typename: string;
    readonly login: string;
    readonly databaseId?: number | null;
  } | null;
}

/** Empty for one without a comment. */
async function threadOf(
  client: Pick<RestClient, 'graphql'>,
  node: ThreadNode,
  own: string,
): Promise<readonly Thread[]> {
  const { id: nodeId, path, line, originalLine } = node;
  const { nodes, isCut } = await wholeOf(client, node);
  if (nodes.length === 0) return [];
  const comments = nodes.map((comment) => commentOf(comment, own));
  return [{ nodeId, path, line: line ?? originalLine, comments, isCut }];
}

/** Long threads are read to their end: what was said last counts most, and so does an answer of our own. */
async function wholeOf(client: Pick<RestClient, 'graphql'>, { id, comments }: ThreadNode) {
  const nodes = comments.nodes.flatMap((comment) => comment ?? []);
  let { hasNextPage, endCursor } = comments.pageInfo;
  while (hasNextPage && nodes.length < limits.threadCommentsMax) {
    const { node }: Rest = await client.graphql(restDocument, { id, after: endCursor });
    if (!node?.comments) break;
    nodes.push(...node.comments.nodes.flatMap((comment) => comment ?? []));
    ({ hasNextPage, endCursor } = node.comments.pageInfo);
  }
  return {
    nodes: nodes.slice(0, limits.threadCommentsMax),
    isCut: hasNextPage || nodes.length > limits.threadCommentsMax,
  };
}

function commentOf(node: CommentNode, own: string): ThreadComment {
  const { fullDatabaseId, author, body, diffHunk, createdAt } = node;
  const login = author?.login ?? '';
  return {
    ...{ id: Number(fullDatabaseId), login, userId: author?.databaseId ?? null, body, diffHunk },
    ...{ isBot: author !== null && author.__typename !== 'User', isOwn: login !== '' && login === own },
    // A pending review's comments are older than the review; publishing them is no edit.
    ...{ createdAt, editedAt: node.lastEditedAt },
  };
}
