import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { respell } from '../../src/workflow/spellings.ts';
import { problemsOf, readPrompt } from './problems-of.ts';

const folder = new URL('../fixtures/workflows/invalid/', import.meta.url);
const seeds = [
  readFileSync(new URL('../../workflows/implement-spec.yaml', import.meta.url), 'utf8'),
  readFileSync(new URL('../../workflows/validators/arch-review.yaml', import.meta.url), 'utf8'),
  ...readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8')),
];

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '"',
      "'",
      '|\n',
      '>\n',
      '&a ',
      '*a',
      '!!map ',
      '!x ',
      '? ',
      '\t',
      '\n',
      '\r',
      '#',
    ],
    ...[
      '---\n',
      '...\n',
      '%YAML 9\n',
      '<<: ',
      'null',
      '~',
      '__proto__: ',
      'constructor: ',
      '\u2028',
      '\ud800',
      '\uFEFF',
    ],
    ...[
      'session: from: a',
      '- validate: a\n      b: c',
      '{a.b}',
      '{{',
      'retry: ',
      'gate: ',
      'each: ',
      '\u001f',
      '\u0018',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat({ max: 40 }),
  piece,
});
const broken = fc
  .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([seed, mutations]) =>
    mutations.reduce((text, { at, cut, piece: added }) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + added + text.slice(start + cut);
    }, seed),
  );

describe('a broken file', () => {
  it('never throws, and has places that exist', () => {
    fc.assert(
      fc.property(broken, (text) => {
        const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
        const lines = text.replace(/^\uFEFF/, '').split('\n');
        expect(workflow === null).toBe(diagnostics.some((one) => one.severity === 'error'));
        for (const { at } of diagnostics) {
          if (at === undefined) continue;
          expect(at.line).toBeLessThanOrEqual(lines.length);
          expect(at.column).toBeGreaterThanOrEqual(1);
          expect(at.column).toBeLessThanOrEqual((lines[at.line - 1]?.length ?? 0) + 1);
        }
        expect(typeof problemsOf('w.yaml', text)).toBe('string');
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws for any text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        const { diagnostics } = parseWorkflow({ file: 'w.yaml', text: pieces.join(''), readPrompt });
        expect(diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: 3_000 },
    );
  });

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
    const start = performance.now();
    const problems = problemsOf('w.yaml', `name: x\nsteps:\n${body}`);
    expect(problems).not.toBe('');
    expect(problems.split('\n').length).toBeLessThan(2_100);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('the spellings of the documentation', () => {
  it('change no line count, and every column is told as it was', () => {
    fc.assert(
      fc.property(broken, (text) => {
        const respelt = respell(text);
        const before = text.split('\n');
        const after = respelt.text.split('\n');
        expect(after.length).toBe(before.length);
        after.forEach((line, number) => {
          for (let column = 0; column < line.length; column++) {
            const character = line[column];
            const was = before[number]?.[respelt.column(number, column)];
            const isAdded = line !== before[number] && (character === '{' || character === '}');
            if (!isAdded) expect(was).toBe(character);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

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

describe('a workflow of a thousand steps', () => {
  it('is read, and says how long that took', () => {
    const step = (i: number): string =>
      `  - name: s${i}\n    type: code\n    prompt: |\n      Do {spec}\n      {s${Math.max(0, i - 1)}.output}\n    gate: [compile, test]\n    retry:\n      - {attempt: 2, session: new}\n      - exit: 3\n`;
    const steps = Array.from({ length: 1_000 }, (_, i) => step(i))
      .join('')
      .replace('{s0.output}', '');
    const start = performance.now();
    const { workflow } = parseWorkflow({ file: 'w.yaml', text: `name: x\nsteps:\n${steps}`, readPrompt });
    console.log(`1,000 steps: ${Math.round(performance.now() - start)} ms`);
    expect(workflow?.steps).toHaveLength(1_000);
    expect(problemsOf('w.yaml', `name: x\nsteps:\n${steps}`)).toBe('');
  });
});
