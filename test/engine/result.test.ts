import { expect, test } from 'vitest';
import { interpret } from '../../src/engine/result.ts';
import type { AttemptEnd } from '../../src/engine/state.ts';

const end = (output: string): AttemptEnd => ({
  outcome: 'ok',
  error: null,
  output,
  sessionId: null,
  commit: 'c1',
  files: [],
  stepFiles: [],
  refused: [],
  denied: [],
  usage: { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 },
});
const task = { name: 'a', description: 'do a', files: ['a.js'] };

test("a code step's result is its commit, whatever the agent says", () => {
  expect(interpret('code', end('I failed'))).toEqual({
    tasks: null,
    verdict: null,
    commit: 'c1',
    error: null,
  });
});

test('a split gives tasks', () => {
  expect(interpret('split', end(JSON.stringify([task]))).tasks).toEqual([task]);
});

test('files may be absent', () => {
  expect(interpret('split', end('[{"name":"a","description":"d"}]')).tasks?.[0]?.files).toBeNull();
});

test('an empty list is an empty plan', () => {
  expect(interpret('split', end('[]'))).toMatchObject({ tasks: [], error: null });
});

test.each(['```json\n[]\n```', '```\n[]\n```', '\n ```json\n[]```\n'])(
  'one fenced block is tolerated: %j',
  (text) => {
    expect(interpret('split', end(text)).tasks).toEqual([]);
  },
);

test('two fenced blocks are no result', () => {
  expect(interpret('split', end('```json\n[]\n```\n```json\n[]\n```')).error).toContain(
    'no task list could be read',
  );
});

test('text around the JSON is no result', () => {
  expect(interpret('split', end('Here you are: []')).error).toContain('it is no JSON');
});

test('nothing at all is named as such', () => {
  expect(interpret('validate', end('  \n')).error).toBe('no verdict could be read: the agent gave none');
});

test.each([
  ['{}', 'no array'],
  ['[1]', 'task 1 of the list: it is no object'],
  ['[{"name":"a","description":"d"},{"description":"d"}]', 'task 2 of the list: its name'],
  ['[{"name":"a"}]', 'its description'],
  ['[{"name":"a","description":"d","files":"a.js"}]', 'its files'],
])('the task list %s is refused', (text, why) => {
  expect(interpret('split', end(text)).error).toContain(why);
});

test('more tasks than a run can have are refused', () => {
  const many = Array.from({ length: 257 }, (_, index) => ({ ...task, name: `t${index}` }));
  expect(interpret('split', end(JSON.stringify(many))).error).toContain('257 tasks, 256 are allowed');
});

test('a positive verdict needs nothing else', () => {
  expect(interpret('validate', end('{"pass":true}')).verdict).toEqual({
    pass: true,
    comments: '',
    findings: [],
  });
});

test.each(['{"pass":false}', '{"pass":false,"comments":"  "}'])(
  'a negative verdict without comments is refused: %s',
  (text) => {
    expect(interpret('validate', end(text)).error).toContain('no "comments" that say why');
  },
);

test.each(['{}', '{"pass":"true"}', 'true', 'null', '[]'])('%s is no verdict', (text) => {
  expect(interpret('validate', end(text)).error).toContain('no "pass"');
});

test('findings are kept as far as they are well formed', () => {
  const findings = [
    { path: 'a.js', line: 3, end_line: 4, severity: 'error', body: 'b' },
    { path: 'a.js', line: 0, end_line: 'x', body: 'b' },
    { path: 'a.js' },
    'nonsense',
  ];
  expect(
    interpret('validate', end(JSON.stringify({ pass: false, comments: 'c', findings }))).verdict?.findings,
  ).toEqual([findings[0], { path: 'a.js', body: 'b' }]);
});
