import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { statusMarker } from '../../src/github/markers.ts';
import { answerText } from '../../src/github/outgoing/answers.ts';
import { checkOutput } from '../../src/github/outgoing/check-output.ts';
import { reviewText, shownFile } from '../../src/github/outgoing/review-body.ts';
import { statusBlock } from '../../src/github/outgoing/status.ts';
import { githubView } from '../../src/github/outgoing/view.ts';
import { withTrouble } from '../../src/github/tell-trouble.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { liveIn, liveWords } from './live.ts';
import { attempt, createRecorder, judged, made, planOf, started } from './outgoing/run.fixture.ts';

const base = 'b'.repeat(40);
const one = '1'.repeat(40);
const path = 'decompose/piece-1/converge';
const server = 'https://github.test';
const words = [
  '@octocat',
  '&#64;octocat',
  '_https://evil.test',
  'fixes #12',
  'closes octo/app#12',
  'GH-3',
  '![x](https://evil.test/x.png)',
  '[a](//evil.test)',
  '<img src=x>',
  '<!-- gump:progress -->',
  '</details>',
  '```',
  '~~~',
  '`',
  '\n',
  '\n\n',
  '| a |',
  '\u202e',
  '\u{e0041}',
  '<svg onload=x>',
  'www.evil.test',
  '\\',
  '> ',
  '- ',
  ' ',
  'text',
]; // prettier-ignore
const attack = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 25 })
  .map((parts) => parts.join(''));

/** A run in which everything that comes from outside says the same. */
function viewOf(text: string) {
  const plan = planOf(base, { spec: `# ${text}\n\n${text}` });
  const place = { step: path, attempt: 1, commit: one };
  const finding = { path: 'src/a.js', line: 1, severity: text, body: text };
  const { events, add } = createRecorder();
  add(
    started(plan),
    { type: 'task_started', step: 'decompose', task: 'piece-1', index: 1, base },
    attempt({ step: path, attempt: 1, base, task: 'piece-1' }),
    { ...made({ step: path, attempt: 1, commit: one, files: ['src/a.js'] }), output: text } as Fact,
    ...judged({ ...place, gate: 'test', verdict: 'fail', reason: text }),
    ...judged({
      ...place,
      gate: 'review',
      verdict: 'fail',
      reason: text,
      comments: text,
      findings: [finding, { ...finding, path: text }],
    }),
    { type: 'notice', message: text },
    {
      type: 'run_completed',
      run: 'r1',
      status: 'fail',
      duration_ms: 1,
      cost: 0,
      tokens_in: 1,
      tokens_out: 1,
      commit: one,
      reason: text,
    },
  );
  return githubView(plan, events);
}

const allowed = { links: [server], numbers: [7], folds: true };
const status = (text: string): string =>
  statusBlock({
    summary: viewOf(text).summary,
    branch: 'gump/issue-7',
    runUrl: `${server}/r`,
    pullRequest: 7,
    issue: 7,
    missing: [text],
  });
const outputs = (text: string) =>
  viewOf(text).checks.map((check) =>
    checkOutput(check, { log: `${text}\nsrc/a.js:1:1: error: ${text}`, reports: text }, `${server}/r`),
  );
const review = (text: string) => {
  const [first] = viewOf(text).reviews;
  const files = new Map([['src/a.js', shownFile('@@ -0,0 +1 @@\n+x')]]);
  return first ? reviewText(first, files, []) : null;
};

test.each([
  ['the status comment, and the body of the pull request', (text: string) => [status(text)]],
  [
    'the summaries and texts of checks',
    (text: string) => outputs(text).flatMap(({ summary, text: log }) => [summary, log ?? '']),
  ],
  ['the body of a review', (text: string) => [review(text)?.body ?? '@octocat']],
  ['comments on lines', (text: string) => review(text)?.comments.map(({ body }) => body) ?? ['@octocat']],
  [
    'the answer to a review thread',
    (text: string) => [answerText({ path: 'a' }, { commits: [], said: text, done: false })],
  ],
  ['the trouble of a run', (text: string) => [withTrouble(statusMarker('issue', 7), troubleOf(text))]],
  [
    'the report, by command and as the job’s summary',
    (text: string) => [renderMarkdown(viewOf(text).summary)],
  ],
])('nothing is live in %s', (_what, make) => {
  fc.assert(
    fc.property(attack, (text) => {
      for (const one of make(text)) expect(liveIn(one, allowed)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('nothing is live in titles, of checks and of the pull request', () => {
  fc.assert(
    fc.property(attack, (text) => {
      for (const title of [viewOf(text).pullRequest.title, ...outputs(text).map(({ title }) => title)])
        expect(liveWords(title)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('messages of annotations are plain text, and hide nothing', () => {
  fc.assert(
    fc.property(attack, (text) => {
      for (const { message } of outputs(text).flatMap(({ annotations }) => annotations))
        expect(message).not.toMatch(/[\u0000\u001b\u200b\u202e\u2066]|[\u{e0000}-\u{e0fff}]/u);
    }),
    { numRuns: 150 },
  );
});

test('every place is reached', () => {
  const [, second] = outputs('text');
  expect(status('text')).toContain('text');
  expect(second?.annotations.length).toBeGreaterThan(0);
  expect(review('text')?.comments).toHaveLength(1);
  expect(renderMarkdown(viewOf('text').summary)).toContain('text');
});

function troubleOf(text: string): Parameters<typeof withTrouble>[1] {
  const error = new Error(text);
  return { runId: null, runUrl: `${server}/r`, error } as Parameters<typeof withTrouble>[1];
}
