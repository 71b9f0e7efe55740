import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutMiddle } from '../../src/template/cut.ts';

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('');

describe('cutMiddle', () => {
  it('leaves alone what fits', () => {
    expect(cutMiddle('a\nb\n', 4)).toBe('a\nb\n');
    expect(cutMiddle('', 0)).toBe('');
  });

  it('keeps head and tail by whole lines and says what is missing between them', () => {
    const cut = cutMiddle(lines(100), 200);
    const rows = cut.trimEnd().split('\n');
    const gap = rows.findIndex((row) => row.startsWith('[...'));
    expect(rows.slice(0, gap)).toEqual(Array.from({ length: gap }, (_, i) => `line ${i + 1}`));
    expect(rows.at(-1)).toBe('line 100');
    const left = 100 - (rows.length - 1);
    expect(rows[gap]).toMatch(
      new RegExp(`^\\[\\.\\.\\. ${left} lines \\(\\d+ bytes\\) left out \\.\\.\\.\\]$`),
    );
  });

  it('cuts within the lines where a line alone is too long', () => {
    const cut = cutMiddle(`start${'x'.repeat(10_000)}end`, 200);
    expect(cut.startsWith('startxxx')).toBe(true);
    expect(cut.endsWith('xxxend')).toBe(true);
    expect(cut).toContain('left out');
  });

  it('never passes the limit, never splits a character and says how many bytes are missing', () => {
    const text = fc.array(fc.constantFrom('a', '\n', 'é', '🙂', 'long words ', '\r\n'), { maxLength: 500 });
    fc.assert(
      fc.property(
        text.map((pieces) => pieces.join('')),
        fc.integer({ min: 0, max: 300 }),
        (whole, max) => {
          const cut = cutMiddle(whole, max);
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(Math.max(max, 0));
          expect(cut).not.toContain('\uFFFD');
          const told = /\((\d+) bytes\) left out/.exec(cut);
          if (!told) return;
          const [head = '', tail = ''] = cut.split(/\[\.\.\. \d+ lines? \(\d+ bytes\) left out \.\.\.\]\n/);
          expect(whole.endsWith(tail)).toBe(true);
          // The head's line end may be one that was added, so that the notice has a line of its own.
          const heads = [head, head.slice(0, -1)].filter((one) => whole.startsWith(one));
          const missing = heads.map((one) => Buffer.byteLength(whole) - Buffer.byteLength(one + tail));
          expect(missing).toContain(Number(told[1]));
        },
      ),
    );
  });
});
