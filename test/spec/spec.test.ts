import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { cleanText } from '../../src/spec/clean.ts';
import { readSpec } from '../../src/spec/read.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const codesOf = (bytes: Uint8Array): readonly string[] => {
  const read = readSpec({ bytes, origin: 'spec.md' });
  return 'diagnostics' in read ? read.diagnostics.map((one) => one.code) : [];
};

describe('readSpec', () => {
  it('gives the text byte for byte with its hash where nothing is hidden', () => {
    const text = '# Title\r\n\r\nUse {id} and ${x}. Größe: 3\tm\n';
    expect(readSpec({ bytes: bytesOf(text), origin: 'spec.md' })).toEqual({
      spec: { text, hash: createHash('sha256').update(text).digest('hex'), origin: 'spec.md', removed: [] },
    });
  });

  it('refuses what is empty, blank or only hidden', () => {
    expect(codesOf(bytesOf(''))).toEqual(['spec-empty']);
    expect(codesOf(bytesOf(' \n\t\r\n'))).toEqual(['spec-empty']);
    expect(codesOf(bytesOf('<!-- a template -->\n\u200b'))).toEqual(['spec-empty']);
  });

  it('refuses what is not UTF-8 and says the line', () => {
    const read = readSpec({
      bytes: Buffer.concat([Buffer.from('ä\nb\nc '), Buffer.from([0xff])]),
      origin: 's.md',
    });
    expect(read).toMatchObject({ diagnostics: [{ code: 'spec-not-utf8', at: { file: 's.md', line: 3 } }] });
    expect(codesOf(Buffer.from([0xc3]))).toEqual(['spec-not-utf8']);
    expect(codesOf(Buffer.from('\ud800 x', 'utf16le'))).toEqual(['spec-not-utf8']);
  });

  it('refuses what is larger than the limit and takes what is as large', () => {
    expect(codesOf(bytesOf('a'.repeat(limits.specBytesMax)))).toEqual([]);
    expect(codesOf(bytesOf('a'.repeat(limits.specBytesMax + 1)))).toEqual(['spec-too-large']);
  });
});

describe('cleanText', () => {
  it.each([
    ['a comment', 'a<!-- hidden -->b', 'ab', ['1 HTML comment']],
    ['a comment over lines', 'a\n<!--\nhidden\n\nmore\n-->\nb', 'a\n\nb', ['1 HTML comment']],
    ['an unclosed comment at a line start', 'a\n\n<!-- hidden\nmore', 'a\n\n', ['1 HTML comment']],
    ['a processing instruction', 'a <?php hidden ?> b', 'a  b', ['1 HTML comment']],
    ['a declaration', 'a <!X hidden> b', 'a  b', ['1 HTML comment']],
    ['an image', 'a ![alt [x] text](http://h/i.png "title") b', 'a  b', ['1 image']],
    ['an image by label', 'a ![alt][label] b', 'a  b', ['1 image']],
    [
      'an image by its own label',
      'a ![x y] b\n\n[X  Y]: u',
      'a  b\n\n',
      ['1 hidden link definition', '1 image'],
    ],
    ['an image tag', 'a <img alt="x > y" src=z> b <IMG/>', 'a  b ', ['2 images']],
    [
      'a comment that is a link definition',
      'a\n\n[//]: # (hidden)\n\nb',
      'a\n\n\n\nb',
      ['1 hidden link definition'],
    ],
    [
      'definitions over lines and in quotes',
      '[a]: <u>\n  "hid\nden"\n> [b]: # (c)\n> d',
      '\n\n\n\n> d',
      ['2 hidden link definitions'],
    ],
    ['zero-width and bidi', 'a\u200b\u202e\u2066b\ufeff', 'ab', ['4 invisible characters']],
    ['tag characters', `a${String.fromCodePoint(0xe0041)}b`, 'ab', ['1 invisible character']],
    ['control characters', 'a\0\x1b[31mb\x85\rc', 'a[31mbc', ['4 control characters']],
    [
      'a comment put together by removal',
      '<!\u200b-- hidden -->a',
      'a',
      ['1 HTML comment', '1 invisible character'],
    ],
    ['a comment in a comment', '<!-<!-- x -->- hidden -->a', 'a', ['2 HTML comments']],
  ])('removes %s', (_what, text, expected, removed) => {
    expect(cleanText(text)).toEqual({ text: expected, removed });
  });

  it.each([
    ['a fence', '```html\n<!-- seen -->\n![a](b)\n<img src=x>\n```\n'],
    ['a fence of tildes', '~~~\n<!-- seen -->\n~~~\n'],
    ['a fence without an end', '```\n<!-- seen -->\n'],
    ['a fence in a list', '- item\n\n  ```\n  <!-- seen -->\n  ```\n'],
    ['a fence in a nested list', '1. a\n   - b\n     ```\n     <!-- seen -->\n     ```\n'],
    ['a fence in a quote', '> ```\n> <!-- seen -->\n> ```\n'],
    ['a definition that a link uses', '[a b]: http://e.test\n\nSee [A B].\n'],
    ['links, arrows and comparisons', '[a](b) a --> b, a <! b, vec![1], a < img > b\n'],
    ['line ends, tabs and text of all scripts', 'a\r\n\tb\n日本語 עברית 🙂\n'],
  ])('leaves %s as it is', (_what, text) => {
    expect(cleanText(text)).toEqual({ text, removed: [] });
  });

  it.each([
    ['a fence that its list ends', '- a\n  ```\n<!-- hidden -->\n  ```\n'],
    ['a fence within a comment', '<!--\n```\nhidden\n```\n-->\n'],
    ['a fence within HTML', '<div>\n```\n<!-- hidden -->\n```\n</div>\n'],
    ['a fence that is indented code', 'a\n\n    ```\n\n<!-- hidden -->\n\n    ```\n'],
    ['a fence that is closed before', '```\n```\n<!-- hidden -->\n```\n'],
  ])('is not deceived by %s', (_what, text) => {
    expect(cleanText(text).text).not.toContain('hidden');
  });

  it('removes invisible characters in fences too', () => {
    expect(cleanText('```\na\u202eb\n```').text).toBe('```\nab\n```');
  });

  const pieces = fc.constantFrom(
    '<!--',
    '-->',
    '<!',
    '<?',
    '?>',
    '>',
    '![',
    ']',
    '(',
    ')',
    '[',
    '<img ',
    '```',
    '~~~',
    '\n',
    '\r\n',
    '\r',
    '    ',
    '- ',
    '> ',
    'text',
    '"',
    '\\',
    '\u200b',
    '\0',
    '\ud800',
    '<div>',
    '[a]: ',
    '[b]: # (c)\n',
    '[a]',
    '\n\n',
  ); // prettier-ignore
  it('changes nothing when done again, so that the hash of a frozen spec holds', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const once = cleanText(parts.join('')).text;
        expect(cleanText(once)).toEqual({ text: once, removed: [] });
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['openings', '<!--'],
    ['openings of many kinds', '<?<!a<![CDATA['],
    ['images', '![]('],
    ['brackets', '!['],
    ['tags', '<img '],
    ['nested comments', '<!-<!-- x -->'],
    ['quotes', '> '],
    ['comments', '<!-- -->'],
    ['definitions', '[a]: b\n'],
    ['definitions that hide one another', '[a]: # (b)\n> '],
  ])('takes seconds at most for half a megabyte of %s', (_what, piece) => {
    const start = performance.now();
    const { text } = cleanText(piece.repeat(Math.floor(limits.specBytesMax / piece.length)));
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(cleanText(text).text).toBe(text);
  });
});
