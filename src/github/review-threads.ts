/** What people say on lines of a pull request: its threads with their comments, as GitHub's GraphQL tells them. */
import { limits } from '../limits.ts';
import type { RepoName, RestClient } from './rest.ts';

export interface ThreadComment {
  /** Its id for REST; a thread is known by that of its first one. */
  readonly id: number;
  /** As REST writes it; empty for an account that is gone. */
  readonly login: string;
  readonly isBot: boolean;
  readonly body: string;
  /** ISO 8601, UTC; of the last edit. */
  readonly updatedAt: string;
  readonly diffHunk: string;
}

export interface Thread {
  readonly nodeId: string;
  readonly isResolved: boolean;
  readonly path: string;
  /** In the newest version of the file, else where it stood when it was written; null: on the whole file. */
  readonly line: number | null;
  /** Oldest first, at most `threadCommentsMax`; never empty. */
  readonly comments: readonly ThreadComment[];
}

type PullRef = RepoName & { readonly number: number };

/** The threads, oldest first, at most `reviewThreadsMax`. @throws what the request threw */
export async function listThreads(
  client: Pick<RestClient, 'graphql'>,
  { owner, repo, number }: PullRef,
): Promise<readonly Thread[]> {
  const threads: Thread[] = [];
  let after: string | null = null;
  while (threads.length < limits.reviewThreadsMax) {
    const page: Page = await client.graphql(document, { owner, repo, number, after });
    const connection = page.repository?.pullRequest?.reviewThreads;
    threads.push(...(connection?.nodes ?? []).flatMap((node) => (node ? threadOf(node) : [])));
    if (!connection?.pageInfo.hasNextPage) break;
    after = connection.pageInfo.endCursor;
  }
  return threads.slice(0, limits.reviewThreadsMax);
}

/** @source GitHub GraphQL: `comments` is a connection of 100 nodes at most, so is `reviewThreads` (2026-11) */
const document = `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved path line originalLine
          comments(first: ${limits.threadCommentsMax}) {
            nodes { fullDatabaseId body createdAt lastEditedAt diffHunk author { __typename login } }
          }
        }
      }
    }
  }
}`;

interface Page {
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
  readonly comments: { readonly nodes: readonly (CommentNode | null)[] };
}

interface CommentNode {
  readonly fullDatabaseId: string | null;
  readonly body: string;
  readonly createdAt: string;
  readonly lastEditedAt: string | null;
  readonly diffHunk: string;
  readonly author: { readonly __typename: string; readonly login: string } | null;
}

function threadOf(node: ThreadNode): readonly Thread[] {
  const comments = node.comments.nodes.flatMap((comment) => (comment ? [commentOf(comment)] : []));
  if (comments.length === 0) return [];
  const { id: nodeId, isResolved, path } = node;
  return [{ nodeId, isResolved, path, line: node.line ?? node.originalLine, comments }];
}

function commentOf({ fullDatabaseId, author, body, diffHunk, ...dates }: CommentNode): ThreadComment {
  const isBot = author !== null && author.__typename !== 'User';
  // A pending review's comments are older than the review; publishing them is no edit.
  const updatedAt = dates.lastEditedAt ?? dates.createdAt;
  return { id: Number(fullDatabaseId), login: author?.login ?? '', isBot, body, updatedAt, diffHunk };
}
