import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EVERYTHING, type Fixture, pushFiles, refusedWith, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
let token: string;
beforeEach(async () => {
  fixture = await startFixture();
  token = fixture.standin.createJobToken('acme/shop', EVERYTHING);
});
afterEach(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

/** Ten lines of which some are other ones. */
function lines(changed: Readonly<Record<number, string>>): string {
  return Array.from({ length: 10 }, (_, index) => `${changed[index + 1] ?? `line ${index + 1}`}\n`).join('');
}

async function openPull(): Promise<{ number: number; sha: string; node_id: string }> {
  const sha = await pushFiles(fixture, token, {
    branch: 'work',
    files: { 'lines.txt': lines({ 2: 'two' }) },
  });
  const { data } = await fixture.job.pulls.create({
    ...at,
    title: 'work',
    head: 'work',
    base: 'main',
    draft: true,
  });
  return { number: data.number, sha, node_id: data.node_id };
}

test('a pull request opens once for a branch, and not at all without commits', async () => {
  const { job } = fixture;
  const { number, sha } = await openPull();
  const shown = await job.pulls.get({ ...at, pull_number: number });
  expect(shown.data).toMatchObject({
    draft: true,
    commits: 1,
    changed_files: 1,
    additions: 1,
    deletions: 1,
    mergeable: true,
  });
  expect(shown.data.head.sha).toBe(sha);
  const again = await refusedWith(job.pulls.create({ ...at, title: 'again', head: 'work', base: 'main' }));
  expect(again).toMatchObject({ status: 422 });
  expect(again.message).toContain('A pull request already exists for acme:work');
  const { data: main } = await job.git.getRef({ ...at, ref: 'heads/main' });
  await job.git.createRef({ ...at, ref: 'refs/heads/idle', sha: main.object.sha });
  const idle = await refusedWith(job.pulls.create({ ...at, title: 'idle', head: 'idle', base: 'main' }));
  expect(idle.message).toContain('No commits between main and idle');
  const found = await job.pulls.list({ ...at, head: 'acme:work', state: 'all' });
  expect(found.data.map((pull) => pull.number)).toEqual([number]);
});

test('issues and pull requests share their numbers, comments and labels', async () => {
  const { job } = fixture;
  const { data: issue } = await job.issues.create({ ...at, title: 'first' });
  const { number } = await openPull();
  expect(number).toBe(issue.number + 1);
  await job.issues.createComment({ ...at, issue_number: number, body: 'on the pull request' });
  const asIssue = await job.issues.get({ ...at, issue_number: number });
  expect(asIssue.data.pull_request?.url).toContain(`/pulls/${number}`);
  expect((await job.pulls.get({ ...at, pull_number: number })).data.comments).toBe(1);
});

test('a review stands on lines of the diff and nowhere else', async () => {
  const { job } = fixture;
  const { number: pull_number, sha } = await openPull();
  const review = (comment: Readonly<Record<string, unknown>>) =>
    job.pulls.createReview({
      ...{ ...at, pull_number, event: 'COMMENT', body: 'verdict', commit_id: sha },
      comments: [{ path: 'lines.txt', body: 'finding', ...comment }],
    });
  const made = await review({ line: 2, side: 'RIGHT' });
  expect(made.data).toMatchObject({ state: 'COMMENTED', commit_id: sha });
  expect((await review({ line: 5, start_line: 2 })).status).toBe(200);
  expect((await refusedWith(review({ line: 9 }))).message).toContain('Line could not be resolved');
  expect((await refusedWith(review({ path: 'other.txt', line: 1 }))).message).toContain(
    'Path could not be resolved',
  );
  expect(await refusedWith(review({ line: 2, start_line: 4 }))).toMatchObject({ status: 422 });
  const comments = await job.pulls.listReviewComments({ ...at, pull_number });
  expect(comments.data.map(({ line, path }) => `${path}:${line}`)).toEqual(['lines.txt:2', 'lines.txt:5']);
  expect(comments.data[0]?.diff_hunk).toMatch(/\+two$/);
  const reply = await job.pulls.createReplyForReviewComment({
    ...{ ...at, pull_number, comment_id: comments.data[0]?.id ?? 0, body: 'mended' },
  });
  expect(reply.data.in_reply_to_id).toBe(comments.data[0]?.id);
});

test('a pull request comes from somebody who may push, from this repository', async () => {
  const { standin, job, as } = fixture;
  await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '1\n' } });
  const open = (client: typeof job, head: string) =>
    client.pulls.create({ ...at, title: 'p', head, base: 'main' });
  expect(await refusedWith(open(as(standin.addUser('stranger').token), 'work'))).toMatchObject({
    status: 403,
  });
  expect(await refusedWith(open(job, 'somebody:work'))).toMatchObject({ status: 422 });
  expect((await open(job, 'acme:work')).status).toBe(201);
});

