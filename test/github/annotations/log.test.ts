import { describe, expect, test } from 'vitest';
import { annotationsOfFindings } from '../../../src/github/annotations/findings.ts';
import { annotationsOfLog } from '../../../src/github/annotations/log.ts';
import { limits } from '../../../src/limits.ts';

const places = (log: string, known: readonly string[] = []) =>
  annotationsOfLog(log, known).map((one) => [one.path, one.line, one.column, one.level, one.message]);

describe('annotations from a log', () => {
  test('packages, places outside and unknown absolute paths give nothing; the same place is told once', () => {
    expect(
      places('../x.ts:1:1: no\nnode_modules/a/b.js:1:1: no\n/etc/passwd.txt:1:1: no\nhttps://a.io:8080: no'),
    ).toEqual([]);
    expect(places('a.ts:1:1: no\na.ts:1:1: no')).toHaveLength(1);
  });

  test.each([
    ['outside', '../src/a.ts', null],
    ['outside, further in', 'src/../../a.ts', null],
    ['with a dot in front', './src/a.ts', 'src/a.ts'],
    ["in the runner's tree", '/home/runner/work/app/app/src/a.ts', 'src/a.ts'],
    ["in the runner's tree, not changed", '/home/runner/work/app/app/lib/c.ts', 'lib/c.ts'],
    ['elsewhere on the machine', '/etc/ssl/openssl.conf', null],
    ['in a package below the root', '/home/runner/work/app/app/node_modules/x/a.ts', null],
    ['above the root', '/home/runner/work/app/app/../../secret.ts', null],
    ['of Windows', String.raw`src\a.ts`, 'src/a.ts'],
    ['in the git directory', '.git/hooks/a.sh', null],
    ['in an environment of Python', '.venv/lib/a.py', null],
  ])('a path %s: %s is %s', (_, path, wanted) => {
    const log = `/home/runner/work/app/app/src/b.ts:1:1: first\n${path}:2:1: second`;
    const found = places(log, ['src/a.ts', 'src/b.ts']).slice(1);
    expect(found.map(([at]) => at)).toEqual(wanted === null ? [] : [wanted]);
  });

  test('lines and columns that GitHub could not hold are left out', () => {
    expect(places('a.ts:0:1: no\na.ts:2147483648:1: no\na.ts:99999999999999999999:1: no')).toEqual([]);
    expect(places('a.ts:2147483647:2147483648: no\na.ts:1:0: no')).toEqual([
      ['a.ts', 2147483647, null, 'failure', 'no'],
      ['a.ts', 1, null, 'failure', 'no'],
    ]);
  });

  test('a log full of places gives no more than the limit, and warnings in front hide no failure', () => {
    const log = Array.from({ length: 500 }, (_, i) => `a.ts:${i + 1}:1: warning: no`).join('\n');
    const found = places(`${log}\nb.ts:7:1: error: broken`);
    expect(found).toHaveLength(limits.annotationsMax);
    expect(found[0]).toEqual(['b.ts', 7, 1, 'failure', 'broken']);
  });

  test('what a message holds is harmless and fits', () => {
    const [one] = annotationsOfLog(`a.ts(1,1): error TS1: \u001b[31mred\u202e${'x'.repeat(5_000)}`, []);
    expect(one?.message.startsWith('TS1: redxxx')).toBe(true);
    const finding = { path: 'a.ts', line: 1, body: '𝄞'.repeat(40_000) };
    expect(Buffer.byteLength(annotationsOfFindings([finding])[0]?.message ?? '')).toBeLessThanOrEqual(
      64 * 1024,
    );
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

describe('hostile output', () => {
  const many = (piece: string, characters: number) =>
    piece.repeat(Math.ceil(characters / piece.length)).slice(0, characters);
  const pieces = [
    ...[
      ' ',
      '(',
      '{',
      '[',
      '<',
      '-',
      '│',
      '\t',
      'a.b',
      'a/',
      ':1',
      'Error ',
      '━',
      '  x',
      "'",
      '"',
      ', ',
      '::',
    ],
    ...[
      'a.ts:1:1',
      '::error file=',
      '● ',
      'E   ',
      '1 | ',
      'at (',
      '\u001b[',
      '\u001b]',
      '<testsuite>',
      '[{"a":',
    ],
  ];
  const starts = [
    '',
    '  1:1  error  ',
    '::error ',
    'a.ts:1:1: ',
    'not ok 1 - ',
    "thread '",
    '  at ',
    '{',
    '<?xml ',
  ];

  // A pattern that is not linear would not come back within the time that a test has.
  test('lines made to keep patterns busy are read in passing', () => {
    const lines = starts.flatMap((start) => pieces.map((piece) => start + many(piece, 4_000)));
    expect(annotationsOfLog(lines.join('\n'), ['a.ts']).length).toBeLessThanOrEqual(limits.annotationsMax);
  });

  const large = ['(', 'a.ts:1:1', '<testsuite>'];
  test.each(large)('ten megabytes of %j, in one line and in lines', (piece) => {
    for (const log of [many(piece, 10 * 1024 * 1024), many(`${piece}\n`, 10 * 1024 * 1024)])
      expect(annotationsOfLog(log, []).length).toBeLessThanOrEqual(limits.annotationsMax);
  });

  test.each([
    [
      'an entity',
      '<!DOCTYPE a [<!ENTITY b "bbbb">]><testsuites><testcase><failure>&b; a.ts:1:1</failure></testcase></testsuites>',
    ],
    [
      'a document without an end',
      '<testsuites><testsuite name="a.ts"><testcase name="x"><failure message="no">a.ts:2:1',
    ],
    ['deep elements', many('<testsuite>', 1_000_000)],
    ['a document of another kind', '{"results":[{"path":"a.ts"}]}'],
    ['names of prototypes', '{"__proto__":{"Issues":[]},"constructor":{"runs":[]}}'],
    ['numbers that are none', '{"Issues":[{"Text":"x","Pos":{"Filename":"a.ts","Line":1e99,"Column":"1"}}]}'],
    ['lists of other things', '[{"messages":[1,null,"x",[]],"filePath":7}]\n{"runs":[null,{"results":7}]}'],
  ])('a report with %s gives nothing, and the rest of the log is read', (_, report) => {
    expect(places(`${report}\n`).filter(([path]) => path !== 'a.ts')).toEqual([]);
    expect(places(`b.ts:3:1: no\n${report}`).map(([path]) => path)).toContain('b.ts');
  });

  const sarif = (uri: string, level: string): string => {
    const place = { physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } };
    return JSON.stringify({ runs: [{ results: [{ level, message: { text: 'm' }, locations: [place] }] }] });
  };

  test.each(['src/%0a%00x.js', 'src/%1b%5b31m.js', 'src/%e2%80%aex.js', 'src/\ud800.js', '/r/src/%0ax.js'])(
    'the path %j is none',
    (uri) => {
      const known = ['src/a.js', 'r/src/a.js'];
      expect(annotationsOfLog(`rootdir: /r\n${sarif(uri, 'error')}`, known)).toEqual([]);
      const path = decodeURIComponent(uri);
      expect(annotationsOfFindings([{ path, line: 1, body: 'b' }])).toEqual([]);
    },
  );

  test.each(['constructor', '__proto__', 'toString', ''])(
    'the level %j is a word like any other',
    (level) => {
      expect(annotationsOfLog(sarif('a.js', level), [])).toMatchObject([{ path: 'a.js', level: 'warning' }]);
    },
  );
});
