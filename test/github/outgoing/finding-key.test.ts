import { expect, test } from 'vitest';
import { findingMarker, keyOf, pairUp, readMarker } from '../../../src/github/outgoing/finding-key.ts';

const scope = 'a'.repeat(16);
const key = (body: string, code: string | null = 'const total = sum(items);', path = 'src/a.ts') =>
  keyOf({ path, line: 3, body }, scope, code);
const known = (...keys: readonly ReturnType<typeof key>[]) =>
  keys.map((one) => ({ ...one, preferred: true }));
const pairs = (found: readonly ReturnType<typeof key>[], before: ReturnType<typeof known>) =>
  [...pairUp(found, before)].sort();

test('a finding is the same although its line, its numbers, its case and its punctuation differ', () => {
  const one = keyOf({ path: './src/a.ts', line: 3, body: 'Line 3: `total` is never used.' }, scope, 'x = 1');
  const other = keyOf({ path: 'src/a.ts', line: 70, body: 'line 70: total is never used' }, scope, 'y = 2');
  expect(pairs([other], known(one))).toEqual([[0, 0]]);
});

test.each([
  [
    'in other words on the same line of code',
    'total may be NaN where items is empty',
    'total is NaN when items is empty',
    true,
  ],
  [
    'about something else on the same line',
    'total may be NaN where items is empty',
    'Use a clearer name than sum',
    false,
  ],
])('a finding %s', (_, before, after, isSame) => {
  expect(pairs([key(after)], known(key(before)))).toEqual(isSame ? [[0, 0]] : []);
});

test('other words on another line, another file and another gate are other findings', () => {
  expect(pairs([key('total may be NaN', 'return total;')], known(key('total is NaN')))).toEqual([]);
  expect(pairs([key('No.', null, 'src/b.ts')], known(key('No.', null)))).toEqual([]);
  expect(pairs([{ ...key('No.'), scope: 'b'.repeat(16) }], known(key('No.')))).toEqual([]);
});

test('the same words at two places stay two findings: the one that is left is the one on its own line', () => {
  const [one, two] = [key('Missing test.', 'function one() {'), key('Missing test.', 'function two() {')];
  expect(pairs([two], known(one, two))).toEqual([[0, 1]]);
  expect(pairs([two, one], known(one, two))).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test('what stands, or a person said no to, is found before what was settled', () => {
  const before = [
    { ...key('No.'), preferred: false },
    { ...key('No.'), preferred: true },
  ];
  expect(pairs([key('No.')], before)).toEqual([[0, 1]]);
});

test('a line of code that says nothing is no place', () => {
  expect(key('No.', '  }').place).toBeNull();
  expect(key('No.', null).place).toBeNull();
});

test('a comment says what it is about, and only a whole mark in its first line does', () => {
  const one = key('total may be NaN.');
  expect(readMarker(`${findingMarker(one)}\r\ntotal may be NaN.`)).toEqual(one);
  expect(readMarker(`Look: ${findingMarker(one)}`)).toBeNull();
  expect(readMarker(findingMarker(one).replace(scope, `${scope}!`))).toBeNull();
});