test('nobody approves their own pull request', async () => {
  const { number: pull_number } = await openPull();
  const approve = fixture.job.pulls.createReview({ ...at, pull_number, event: 'APPROVE' });
  expect(await refusedWith(approve)).toMatchObject({ status: 422 });
});

test('a comment follows its line and is outdated when the line is gone', async () => {
  const { job } = fixture;
  const { number: pull_number } = await openPull();
  const comments = [{ path: 'lines.txt', line: 2, body: 'finding' }];
  await job.pulls.createReview({ ...at, pull_number, event: 'COMMENT', comments });
  const line = async () => (await job.pulls.listReviewComments({ ...at, pull_number })).data[0]?.line;
  await pushFiles(fixture, token, { branch: 'work', files: { 'lines.txt': `zero\n${lines({ 2: 'two' })}` } });
  expect(await line()).toBe(3);
  await pushFiles(fixture, token, {
    branch: 'work',
    files: { 'lines.txt': `zero\n${lines({ 2: 'zwei' })}` },
  });
  expect(await line()).toBeNull();
});

test('a check run is created, completed and found by its commit', async () => {
  const { job } = fixture;
  const { sha } = await openPull();
  const made = await job.checks.create({
    ...at,
    name: 'gump / test',
    head_sha: sha,
    status: 'in_progress',
    external_id: 'a#1',
  });
  const annotation = {
    path: 'lines.txt',
    start_line: 2,
    end_line: 2,
    annotation_level: 'failure',
    message: 'no',
  } as const;
  const output = { title: 'failed', summary: 'one finding', annotations: [annotation] };
  const done = await job.checks.update({ ...at, check_run_id: made.data.id, conclusion: 'failure', output });
  expect(done.data).toMatchObject({ status: 'completed', conclusion: 'failure', external_id: 'a#1' });
  expect(done.data.output.annotations_count).toBe(1);
  const found = await job.checks.listForRef({ ...at, ref: 'work' });
  expect(found.data.check_runs.map(({ name, app }) => [name, app?.slug])).toEqual([
    ['gump / test', 'github-actions'],
  ]);
  expect(found.data.check_runs[0]?.pull_requests).toHaveLength(1);
  const notes = await job.checks.listAnnotations({ ...at, check_run_id: made.data.id });
  expect(notes.data[0]).toMatchObject({ path: 'lines.txt', message: 'no' });
});

test('a check run needs a commit that exists, a conclusion when completed, and its own App', async () => {
  const { standin, job } = fixture;
  const { sha } = await openPull();
  const missing = job.checks.create({ ...at, name: 'x', head_sha: '1'.repeat(40) });
  expect((await refusedWith(missing)).message).toContain('No commit found for SHA');
  const open = job.checks.create({ ...at, name: 'x', head_sha: sha, status: 'completed' });
  expect(await refusedWith(open)).toMatchObject({ status: 422 });
  const { data } = await job.checks.create({ ...at, name: 'x', head_sha: sha });
  const run = standin.state.repositories.get('acme/shop')?.check_runs.get(data.id);
  expect(run?.status).toBe('queued');
  const app = standin.registerApp({ slug: 'other', permissions: EVERYTHING, events: [] });
  const auth = { appId: app.appId, privateKey: app.privateKeyPem, installationId: app.installationId };
  const foreign = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: standin.apiUrl });
  const change = foreign.checks.update({ ...at, check_run_id: data.id, conclusion: 'success' });
  expect((await refusedWith(change)).message).toContain(
    'can only be modified by the GitHub App that created it',
  );
});

test('merging closes the pull request and moves the base', async () => {
  const { standin, job } = fixture;
  const { number: pull_number, node_id } = await openPull();
  expect(await refusedWith(job.pulls.merge({ ...at, pull_number }))).toMatchObject({ status: 405 });
  await job.graphql(
    'mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { clientMutationId } }',
    {
      id: node_id,
      baseUrl: standin.graphqlUrl.replace(/\/graphql$/, ''),
    },
  );
  const merged = await job.pulls.merge({ ...at, pull_number });
  const shown = await job.pulls.get({ ...at, pull_number });
  expect(shown.data).toMatchObject({ merged: true, state: 'closed', merge_commit_sha: merged.data.sha });
  expect((await job.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha).toBe(merged.data.sha);
});
