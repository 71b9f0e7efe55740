/** Without an App: labels and comments start jobs that answer them, and the run's own job. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blemishes } from './github-facts.ts';
import { botComments, openShortTown, type People, where } from './github-town.ts';

let people: People;

beforeAll(async () => {
  people = await openShortTown({ host: 'alone' });
}, 60_000);

afterAll(() => people.town.close());

const jobsOf = (key: string) =>
  people.town.runner.jobs.filter(({ jobKey, conclusion }) => jobKey === key && conclusion !== 'skipped');

test('from the label to the pull request with nothing but the workflow file', async () => {
  const { town } = people;
  const issue = await people.fileIssue();
  const [spec] = await botComments(people, issue);
  expect(spec).toContain('/gump run');
  await people.say(issue, 'Looks good to me.', people.rita);
  expect(jobsOf('event')).toHaveLength(1);
  await people.say(issue, '/gump run');
  await town.runner.idle();
  await people.settled();
  expect(jobsOf('event').map(({ conclusion }) => conclusion)).toEqual(['success', 'success']);
  expect(jobsOf('run').map(({ conclusion, actor }) => [conclusion, actor])).toEqual([
    ['success', 'github-actions[bot]'],
  ]);
  const [pull] = (await people.rita.pulls.list({ ...where, state: 'all' })).data;
  expect(pull).toMatchObject({ state: 'open', draft: false });
  const comments = await botComments(people, issue);
  expect(comments).toHaveLength(1);
  for (const part of ['✅ **Passed**', '**Approve workflows to run**', '`GUMP_PUSH_TOKEN`', 'no buttons'])
    expect(comments[0]).toContain(part);
  expect(await blemishes(town)).toEqual([]);
}, 120_000);

test("a stranger's command costs one short job, which refuses it once", async () => {
  const { town } = people;
  await people.say(1, '/gump run', people.rita);
  await people.say(1, '/gump run', people.rita);
  await town.runner.idle();
  expect(jobsOf('run')).toHaveLength(1);
  const refusals = (await botComments(people, 1)).filter((body) => body.includes('needs write permission'));
  expect(refusals).toHaveLength(1);
}, 60_000);
