import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, refusedWith, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

async function newIssue(title = 'an issue'): Promise<number> {
  return (await fixture.job.issues.create({ ...at, title })).data.number;
}

test('a comment is created, edited, found and deleted', async () => {
  const { job } = fixture;
  const issue_number = await newIssue();
  const made = await job.issues.createComment({ ...at, issue_number, body: 'first' });
  expect(made.status).toBe(201);
  const comment_id = made.data.id;
  const changed = await job.issues.updateComment({ ...at, comment_id, body: 'second' });
  expect(changed.data).toMatchObject({ id: comment_id, body: 'second' });
  expect((await job.issues.listComments({ ...at, issue_number })).data).toHaveLength(1);
  expect((await job.issues.get({ ...at, issue_number })).data.comments).toBe(1);
  await job.issues.deleteComment({ ...at, comment_id });
  expect(await refusedWith(job.issues.getComment({ ...at, comment_id }))).toMatchObject({ status: 404 });
});

test('an empty comment and one that is too long are refused with 422', async () => {
  const issue_number = await newIssue();
  const write = (body: string) => fixture.job.issues.createComment({ ...at, issue_number, body });
  expect(await refusedWith(write(' '))).toMatchObject({ status: 422 });
  const long = await refusedWith(write('x'.repeat(65_537)));
  expect(long.message).toContain('maximum is 65536 characters');
  expect((await write('x'.repeat(65_536))).status).toBe(201);
});

test('a stranger cannot edit the comment of somebody else', async () => {
  const { standin, job, as } = fixture;
  const issue_number = await newIssue();
  const { data } = await job.issues.createComment({ ...at, issue_number, body: 'mine' });
  const stranger = as(standin.addUser('passer-by').token);
  const edit = stranger.issues.updateComment({ ...at, comment_id: data.id, body: 'yours' });
  expect(await refusedWith(edit)).toMatchObject({ status: 403 });
});

test('a reaction is 201 when it is new and 200 when it was there', async () => {
  const { job } = fixture;
  const issue_number = await newIssue();
  const { data: comment } = await job.issues.createComment({ ...at, issue_number, body: '/gump run' });
  const target = { ...at, comment_id: comment.id };
  const first = await job.reactions.createForIssueComment({ ...target, content: 'eyes' });
  const again = await job.reactions.createForIssueComment({ ...target, content: 'eyes' });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.data.id).toBe(first.data.id);
  await job.reactions.createForIssueComment({ ...target, content: 'rocket' });
  const shown = await job.issues.getComment({ ...at, comment_id: comment.id });
  expect(shown.data.reactions).toMatchObject({ total_count: 2, eyes: 1, rocket: 1 });
  await job.reactions.deleteForIssueComment({ ...target, reaction_id: first.data.id });
  expect((await job.reactions.listForIssueComment(target)).data.map(({ content }) => content)).toEqual([
    'rocket',
  ]);
  expect((await job.reactions.createForIssue({ ...at, issue_number, content: '+1' })).status).toBe(201);
});

test('long lists come in pages with Link headers that Octokit can follow', async () => {
  const { job } = fixture;
  const issue_number = await newIssue();
  for (let index = 0; index < 7; index += 1)
    await job.issues.createComment({ ...at, issue_number, body: `c${index}` });
  const first = await job.issues.listComments({ ...at, issue_number, per_page: 3 });
  expect(first.data).toHaveLength(3);
  expect(first.headers.link).toMatch(/page=2>; rel="next", <.*page=3>; rel="last"/);
  const all = await job.paginate(job.issues.listComments, { ...at, issue_number, per_page: 3 });
  expect(all.map(({ body }) => body)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
});

test('labels are made when first used and only people with triage rights set them', async () => {
  const { standin, job, as } = fixture;
  const issue_number = await newIssue();
  await job.issues.addLabels({ ...at, issue_number, labels: ['gump'] });
  const found = await job.issues.listForRepo({ ...at, labels: 'GUMP' });
  expect(found.data.map(({ number }) => number)).toEqual([issue_number]);
  const stranger = as(standin.addUser('drive-by').token);
  const label = () => stranger.issues.addLabels({ ...at, issue_number, labels: ['mine'] });
  expect(await refusedWith(label())).toMatchObject({ status: 403 });
  standin.setPermission('acme/shop', 'drive-by', 'triage');
  expect((await label()).data).toHaveLength(2);
  await job.issues.removeLabel({ ...at, issue_number, name: 'gump' });
  expect(await refusedWith(job.issues.removeLabel({ ...at, issue_number, name: 'gump' }))).toMatchObject({
    status: 404,
  });
});

test('an unchanged list answers 304 to the etag it gave', async () => {
  const { job } = fixture;
  const first = await job.issues.listForRepo({ ...at });
  const again = job.issues.listForRepo({ ...at, headers: { 'if-none-match': first.headers.etag ?? '' } });
  expect(await refusedWith(again)).toMatchObject({ status: 304 });
});
