import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { referencesIn } from '../../src/spec/references.ts';

const here = { owner: 'acme', repo: 'shop', number: 12, serverUrl: 'https://github.test' };

describe('issues that a text names', () => {
  it.each([
    ['See #7, #8 and #7 again; not #12 itself.', [7, 8]],
    ['- [ ] #3\n- [x] ACME/Shop#4', [3, 4]],
    ['(#5) https://github.test/acme/shop/issues/6#issuecomment-1', [5, 6]],
    ['other/repo#7 acme/shop2#8 x#9', []],
    ['https://github.test/other/repo/issues/7 https://evil.test/acme/shop/issues/8', []],
    ['https://github.test/acme/shop/pull/9', []],
    ['`#1` ``a ` #2`` \n```\n#3\n```\n    #4x', []],
    ['#0 #01 #9999999999 #1a &#35; ##5 a/#6 color: #123456', [123456]],
  ])('%j gives %j', (text, numbers) => {
    expect(referencesIn(text, here)).toEqual(numbers);
  });

  it.each(['#1 ', '`', 'a/b', 'https://', 'http://a/issues/', '- '])(
    'is quick with very many %j',
    (piece) => {
      const text = piece.repeat(Math.floor(limits.specBytesMax / 8 / piece.length));
      expect(referencesIn(text, here).length).toBeLessThanOrEqual(1);
    },
  );
});
