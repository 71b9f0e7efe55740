import { afterAll, beforeAll, expect, test } from 'vitest';
import { blemishes } from './github-facts.ts';
import {
  botComments,
  gitIn,
  newJob,
  openShortTown,
  type People,
  pushFile,
  runJobs,
  where,
} from './github-town.ts';

let people: People;
let issue: number;
beforeAll(async () => {
  people = await openShortTown();
  issue = await people.fileIssue();
  expect((await people.command(issue, '/gump run')).conclusion).toBe('success');
}, 60_000);
afterAll(() => people.town.close());

/** Does what the first comment asks, declines the second, answers the third; and would like to close issues. */
const answering = `rules:
  - step: answer
    turns:
      - say: |
          I changed the word.

          "Good day would be": done in src/greeting.js:3, @mara closes #1
          "Use a class": not done, a function is enough here
          "Why a template": answer: it reads better
        write:
          src/greeting.js: |
            /** Greets somebody by name. */
            export function greeting(name) {
              return \`Good day, \${name}!\`;
            }
          test/greeting.test.js: |
            import assert from 'node:assert/strict';
            import { test } from 'node:test';
            import { greeting } from '../src/greeting.js';

            test('greets by name', () => {
              assert.equal(greeting('Ada'), 'Good day, Ada!');
            });
        usage: {input_tokens: 500, output_tokens: 90, cost: 0.01}
  - step: "**/review/*"
    verdict: {pass: true, comments: All three are answered.}
`;

test('a review that requests changes is answered on the same branch, each thread with the commit that settled it', async () => {
  const { town, mara, rita } = people;
  pushFile(town, 'main', { path: '.gump/demo-agents.yaml', text: answering });
  const before = gitIn(town, 'rev-parse', 'refs/heads/gump/issue-1');
  const [pull] = (await rita.pulls.list({ ...where, state: 'open' })).data;
  const jobs = runJobs(town).length;
  const on = (line: number, body: string) => ({
    path: 'src/greeting.js',
    line,
    side: 'RIGHT' as const,
    body,
  });
  const review = await mara.pulls.createReview({
    ...{ ...where, pull_number: pull?.number ?? 0, event: 'REQUEST_CHANGES', body: 'Three things.' },
    comments: [on(3, 'Good day would be nicer.'), on(2, 'Use a class.'), on(3, 'Why a template?')],
  });
  const job = await newJob(town, jobs);
  const ended = await town.runner.ended(job.id);
  await people.settled();
  expect(ended.conclusion, job.log.join('\n')).toBe('success');
  expect(ended.stepOutputs.gump?.['run-id']).toBe(`issue-${issue}-${review.data.id}-review`);

  const after = gitIn(town, 'rev-parse', 'refs/heads/gump/issue-1');
  expect(gitIn(town, 'rev-list', `${before}..${after}`).split('\n')).toEqual([after]);
  expect(gitIn(town, 'diff', '--name-only', before, after).split('\n')).toEqual([
    'src/greeting.js',
    'test/greeting.test.js',
  ]);
  expect(await threads()).toEqual([
    [true, [`Settled in ${after}: done in src/greeting.js:3, @\u200bmara closes #\u200b1`]],
    [false, ['not done, a function is enough here']],
    [false, ['answer: it reads better']],
  ]);
  const [again] = (await rita.pulls.list({ ...where, state: 'all' })).data;
  expect(again).toMatchObject({ number: pull?.number, state: 'open', draft: false });
  expect((await botComments(people, issue))[0]).toContain('address-review');
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

test('when the run is resumed no thread is answered twice', async () => {
  const told = await threads();
  expect((await people.command(issue, '/gump resume')).conclusion).toBe('success');
  expect(await threads()).toEqual(told);
}, 60_000);

/** Of each thread whether it is resolved, and the first words of what stands below its first comment. */
async function threads(): Promise<unknown> {
  const document = `query { repository(owner: "${where.owner}", name: "${where.repo}") { pullRequest(number: 2) {
    reviewThreads(first: 50) { nodes { isResolved comments(first: 50) { nodes { body } } } } } } }`;
  const { repository } = await people.mara.graphql<{ repository: Found }>(document);
  return repository.pullRequest.reviewThreads.nodes.map(({ isResolved, comments }) => [
    isResolved,
    comments.nodes.slice(1).map(({ body }) => body.replace(/^<!-- gump:answer \S+ -->\n/, '')),
  ]);
}

interface Found {
  readonly pullRequest: {
    readonly reviewThreads: {
      readonly nodes: readonly {
        readonly isResolved: boolean;
        readonly comments: { readonly nodes: readonly { readonly body: string }[] };
      }[];
    };
  };
}
