import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { createGlob } from '../../src/workflow/glob.ts';

describe('a glob', () => {
  it.each([
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/deep/a.ts', false],
    ['src/**', 'src/deep/a.ts', true],
    ['src/**', 'src', false],
    ['*/**', 'a.ts', false],
    ['src/**/a.ts', 'src/a.ts', true],
    ['**/a.ts', 'a.ts', true],
    ['**', 'new\nline/and\u2028more', true],
    ['a**b', 'axyb', true],
    ['a**b', 'ax/yb', false],
    ['?.ts', 'é.ts', true],
    ['?.ts', '😀.ts', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]x', ']x', true],
    ['a[', 'a[', true],
    ['src/[id]/page.tsx', 'src/[id]/page.tsx', true],
    ['src/[id]/page.tsx', 'src/i/page.tsx', true],
    ['app/(shop)/**', 'app/(shop)/page.tsx', true],
    ['app/(shop)/**', 'app/shop/page.tsx', false],
    ['!a', '!a', true],
    ['!a', 'b', false],
    ['+(a)', 'aa', false],
    ['\\*.ts', '*.ts', true],
    ['\\*.ts', 'a.ts', false],
    ['a\\', 'a\\', true],
    ['*', '.env', true],
    ['README.md', 'readme.md', false],
    ['é', 'e\u0301', false],
    ['constructor', 'constructor', true],
    ['__proto__', 'constructor', false],
    ['./a//b', 'a/b', true],
    ['/a', 'a', true],
    ['../a', 'a', false],
    ['', 'a', false],
    ['-rf', '-rf', true],
    ['{a,b}/*.{js,ts}', 'b/x.ts', true],
  ])('%j and the path %j: %s', (glob, path, expected) => {
    expect(createGlob(glob)(path)).toBe(expected);
  });

  it('means what picomatch takes it for, where it has neither brackets nor parentheses', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', '.', '*', '?', '/', '**/', '/**'), { maxLength: 10 });
    const path = fc.array(fc.constantFrom('a', 'b', '.a', 'ab', 'ba.b'), { minLength: 1, maxLength: 5 });
    return fc.assert(
      fc.property(glob, path, (parts, segments) => {
        const text = parts.join('');
        // Where a slash is doubled, or a dot stands alone, or stars touch, picomatch has ways of its own.
        // `src/**` is nothing but what lies below.
        fc.pre(!text.endsWith('/**'));
        fc.pre(!/\/\/|\*{3}|[^/]\*\*|\*\*[^/]|\?\*|\*\?/.test(text) && !/(^|\/)\.*(\/|$)/.test(text));
        const found = segments.join('/');
        expect([text, found, createGlob(text)(found)]).toEqual([
          text,
          found,
          picomatch(text, { dot: true, nonegate: true })(found),
        ]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['(a+)+b', 'a'.repeat(200)],
    ['*(*(a))b', 'a'.repeat(200)],
    [`${'*a'.repeat(100)}b`, 'a'.repeat(255)],
    [`${'**/'.repeat(50)}b`, 'a/'.repeat(2_000)],
    [`${'**/*'.repeat(50)}b`, `${'a'.repeat(100)}/`.repeat(40)],
    ['['.repeat(300), '['.repeat(300)],
    ['{a,b}'.repeat(60), 'a'.repeat(60)],
  ])('ends soon, whatever pattern and name are: %.20s', (glob, path) => {
    const started = performance.now();
    createGlob(glob)(path);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('never throws', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'[]{}()*?!^\\/.,a-c') }));
    return fc.assert(
      fc.property(text, text, (glob, path) => {
        expect(() => createGlob(glob)(path)).not.toThrow();
      }),
    );
  });
});
