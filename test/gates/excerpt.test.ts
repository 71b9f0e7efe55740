import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDigest } from '../../src/gates/digest.ts';
import { headAndTail, plainText, usefulPart } from '../../src/gates/excerpt.ts';

function noise(count: number, word = 'ok - passing'): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`);
}

describe('the plain text of an output', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m \u001b[38;5;1mmore\u001b[m', 'red more'],
    ['links', '\u001b]8;;http://x\u0007text\u001b]8;;\u0007', 'text'],
    ['the past of a progress line', 'one\n10%\r20%\rdone\nlast', 'one\ndone\nlast'],
    ['line ends of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['control characters', 'a\u0000b\u0007c\td', 'abc\td'],
    ['colours of one byte', '\u009b31mred\u009b0m', 'red'],
    ['a progress line that is cleared at its end', '10%\rdone\r', 'done'],
    ['the past of many progress lines', '1\r2\r\r\n\r3\r4', '2\n4'],
  ])('has no %s', (_what, output, expected) => {
    expect(plainText(output)).toBe(expected);
  });
});

describe('the useful part of an output', () => {
  it('is all of it where it fits', () => {
    expect(usefulPart('\u001b[1ma\nb\n\n', 100)).toBe('a\nb');
  });

  it.each([
    [
      'node --test, TAP',
      ['not ok 7 - adds', '  ---', "  error: 'Expected values to be strictly equal: 2 !== 3'", '  ...'],
    ],
    ['node --test, spec', ['✖ failing tests:', '✖ adds (1ms)', '  AssertionError [ERR_ASSERTION]: 2 !== 3']],
    ['vitest', [' FAIL  a.test.ts > adds', 'AssertionError: expected 2 to be 3', '- Expected', '+ Received']],
    ['tsc', ["src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'."]],
    ['go', ['--- FAIL: TestAdd (0.00s)', '    add_test.go:9: got 2, want 3']],
    ['pytest', ['>       assert add(1, 1) == 3', 'E       assert 2 == 3', 'test_add.py:5: AssertionError']],
    [
      'cargo',
      [
        "thread 'tests::adds' panicked at src/lib.rs:9:9:",
        'assertion `left == right` failed',
        '  left: 2',
        ' right: 3',
      ],
    ],
  ])('keeps the failing lines of %s amid thousands of others', (_what, failing) => {
    const output = [...noise(3_000), ...failing, ...noise(3_000)].join('\n');
    const part = usefulPart(output, 4_000);
    expect(part).toContain(failing.join('\n'));
    expect(part).toContain('ok - passing 0\n');
    expect(part.endsWith('ok - passing 2999')).toBe(true);
    expect(part).toMatch(/… \d+ lines left out …/);
    expect(Buffer.byteLength(part)).toBeLessThanOrEqual(4_000);
  });

  it('keeps the first failures where there are too many', () => {
    const output = Array.from({ length: 5_000 }, (_, index) => `not ok ${index} - broken`).join('\n');
    expect(usefulPart(output, 2_000)).toContain('not ok 0 - broken\nnot ok 1 - broken');
  });

  it('keeps the real output of node --test with hundreds of passing tests', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gump-excerpt-'));
    try {
      const lines = ["const test = require('node:test'); const assert = require('node:assert/strict');"];
      for (let i = 0; i < 800; i++) lines.push(`test('passes number ${i} of many', () => {});`);
      lines.splice(300, 0, "test('the broken one', () => assert.equal('actual text', 'wanted text'));");
      writeFileSync(path.join(folder, 'many.test.js'), lines.join('\n'));
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      for (const reporter of ['spec', 'tap']) {
        const run = spawnSync(process.execPath, ['--test', `--test-reporter=${reporter}`], {
          cwd: folder,
          env,
          encoding: 'utf8',
        });
        expect(run.status).toBe(1);
        const part = usefulPart(run.stdout, 8_000);
        expect(part).toContain('the broken one');
        expect(part).toMatch(/actual text'?\s*!==|actual: 'actual text'/);
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(8_000);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('names every failing test as far as half of the room allows, and explains the first', () => {
    const failures = Array.from({ length: 60 }, (_, n) => [
      `--- FAIL: Test${n} (0.00s)`,
      `    a_test.go:9: got ${n}, want 7`,
    ]);
    const output = [...noise(2_000), ...failures.flatMap((lines) => [...lines, ...noise(30)])].join('\n');
    const part = usefulPart(output, 12_000);
    for (let n = 0; n < 60; n++) expect(part).toContain(`--- FAIL: Test${n} (`);
    expect(part).toContain('got 0, want 7');
    expect(Buffer.byteLength(part)).toBeLessThanOrEqual(12_000);
  });

  it('never exceeds its limit, whatever the output is', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('not ok', 'Error: x', '€'.repeat(3_000)),
    );
    return fc.assert(
      fc.property(
        fc.array(line, { maxLength: 200 }),
        fc.integer({ min: 300, max: 5_000 }),
        (lines, bytesMax) => {
          for (const cut of [usefulPart, headAndTail]) {
            expect(Buffer.byteLength(cut(lines.join('\n'), bytesMax))).toBeLessThanOrEqual(bytesMax);
          }
        },
      ),
    );
  });
});

describe('head and tail', () => {
  it('are whole lines from both ends', () => {
    const text = noise(1_000, 'line').join('\n');
    const cut = headAndTail(text, 500);
    expect(cut.startsWith('line 0\nline 1\n')).toBe(true);
    expect(cut.endsWith('\nline 998\nline 999')).toBe(true);
    expect(cut).toMatch(/\n… \d+ lines left out …\n/);
  });

  it('are the text itself where it fits', () => {
    expect(headAndTail('a\nb\n', 4)).toBe('a\nb\n');
  });
});

describe('the digest of an output that streams by', () => {
  const digestOf = (lines: readonly string[], bytesMax: number) => {
    const digest = createDigest(bytesMax);
    for (const line of lines) digest.add(line);
    return digest.text();
  };

  it('is all of it where it fits, as plain lines', () => {
    expect(digestOf(['\u001b[31ma\u001b[0m', '1%\r2%', 'b'], 1_000)).toBe('a\n2%\nb\n');
    expect(digestOf([], 1_000)).toBe('');
  });

  it('keeps the one assertion in the middle of 100,000 lines, what stands around it, both ends, and counts the rest', () => {
    const failure = ['--- FAIL: TestAdd', '    a_test.go:9: got 2, want 3'];
    const text = digestOf([...noise(50_000), 'run TestAdd', ...failure, ...noise(50_000)], 64 * 1024);
    expect(text).toContain(`run TestAdd\n${failure.join('\n')}\nok - passing 0\n`);
    expect(text.startsWith('ok - passing 0\nok - passing 1\n')).toBe(true);
    expect(text.endsWith('ok - passing 49998\nok - passing 49999\n')).toBe(true);
    const left = [...text.matchAll(/… (\d+) lines left out …/g)].reduce(
      (all, [, count]) => all + Number(count),
      0,
    );
    const kept = text.split('\n').filter((line) => line !== '' && !line.includes('left out')).length;
    expect(left + kept).toBe(100_003);
  });

  it('keeps the names of failures where there are too many to keep what stands around them', () => {
    const noisy = Array.from({ length: 20_000 }, (_, n) => `error: something ${n}`);
    const text = digestOf([...noise(2_000), ...noisy, 'not ok 7 - the true one', ...noise(2_000)], 32 * 1024);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(34 * 1024);
    expect(usefulPart(text, 8_000)).toContain('error: something 0');
  });

  it('never exceeds its limit by more than the lines that tell of gaps', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('not ok 1', 'Error: x', '', '€'.repeat(3_000)));
    return fc.assert(
      fc.property(
        fc.array(line, { maxLength: 300 }),
        fc.integer({ min: 1_000, max: 9_000 }),
        (lines, bytesMax) => {
          expect(Buffer.byteLength(digestOf(lines, bytesMax))).toBeLessThanOrEqual(bytesMax + 200);
        },
      ),
    );
  });
});
