import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVERYTHING, type Fixture, pushFiles, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
let pull: { number: number; node_id: string };
beforeAll(async () => {
  fixture = await startFixture();
  const token = fixture.standin.createJobToken('acme/shop', EVERYTHING);
  await pushFiles(fixture, token, { branch: 'work', files: { 'new.txt': 'one\ntwo\nthree\n' } });
  const { data } = await fixture.job.pulls.create({
    ...at,
    title: 'work',
    head: 'work',
    base: 'main',
    draft: true,
  });
  pull = data;
});
afterAll(async () => {
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

function ask<T>(
  query: string,
  variables: Record<string, unknown> = {},
  permissions = EVERYTHING,
): Promise<T> {
  const token = fixture.standin.createJobToken('acme/shop', permissions);
  const client = new Octokit({ auth: token, baseUrl: fixture.standin.apiUrl });
  return client.graphql<T>(query, variables);
}

const READY = `mutation($id: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } }
}`;
const THREADS = `query($number: Int!, $after: String) {
  repository(owner: "acme", name: "shop") {
    pullRequest(number: $number) {
      id isDraft
      reviewThreads(first: 2, after: $after) {
        nodes { id isResolved isOutdated path line comments(first: 5) { nodes { databaseId body author { login } } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

interface Threads {
  repository: {
    pullRequest: {
      id: string;
      isDraft: boolean;
      reviewThreads: {
        nodes: {
          id: string;
          isResolved: boolean;
          path: string;
          line: number;
          comments: { nodes: unknown[] };
        }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    };
  };
}

test('a draft becomes ready for review', async () => {
  expect(await ask(READY, { id: pull.node_id })).toEqual({
    markPullRequestReadyForReview: { pullRequest: { isDraft: false } },
  });
  expect((await fixture.job.pulls.get({ ...at, pull_number: pull.number })).data.draft).toBe(false);
  expect(fixture.standin.violations).toEqual([]);
});

test('threads are read page by page and resolved', async () => {
  const comments = [1, 2, 3].map((line) => ({ path: 'new.txt', line, body: `finding ${line}` }));
  await fixture.job.pulls.createReview({ ...at, pull_number: pull.number, event: 'COMMENT', comments });
  const first = (await ask<Threads>(THREADS, { number: pull.number })).repository.pullRequest;
  expect(first.id).toBe(pull.node_id);
  expect(first.reviewThreads.nodes.map(({ path, line }) => `${path}:${line}`)).toEqual([
    'new.txt:1',
    'new.txt:2',
  ]);
  expect(first.reviewThreads.nodes[0]?.comments.nodes[0]).toMatchObject({
    body: 'finding 1',
    author: { login: 'github-actions' },
  });
  const { endCursor: after, hasNextPage } = first.reviewThreads.pageInfo;
  expect(hasNextPage).toBe(true);
  const rest = (await ask<Threads>(THREADS, { number: pull.number, after })).repository.pullRequest
    .reviewThreads;
  expect(rest.nodes.map(({ line }) => line)).toEqual([3]);
  const id = first.reviewThreads.nodes[1]?.id;
  const resolve =
    'mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }';
  expect(await ask(resolve, { id })).toEqual({ resolveReviewThread: { thread: { isResolved: true } } });
  const after2 = (await ask<Threads>(THREADS, { number: pull.number })).repository.pullRequest.reviewThreads;
  expect(after2.nodes.map(({ isResolved }) => isResolved)).toEqual([false, true]);
  await ask('mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { clientMutationId } }', {
    id,
  });
});

test('a token that may not write pull requests is told so', async () => {
  // Writing pull requests alone is not enough on GitHub either.
  const limited = [{ contents: 'write' }, { contents: 'read', pull_requests: 'write' }] as const;
  for (const permissions of limited) {
    const refused = ask(READY, { id: pull.node_id }, permissions);
    await expect(refused).rejects.toThrow('Resource not accessible by integration');
  }
});

test("a document that GitHub's schema does not know is refused and recorded", async () => {
  const before = fixture.standin.violations.length;
  await expect(
    ask('{ repository(owner: "acme", name: "shop") { pullRequests(number: 1) { nope } } }'),
  ).rejects.toThrow('nope');
  expect(fixture.standin.violations.slice(before).join('\n')).toContain('Cannot query field "nope"');
});

test('a field of the schema that the stand-in does not speak is an error, never silently null', async () => {
  const before = fixture.standin.violations.length;
  await expect(ask('{ repository(owner: "acme", name: "shop") { stargazerCount } }')).rejects.toThrow(
    'not spoken',
  );
  expect(fixture.standin.violations.length).toBeGreaterThan(before);
});
