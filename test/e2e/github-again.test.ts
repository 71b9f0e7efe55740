import { afterAll, beforeAll, expect, test } from 'vitest';
import { blemishes } from './github-facts.ts';
import {
  botComments,
  gitIn,
  newJob,
  openShortTown,
  type People,
  pushFile,
  refusingScript,
  runJobs,
  shortScript,
  where,
} from './github-town.ts';

let people: People;
let issue: number;

beforeAll(async () => {
  people = await openShortTown();
  issue = await people.fileIssue();
  expect((await people.command(issue, '/gump run')).conclusion).toBe('success');
}, 60_000);

afterAll(async () => {
  await people.town.close();
});

const branch = 'refs/heads/gump/issue-1';
const pulls = async () => (await people.rita.pulls.list({ ...where, state: 'all' })).data;

test('a second run grows the branch from the base as it is now, in the same pull request, a draft meanwhile', async () => {
  const { town } = people;
  const before = gitIn(town, 'rev-parse', branch);
  const moved = pushFile(town, 'main', { path: 'docs/news.md', text: 'News.\n' });
  const word = '.gump/demo-agents.yaml';
  pushFile(town, 'main', { path: word, text: shortScript('Good day') });
  const jobs = runJobs(town).length;
  const commented = people.say(issue, '/gump run');
  const job = await newJob(town, jobs);
  const drafts = new Set<boolean>();
  const marks = new Set<string>();
  const watch = setInterval(() => {
    void pulls().then(([pull]) => {
      drafts.add(pull?.draft === true);
      marks.add(pull?.body?.split('\n')[0] ?? '');
    });
  }, 50);
  const ended = await town.runner.ended(job.id);
  clearInterval(watch);
  const runId = `issue-${issue}-${await commented}`;
  await people.settled();

  expect(ended.conclusion).toBe('success');
  expect(ended.stepOutputs.gump?.['run-id']).toBe(runId);
  expect(drafts).toEqual(new Set([false, true]));
  expect(marks).toContain(`<!-- gump:pull-request ${runId} -->`);
  const [pull, ...others] = await pulls();
  expect(others).toEqual([]);
  expect(pull).toMatchObject({ state: 'open', draft: false });
  expect(pull?.body?.split('\n')[0]).toBe(`<!-- gump:pull-request ${runId} -->`);
  // Only forward, and what came to the base meanwhile is no change of this run.
  expect(gitIn(town, 'merge-base', before, branch)).toBe(before);
  expect(gitIn(town, 'diff', '--name-only', `main...${branch}`).split('\n')).toEqual([
    'src/greeting.js',
    'test/greeting.test.js',
  ]);
  expect(gitIn(town, 'merge-base', '--all', moved, branch)).toBe(moved);
  expect(gitIn(town, 'show', `${branch}:src/greeting.js`)).toContain('Good day');
  const [status] = await botComments(people, issue);
  expect(status).toContain(`run \`${runId}\``);
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

test('a second run that fails leaves the pull request of the first one as a draft, and closes no issue', async () => {
  const { town } = people;
  pushFile(town, 'main', { path: '.gump/demo-agents.yaml', text: refusingScript() });
  expect((await people.command(issue, '/gump run')).conclusion).toBe('failure');
  const [pull] = await pulls();
  expect(pull).toMatchObject({ state: 'open', draft: true });
  expect(pull?.body).toContain('this stays a draft');
  expect(pull?.body).not.toContain('Closes');
  pushFile(town, 'main', { path: '.gump/demo-agents.yaml', text: shortScript() });
}, 60_000);

test('once that pull request is closed and its branch is gone, a new run opens a new one', async () => {
  const { town } = people;
  const [old] = await pulls();
  await people.mara.pulls.update({ ...where, pull_number: old?.number ?? 0, state: 'closed' });
  await people.mara.git.deleteRef({ ...where, ref: 'heads/gump/issue-1' });
  expect((await people.command(issue, '/gump run')).conclusion).toBe('success');
  const found = await pulls();
  expect(found.map(({ state }) => state).sort()).toEqual(['closed', 'open']);
  expect(found.find(({ state }) => state === 'open')).toMatchObject({ draft: false });
  expect(town.standin.violations).toEqual([]);
}, 60_000);

test('a resume of a run that has passed runs nothing, says so and shows it again', async () => {
  const { town } = people;
  const before = gitIn(town, 'rev-parse', branch);
  const job = await people.command(issue, '/gump resume');
  expect(job.conclusion).toBe('success');
  expect(job.log.join('\n')).toMatch(/has passed already/);
  expect(job.stepOutputs.gump?.['pull-request']).not.toBe('');
  expect(job.summary).toContain('converge');
  expect(gitIn(town, 'rev-parse', branch)).toBe(before);
}, 60_000);
