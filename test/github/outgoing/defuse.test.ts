import { describe, expect, test } from 'vitest';
import { cutMiddle } from '../../../src/github/cut.ts';
import { clean, defuse, defuseLine, fence } from '../../../src/github/defuse.ts';
import { progressEnd, progressStart, replaceBlock } from '../../../src/github/markers.ts';
import { commentableLines, placeInDiff, shownLines } from '../../../src/github/outgoing/patch.ts';
import { reviewText, shownFile } from '../../../src/github/outgoing/review-body.ts';

describe('text of agents', () => {
  test('mentions nobody, in plain, escaped and encoded form', () => {
    for (const text of [
      '@octocat',
      '\\@octocat',
      '@octo/team',
      '&#64;octocat',
      '&commat;octocat',
      'a@b.io',
    ]) {
      expect(defuse(text)).not.toMatch(/@\w|&#|&commat;/);
    }
  });

  test('closes and references no issue', () => {
    for (const text of [
      'fixes #12',
      'Closes octo/app#12',
      'resolves GH-12',
      'closes https://github.com/o/r/issues/1',
      'fixes &#35;1',
    ]) {
      expect(defuse(text)).not.toMatch(/#\d|gh-\d|https:|&#/i);
    }
  });

  test('loads no picture, leads nowhere and offers no patch to click', () => {
    const text =
      '![x](https://e.io/a.png) [a](//e.io) [b][c]\n[c]: /x\nwww.e.io <https://e.io> <img src=x>\n```suggestion\nrm\n```';
    expect(defuse(text)).not.toMatch(/!\[|\]\(|\]\[|\]:|www\.|<[a-z]|https:|suggestion/i);
  });

  test('cannot forge or hide a mark of ours, in prose and in a code block', () => {
    const mark = '<!-- gump:progress -->';
    for (const text of [mark, `<!\u200b-- gump`, `<\u200b!-- gump:progress -->`]) {
      expect(defuse(text)).not.toContain('<!--');
      expect(fence(text, 1000)).not.toContain('<!--');
    }
  });

  test('ends its own code blocks, so that what we write behind it is seen', () => {
    expect(defuse('```js\nlet a;')).toBe('```js\nlet a;\n```');
    expect(defuse('```js\nlet a;\n```')).toBe('```js\nlet a;\n```');
    expect(defuse('````\n```\nstill open')).toBe('````\n```\nstill open\n````');
  });

  test('cannot end our code block', () => {
    const text = fence('a\n```\n@octocat\n````', 1000);
    expect(text.startsWith('`````text\n')).toBe(true);
    expect(text.endsWith('\n`````')).toBe(true);
  });

  test('carries no bytes in variation selectors, and no fillers that a page shows as nothing', () => {
    const hidden = '\ufe00\ufe0f\u{e0100}\u{e01ef}\u3164\uffa0\u115f\u034f\u{1d173}';
    for (const make of [defuse, defuseLine, (text: string) => fence(text, 1_000)])
      expect(make(`a${hidden}b`)).toContain('ab');
  });

  test('has no invisible, bidirectional, tag or control characters', () => {
    expect(clean('a\u202eb\u200bc\u{e0041}d\u001b[31me\u0007')).toBe('abcde');
  });

  test('stays in its table cell', () => {
    expect(defuseLine('a | b\n| c `d` \\| e')).toBe('a \\| b \\| c \\`d\\` \\\\\\| e');
  });
});

describe('text that is too long', () => {
  const text = Array.from({ length: 5_000 }, (_, i) => `line ${i}`).join('\n');

  test('is cut in the middle by whole lines and says how much is missing and where it is', () => {
    const cut = cutMiddle(text, { charactersMax: 1_000, rest: 'https://log' });
    expect(cut.length).toBeLessThanOrEqual(1_000);
    expect(cut.startsWith('line 0\n')).toBe(true);
    expect(cut.endsWith('line 4999')).toBe(true);
    expect(cut).toMatch(/\n… \d+ lines left out \(https:\/\/log\) …\n/);
  });

  test('fits with its fence, and one endless line fits too', () => {
    expect(fence(text, 65_535).length).toBeLessThanOrEqual(65_535);
    for (const max of [10, 100, 1_000])
      expect(cutMiddle('x'.repeat(10_000), { charactersMax: max }).length).toBeLessThanOrEqual(max);
  });
});

describe('lines that a review may comment on', () => {
  const patch = '@@ -1,3 +1,4 @@\n a\n+b\n c\n d\n@@ -10 +11,2 @@\n-x\n+y\n+z';

  test('are those that the diff shows on its new side', () => {
    expect(commentableLines(patch)).toEqual([
      { from: 1, to: 4 },
      { from: 11, to: 12 },
    ]);
    expect(commentableLines('@@ -1,3 +0,0 @@\n-a\n-b\n-c')).toEqual([]);
    expect(commentableLines(undefined)).toEqual([]);
  });

  test('a range stays within one hunk, or only its first line is taken', () => {
    const lines = commentableLines(patch);
    expect(placeInDiff(lines, 2, 4)).toEqual({ startLine: 2, line: 4 });
    expect(placeInDiff(lines, 3, 11)).toEqual({ startLine: null, line: 3 });
    expect(placeInDiff(lines, 7, undefined)).toBeNull();
    expect(placeInDiff(lines, undefined, undefined)).toBeNull();
  });

  test('what is outside of them goes into the body of the review', () => {
    const findings = [
      { path: './a.js', line: 2, body: 'In.' },
      { path: 'a.js', line: 99, body: 'Out.' },
      { path: 'b.js', body: 'No line, @octocat.' },
    ];
    const review = {
      externalId: 'r1/c#1/review',
      commit: 'c',
      reachable: true,
      shown: 'c',
      attempt: 1,
      gate: 'review',
      passed: false,
      scope: '0'.repeat(16),
      comments: '',
      findings,
    };
    const { body, comments } = reviewText(review, new Map([['a.js', shownFile(patch)]]), []) ?? unreachable();
    expect(comments).toMatchObject([{ path: 'a.js', line: 2, side: 'RIGHT' }]);
    expect(comments[0]?.body).toMatch(/^<!-- gump:finding 0{16} [0-9a-f]{16} - -->\nIn\.$/);
    expect(body.startsWith('<!-- gump:review r1/c#1/review -->\n')).toBe(true);
    expect(body).toContain('`a.js:99` Out.');
    expect(body).not.toContain('@octocat');
  });
});

test('a block is replaced where it is and appended where it is not', () => {
  const marks = { start: progressStart, end: progressEnd };
  const once = replaceBlock('spec', marks, 'one');
  expect(once).toBe(`spec\n\n${progressStart}\none\n${progressEnd}\n`);
  expect(replaceBlock(`${once}tail`, marks, 'two $& $1')).toBe(
    `spec\n\n${progressStart}\ntwo $& $1\n${progressEnd}\ntail`,
  );
});

test('the new side of a patch is known line by line, deleted lines and the end of the file left out', () => {
  const patch =
    '@@ -1,2 +1,3 @@\n one\n-two\n+zwei\n+drei\n@@ -9 +10 @@\n-x\n+y\n\\ No newline at end of file';
  expect([...shownLines(patch)]).toEqual([
    [1, 'one'],
    [2, 'zwei'],
    [3, 'drei'],
    [10, 'y'],
  ]);
});

function unreachable(): never {
  throw new Error('A review with findings says something.');
}
