import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { specFromIssue } from '../../src/spec/from-issue.ts';
import { qualityOf, rulesCount } from '../../src/spec/quality.ts';
import { specFromText } from '../../src/spec/spec.ts';

const good = [
  'The total in `src/cart/total.js` ignores the discount: for 10.00 and 20 % it returns 10.00, and it must return 8.00.',
  '## Acceptance criteria',
  '- `total([10], 0.2)` returns 8.00',
].join('\n\n');

const codes = (body: string, title = 'Add a discount'): readonly string[] => {
  const spec = specFromIssue({ number: 12, title, body, comments: [], origin: 'acme/shop#12' });
  return qualityOf(spec).map(({ code }) => code);
};

describe('the quality of a spec', () => {
  it('has no remark where an issue says what, where and how one sees it', () => {
    expect(codes(good)).toEqual([]);
  });

  it.each([
    ['no-criteria', good.replace('Acceptance criteria', 'Notes')],
    ['too-short', '## Done when\n\n`a.js` is there'],
    ['too-short', ''],
    ['vague', good.replaceAll('returns', 'returns somehow, nicer, more robust')],
    [
      'no-paths',
      'The sum in the cart forgets the discount of the customer.\n\n## Acceptance criteria\n\n- a sum of 10 with 20 percent off must be 8',
    ],
    [
      'no-reproduction',
      'The cart is broken whenever somebody comes with a discount, in `cart.js` at least.\n\n## Done when\n\nit works',
    ],
    ['open-questions', `${good}\n\n[NEEDS CLARIFICATION: round how?] TBD`],
    ['unanswered', `${good}\n\n### Version\n\n_No response_`],
    ['too-large', `${good}\n\n${'word '.repeat(2_600)}`],
    ['too-many', `${good}\n\n## Tasks\n\n${'- [ ] one more\n'.repeat(21)}`],
    ['pictures', `${good}\n\n![screen](https://e.test/a.png)`],
    ['elsewhere', `${good}\n\nThe details are as described in https://wiki.test/page.`],
    ['collapsed', `${good}\n\n<details>\n\nmore\n\n</details>`],
  ])('%s is told', (code, body) => {
    expect(codes(body)).toContain(code);
  });

  it('has a test for each of its rules', () => {
    expect(rulesCount).toBe(12);
  });

  it('is the same every time, and each remark ends with an advice', () => {
    const spec = specFromIssue({
      number: 1,
      title: 'Make it better',
      body: '',
      comments: [],
      origin: 'a/b#1',
    });
    expect(qualityOf(spec)).toEqual(qualityOf(spec));
    for (const { text } of qualityOf(spec)) expect(text).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
  });

  it('does not judge what a linked issue says, and takes scenarios for criteria', () => {
    const linked = [{ number: 7, title: 'TBD', body: 'TBD TBD\n\n## Acceptance criteria\n\n- TBD' }];
    const body = good.replace('## Acceptance criteria', 'Given a cart,\nwhen it is summed, then:');
    const spec = specFromIssue({ number: 12, title: 'T', body, comments: [], linked, origin: 'a/b#12' });
    expect(qualityOf(spec)).toEqual([]);
  });

  it('is told of a file that was written by hand too', () => {
    expect(qualityOf(specFromText('Fix it.', 'x')).map(({ code }) => code)).toEqual([
      'no-criteria',
      'too-short',
      'no-paths',
    ]);
  });

  it.each([
    ['given when '],
    ['see http://'],
    ['[NEEDS CLARIFICATION '],
    ['a/'],
    ['`a'],
    ['a.b-'],
    ['## a\n'],
    ['- [ ] '],
    ['better '],
  ])(
    'takes a moment for very long texts of %j',
    (piece) => {
      const text = piece.repeat(Math.floor(limits.specBytesMax / 4 / piece.length));
      expect(qualityOf({ text, removed: [] }).length).toBeLessThanOrEqual(rulesCount);
    },
    20_000,
  );
});
