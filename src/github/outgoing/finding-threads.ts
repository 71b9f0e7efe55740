/** Our review threads on a pull request: what they are about, who resolved them; and resolving those whose finding is gone. */
import { limits } from '../../limits.ts';
import { type Keyed, readMarker } from './finding-key.ts';
import type { Place } from './known-checks.ts';

export interface Thread extends Keyed {
  readonly id: string;
  /** `dismissed`: a person resolved it; `settled`: we did. */
  readonly state: 'open' | 'dismissed' | 'settled';
  /** The page of its first comment. */
  readonly url: string;
  /** Found again before those that we settled: what stands, and what a person said no to. */
  readonly preferred: boolean;
}

interface Account {
  readonly login: string;
  readonly databaseId?: number | null;
}

interface Answer {
  readonly viewer: Account;
  readonly repository: {
    readonly pullRequest: {
      readonly reviewThreads: {
        readonly nodes: readonly ThreadNode[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      };
    };
  };
}

interface ThreadNode {
  readonly id: string;
  readonly isResolved: boolean;
  readonly resolvedBy: Account | null;
  readonly comments: {
    readonly nodes: readonly {
      readonly body: string;
      readonly url: string;
      readonly author: Account | null;
    }[];
  };
}

/** A person writes no less than we do: what a thread is about says its first comment, and only if it is ours. */
const threadsDocument = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login databaseId }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes {
          id
          isResolved
          resolvedBy { login databaseId }
          comments(first: 1) {
            nodes { body url author { login ... on Bot { databaseId } ... on User { databaseId } } }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

/** Those of ours that tell of a finding, at most `limits.findingThreadsMax` of all threads looked through. */
export async function readThreads(
  { client, owner, repo }: Place,
  number: number,
): Promise<readonly Thread[]> {
  const threads: Thread[] = [];
  let after: string | null = null;
  for (let seen = 0; seen < limits.findingThreadsMax; seen += 100) {
    const variables: Readonly<Record<string, unknown>> = { owner, name: repo, number, after };
    const { viewer, repository } = await client.octokit.graphql<Answer>(threadsDocument, variables);
    const { nodes, pageInfo } = repository.pullRequest.reviewThreads;
    threads.push(...nodes.flatMap((node) => threadOf(node, viewer)));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return threads;
}

function threadOf({ id, isResolved, resolvedBy, comments }: ThreadNode, viewer: Account): readonly Thread[] {
  const [first] = comments.nodes;
  const key = first?.author && isSame(first.author, viewer) ? readMarker(first.body) : null;
  if (!first || !key) return [];
  // GitHub tells nobody where an App resolved it.
  const byUs = resolvedBy === null || isSame(resolvedBy, viewer);
  const state = !isResolved ? 'open' : byUs ? 'settled' : 'dismissed';
  return [{ ...key, id, url: first.url, state, preferred: state !== 'settled' }];
}

function isSame(one: Account, other: Account): boolean {
  if (typeof one.databaseId === 'number' && typeof other.databaseId === 'number')
    return one.databaseId === other.databaseId;
  const plain = ({ login }: Account): string => login.replace(/\[bot\]$/, '').toLowerCase();
  return plain(one) === plain(other);
}

/** In one request for many; resolving what is resolved changes nothing. */
export async function resolveThreads({ client }: Place, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += threadsPerRequest) {
    const some = ids.slice(start, start + threadsPerRequest);
    const names = some.map((_, at) => `$t${at}: ID!`).join(', ');
    const each = some.map(
      (_, at) => `t${at}: resolveReviewThread(input: { threadId: $t${at} }) { thread { id } }`,
    );
    const document = `mutation (${names}) {\n  ${each.join('\n  ')}\n}`;
    await client.octokit.graphql(document, Object.fromEntries(some.map((id, at) => [`t${at}`, id])));
  }
}

const threadsPerRequest = 50;
