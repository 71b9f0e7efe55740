import { describe, expect, it } from 'vitest';
import { respell } from '../../src/workflow/spellings.ts';
import { diagnose, problemsOf } from './problems-of.ts';

describe('a large broken file', () => {
  it.each([
    ['brackets', '['],
    ['flow maps', '{a:'],
    ['dashes', '- '],
    ['keys', 'a: 1\nb: 2\n'],
    ['many keys', null],
    ['question marks', '? '],
    ['anchors', '&a '],
    ['wrong steps', '- {nmae: x}\n'],
    ['long line', 'x'],
    ['placeholders', '{a} '],
    ['validators', '- validate: x\n    y: z\n'],
  ])('of a quarter megabyte of %s is read in seconds', (_what, unit) => {
    const size = 256 * 1024;
    const many = (): string => Array.from({ length: 20_000 }, (_, i) => `key${i}: 1\n`).join('');
    const body = unit === null ? many() : unit.repeat(Math.floor(size / unit.length));
    const problems = problemsOf('w.yaml', `name: x\nsteps:\n${body}`);
    expect(problems).not.toBe('');
    expect(problems.split('\n').length).toBeLessThan(2_100);
  });

  it('of more pieces than a file may have is told as such, before they fill the memory', () => {
    const told = problemsOf('w.yaml', `name: x\nsteps:\n${'- a: b\n'.repeat(100_000)}`);
    expect(told).toMatch(/^w\.yaml:\d+:\d+: error: the file cannot be read: more than 150000 pieces/);
    expect(told.match(/error:/g)).toHaveLength(1);
  });

  it('with a name that nobody knows in fifty thousand places tells the first of them, and that there are more', () => {
    const prompt = '${x}'.repeat(50_000);
    const told = diagnose('w.yaml', `name: x\nsteps: [{name: a, type: code, prompt: '${prompt}'}]\n`);
    expect(told).toHaveLength(501);
    expect(told[499]?.at).toEqual({ file: 'w.yaml', line: 2, column: 41 + 499 * 4 });
    expect(told[500]).toMatchObject({ severity: 'error', code: 'more-problems' });
  });
});

describe('the spellings of the documentation', () => {
  it('leave block text, quoted text and flow collections alone', () => {
    const text = `prompt: |
  session: from: a
  - validate: b
      c: d
folded: >-

  session: from: a
quoted: "x
  session: from: a
  - validate: b
      c: d"
single: 'x
  session: from: a'
flow: [a,
  session: from: a
  ]
`;
    expect(respell(text).text).toBe(text);
  });

  it('are understood with comments, blank lines, CRLF and block text among the inputs', () => {
    const text =
      'gate:\r\n  - validate: v/x # why\r\n\r\n      # note\r\n      diff: |\r\n        a\r\n          b\r\n      c: d\r\n  - test\r\n';
    expect(respell(text).text).toBe(
      'gate:\r\n  - validate: v/x # why\r\n\r\n      # note\r\n    diff: |\r\n      a\r\n        b\r\n    c: d\r\n  - test\r\n',
    );
  });
});
