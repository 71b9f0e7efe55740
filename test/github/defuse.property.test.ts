import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defuse, defuseLine, fence, harmlessLine } from '../../src/github/defuse.ts';
import { titleOf } from '../../src/github/outgoing/title.ts';
import { liveIn, liveWords } from './live.ts';

/** The same texts every time; `GUMP_SEED=7` looks elsewhere. */
const seed = Number(process.env.GUMP_SEED ?? 1);

/** What an agent might write to reach somebody, or something. */
const weapons = [
  '@octocat',
  '@octo/team',
  '\\@octocat',
  '&#64;octocat',
  '&commat;octocat',
  '@',
  'octocat',
  'a@b.test',
  'fixes #12',
  'Closes: octo/app#12',
  'resolve GH-12',
  'fixed https://github.com/o/r/issues/1',
  '#',
  '12',
  '&#35;',
  'GH-',
  '![a](https://evil.test/a.png)',
  '![a][b]',
  '![a]',
  '\n[a]: https://evil.test\n',
  '[b]: <//evil.test>',
  '!',
  '[',
  ']',
  '(',
  ')',
  '\\',
  '[a](https://evil.test)',
  '[a](//evil.test)',
  '<https://evil.test>',
  'https://evil.test',
  'www.evil.test',
  'ftp://evil.test',
  'mailto:a@b.test',
  'http',
  ':',
  '//',
  '<img src=x>',
  '<svg onload=x>',
  '<script>',
  '</details>',
  '<!-- gump:progress -->',
  '<!--',
  '-->',
  '<',
  '>',
  '<a href=x>',
  '<?x?>',
  '<![CDATA[',
  '&lt;img',
  '&',
  '`',
  '``',
  '```',
  '~~~',
  '````js',
  '\n',
  '\n\n',
  '    ',
  '> ',
  '- ',
  '# ',
  '|',
  '*',
  '_',
  '**',
  ' ',
  '\t',
  '\u200b',
  '\u202e',
  '\u2066',
  '\u{e0041}',
  '\u00ad',
  '\u001b[31m',
  '\r',
  '\0',
  'text',
  'über',
  '日本',
]; // prettier-ignore
const attack = fc.array(fc.constantFrom(...weapons), { maxLength: 30 }).map((parts) => parts.join(''));
const places = [
  ['prose: comments, reviews, summaries of checks', (text: string) => defuse(text)],
  ['prose that is cut', (text: string) => defuse(text, 60)],
  ['a cell of a table, a name', (text: string) => defuseLine(text)],
  ['a log', (text: string) => fence(text, 10_000)],
  ['a log that is cut', (text: string) => fence(text, 60)],
  ['prose within a quote of ours', (text: string) => `> ${defuse(text).replace(/\n/g, '\n> ')}`],
  ['prose within a list of ours', (text: string) => `- \`x\` ${defuse(text).replace(/\n/g, '\n  ')}`],
] as const;

describe('nothing is live in what goes out', () => {
  test.each(places)('as %s', (_what, make) => {
    fc.assert(
      fc.property(attack, (text) => {
        expect(liveIn(make(text))).toEqual([]);
        // Nor does it swallow what we write behind it.
        expect(liveIn(`${make(text)}\n\nour @octocat`)).toEqual(['mention octocat']);
      }),
      { numRuns: 600, seed },
    );
  });

  test.each([
    ['the title of a check, the subject of a commit', (text: string) => harmlessLine(text)],
    ['the title of a pull request', (text: string) => titleOf(text, 'octo/app')],
  ])('as %s, which no parser of markdown reads', (_what, make) => {
    fc.assert(
      fc.property(attack, (text) => {
        expect(liveWords(make(text))).toEqual([]);
        expect(make(text)).not.toMatch(/[\n\r\0\u001b]|<!--/);
      }),
      { numRuns: 600, seed },
    );
  });
});

describe('what is harmless stays as legible as it was', () => {
  const shown = (text: string): string => text.replaceAll('\u200b', '');

  test.each([
    'The function `add(a, b)` returns `a - b`; it must return `a + b`.',
    '**Bold**, _slanted_, ~~gone~~ and 3 < 4 & 5 > 2.\n\n- one\n- two\n\n1. first\n\n> quoted',
    '```js\nconst a = [1, 2][0];\n```\n\nThen `npm test`.',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '日本語, Größe, עברית, 🙂 and C#.',
  ])('%j', (text) => {
    expect(shown(defuse(text))).toBe(text);
  });

  test.each([
    ['Thanks @octocat, fixes #12', 'Thanks @octocat, fixes #12'],
    ['see https://example.test/a?b=c#d', 'see https://example.test/a?b=c#d'],
    ['![shot](a.png)', '![shot](a.png)'],
    ['<b>x</b>', '<b>x</b>'],
  ])('%j reads as it was written', (text, read) => {
    expect(shown(defuse(text))).toBe(read);
    expect(defuse(text)).not.toBe(text);
  });

  test('and defusing twice changes nothing more', () => {
    fc.assert(
      fc.property(attack, (text) => {
        const once = defuse(text);
        expect(shown(defuse(once))).toBe(shown(once));
      }),
      { numRuns: 300, seed },
    );
  });
});
