import { expect, test } from 'vitest';
import { checkOutput } from '../../../src/github/outgoing/check-output.ts';
import { gateTable } from '../../../src/github/outgoing/gate-table.ts';
import { githubView } from '../../../src/github/outgoing/view.ts';
import { limits } from '../../../src/limits.ts';
import { summarize } from '../../../src/report/summarize.ts';
import { createRecorder, judged, planOf, simulate, started } from './run.fixture.ts';

const commit = '1'.repeat(40);
const plan = planOf('b'.repeat(40));

const printed = (log: string) => ({ log, reports: null });

function checkOf(more: Partial<Parameters<typeof judged>[0]> = {}) {
  const recorder = createRecorder();
  recorder.add(
    started(plan),
    ...judged({ step: 'quality', attempt: 1, gate: 'test', commit, verdict: 'fail', ...more }),
  );
  const [check] = githubView(plan, recorder.events).checks;
  if (!check) throw new Error('A gate that ended is a check.');
  return check;
}

test.each(['x', 'é', '…', '𝄞', '`'])(
  'a log of lines of %j is cut in the middle by whole lines to what GitHub takes, counted in bytes',
  (sign) => {
    const lines = Array.from({ length: 9_000 }, (_, at) => `${at} ${sign.repeat(40)}`);
    const { text = '' } = checkOutput(checkOf(), printed(lines.join('\n')), 'https://example.com/log');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.checkTextBytesMax);
    expect(Buffer.byteLength(text)).toBeGreaterThan(limits.checkTextBytesMax * 0.7);
    expect(text).toMatch(/^… \d+ lines left out \(https:\/\/example\.com\/log\) …$/m);
    const body = text
      .split('\n')
      .slice(1, -1)
      .filter((line) => !line.includes('lines left out'));
    expect(body.every((line) => lines.includes(line))).toBe(true);
    expect(body[0]).toBe(lines[0]);
    expect(body.at(-1)).toBe(lines.at(-1));
  },
);

test('what a check says of the longest reason and the longest comments fits too', () => {
  const long = '𝄞 '.repeat(200_000);
  const { summary, title } = checkOutput(
    checkOf({ reason: long, comments: long, findings: [] }),
    null,
    'url',
  );
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(limits.checkTextBytesMax);
  expect(title.length).toBeLessThan(200);
});

test('the table of the check gump has a row for each step, a column for each gate and a mark for each attempt', async () => {
  let count = 0;
  const facts = (
    await simulate({
      plan,
      tasks: 2,
      attempts: 2,
      smokes: 1,
      commit: async () => String(++count).padStart(40, '0'),
    })
  ).flatMap((one) => ('fact' in one ? [one.fact] : []));
  const events = createRecorder().add(...facts);
  expect(gateTable(summarize(plan, events)).split('\n')).toEqual([
    '| task | step | attempts | schema | compile | test | review | lint | state |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '|  | decompose | 1 | ✓ |  |  |  |  | pass |',
    '| 1 piece-1 | converge | 2 |  | ✓ ✓ | ✓ ✓ | ✗ ✓ |  | pass |',
    '| 1 piece-1 | smoke | 1 |  | ✓ | ✓ |  |  | pass |',
    '| 2 piece-2 | converge | 2 |  | ✓ ✓ | ✓ ✓ | ✗ ✓ |  | pass |',
    '| 2 piece-2 | smoke | 1 |  | ✓ | ✓ |  |  | pass |',
    '|  | quality | 1 |  | ✓ | ✓ |  | ✓ | pass |',
  ]);
});

test('the table of a run with very many tasks keeps every step that did not pass', async () => {
  let count = 0;
  const commit = async () => String(++count).padStart(40, '0');
  const facts = (await simulate({ plan, tasks: 256, attempts: 1, status: 'fail', commit })).flatMap((one) =>
    'fact' in one ? [one.fact] : [],
  );
  const table = gateTable(summarize(plan, createRecorder().add(...facts)));
  expect(table).toContain('|  | quality | 1 |');
  expect(table).toContain('more steps passed.');
  expect(table.length).toBeLessThan(40_000);
});

test('a check says nothing twice: what its log shows at a glance is left out of the reason above it', () => {
  const reason = '`npm test` ended with exit code 1 (script `test`)\n✖ adds\n  expected 3';
  const short = checkOutput(checkOf({ reason }), printed('$ npm test\n✖ adds\n  expected 3\n'), 'url');
  expect(short.summary).toContain('`npm test` ended with exit code 1');
  expect(short.summary).not.toContain('✖ adds');
  expect(short.text).toContain('✖ adds');
  const long = checkOutput(checkOf({ reason }), printed(`${'ok\n'.repeat(80)}✖ adds\n  expected 3\n`), 'url');
  expect(long.summary).toContain('✖ adds');
  expect(checkOutput(checkOf({ reason }), null, 'url').summary).toContain('✖ adds');
});

test('a report file goes before the log where both tell of a line, and is not shown as text', () => {
  const junit = (line: number, text: string) =>
    `<testsuite><testcase file="src/a.js" line="${line}" name="adds"><failure message="${text}"/></testcase></testsuite>`;
  const { annotations, text } = checkOutput(
    checkOf(),
    {
      log: 'src/a.js:3:1: error: from the log\nsrc/b.js:4:1: error: alone',
      reports: `rootdir: /t\n${junit(3, 'exact')}`,
    },
    'url',
  );
  expect(annotations.map(({ path, line, message }) => `${path}:${line} ${message}`)).toEqual([
    'src/a.js:3 adds\nexact',
    'src/b.js:4 alone',
  ]);
  expect(text).not.toContain('testsuite');
});
