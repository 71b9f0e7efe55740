/** A merge queue is told what our own check says of the pull request, and nobody else's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ourPull } from './review.fixture.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const cases = [
  ['ours', 'issue-1-5/gump', 'success'],
  ['that of a job which somebody calls gump', '1f0c7a52-77aa-5d2c-9f3e-2b1f6f3f9f10', 'failure'],
] as const;
test.each(cases)('%s counts as it should, however often it is asked for', async (_, id, told) => {
  const { pull } = await ourPull(town);
  const { client } = town.app;
  const path = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
  const { data } = await client.request(path, { ...repository, pull_number: pull });
  await check(data.head.sha, id);
  const commit = await emptyCommit(`queue ${pull}`);
  const queued = {
    ...town.last('issues', 'opened'),
    ...{ event: 'merge_group', action: 'checks_requested' },
    payload: {
      merge_group: { head_ref: `refs/heads/gh-readonly-queue/main/pr-${pull}-${commit}`, head_sha: commit },
    },
  };
  for (let delivery = 0; delivery < 2; delivery++) await town.handle(queued, {});
  const checks = await client.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
    ...{ ...repository, ref: commit },
  });
  expect(checks.data.check_runs.map(({ conclusion }) => conclusion)).toEqual([told]);
});

async function check(commit: string, id: string): Promise<void> {
  await town.app.client.request('POST /repos/{owner}/{repo}/check-runs', {
    ...{ ...repository, name: 'gump', head_sha: commit, external_id: id },
    ...{ status: 'completed', conclusion: 'success' },
  });
}

async function emptyCommit(message: string): Promise<string> {
  const head = (await town.head('heads/main')) ?? '';
  const { client } = town.app;
  const { data } = await client.request('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...{ ...repository, commit_sha: head },
  });
  const made = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...{ ...repository, message, tree: data.tree.sha, parents: [head] },
  });
  return made.data.sha;
}
