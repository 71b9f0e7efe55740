import { describe, expect, test } from 'vitest';
import { annotationsOfFindings, annotationsOfLog } from '../../src/github/annotations.ts';

const places = (log: string, known: readonly string[] = []) =>
  annotationsOfLog(log, known).map((one) => [one.path, one.line, one.column, one.level, one.message]);

describe('annotations from a log', () => {
  test('tsc is understood in its plain and its pretty form', () => {
    expect(places("src/a.ts(3,5): error TS2322: Type 'x' is no 'y'.")).toEqual([
      ['src/a.ts', 3, 5, 'failure', "TS2322: Type 'x' is no 'y'."],
    ]);
    expect(
      places('\u001b[96msrc/a.ts\u001b[0m:\u001b[93m3\u001b[0m:\u001b[93m5\u001b[0m - error TS1: No.'),
    ).toEqual([['src/a.ts', 3, 5, 'failure', 'TS1: No.']]);
  });

  test('file:line:col with a message is understood, a warning stays a warning', () => {
    expect(places('./main.go:7:2: undefined: x\npkg/b.py:9: warning: unused')).toEqual([
      ['main.go', 7, 2, 'failure', 'undefined: x'],
      ['pkg/b.py', 9, null, 'warning', 'unused'],
    ]);
  });

  test('biome names place and rule in one line', () => {
    expect(places('src/a.js:3:5 lint/suspicious/noDebugger ━━━━━━━━')).toEqual([
      ['src/a.js', 3, 5, 'failure', 'lint/suspicious/noDebugger'],
    ]);
  });

  test('eslint lists places below the name of the file', () => {
    const log =
      "/tmp/view/src/a.js\n  3:5  error    'x' is not defined  no-undef\n  4:1  warning  Long  max-len\n";
    expect(places(log, ['src/a.js'])).toEqual([
      ['src/a.js', 3, 5, 'failure', "'x' is not defined"],
      ['src/a.js', 4, 1, 'warning', 'Long'],
    ]);
  });

  test('a stack of node --test or vitest gives the first place inside the repository with the error before it', () => {
    const node = [
      '  AssertionError [ERR_ASSERTION]: 1 == 2',
      '      at new AssertionError (node:internal/assert:1:2)',
      '      at TestContext.<anonymous> (file:///tmp/v/1/test/a.test.js:5:10)',
      '      at Test.run (file:///tmp/v/1/src/a.js:9:10)',
    ].join('\n');
    expect(places(node, ['test/a.test.js', 'src/a.js'])).toEqual([
      ['test/a.test.js', 5, 10, 'failure', 'AssertionError [ERR_ASSERTION]: 1 == 2'],
    ]);
    expect(places('Error: no\n ❯ test/b.test.ts:5:10\n')).toEqual([
      ['test/b.test.ts', 5, 10, 'failure', 'Error: no'],
    ]);
  });

  test('packages, places outside and unknown absolute paths give nothing; the same place is told once', () => {
    expect(
      places('../x.ts:1:1: no\nnode_modules/a/b.js:1:1: no\n/etc/passwd.txt:1:1: no\nhttps://a.io:8080: no'),
    ).toEqual([]);
    expect(places('a.ts:1:1: no\na.ts:1:1: no')).toHaveLength(1);
  });

  test('a log full of places gives no more than the limit', () => {
    const log = Array.from({ length: 500 }, (_, i) => `a.ts:${i + 1}:1: no`).join('\n');
    expect(places(log)).toHaveLength(100);
  });
});

test('findings with a line become annotations, those without or outside do not', () => {
  const made = annotationsOfFindings([
    { path: 'a.ts', line: 3, end_line: 5, severity: 'warning', body: 'Hm.' },
    { path: 'a.ts', body: 'No line.' },
    { path: '../a.ts', line: 1, body: 'Outside.' },
  ]);
  expect(made).toEqual([
    { path: 'a.ts', line: 3, endLine: 5, column: null, level: 'warning', message: 'Hm.' },
  ]);
});
