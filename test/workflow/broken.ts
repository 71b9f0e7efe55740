/** Workflow files as nobody should write them: mutations of real ones, attacks on YAML readers, plain noise. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { fields, keysOf, type Place } from '../../src/workflow/fields.ts';

const root = new URL('../../', import.meta.url);
const filesIn = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .toSorted()
    .map((file) => readFileSync(new URL(`${folder}${file}`, root), 'utf8'));

const seeds = [...filesIn('workflows/'), ...filesIn('test/fixtures/workflows/')];

/** Words that YAML, the three spellings, templates or JavaScript take for more than text; separated by `¦`. */
const words =
  '{¦}¦[¦]¦: ¦- ¦"¦\'¦|\n¦>\n¦|2-\n¦&a ¦*a¦!!map ¦!!binary ¦!!set ¦!!js/function ¦!x ¦? ¦\t¦\n¦\r\n¦\r¦#¦,¦---\n¦...\n¦%YAML 1.1\n¦%TAG ! x\n¦<<: *a¦<<: ¦null¦~¦yes¦0o7¦.inf¦2026-11-01¦__proto__: ¦constructor: ¦toString: ¦\u2028¦\ud800¦\uFEFF¦\0¦\u001f¦\u0018¦\u202e¦session: from: a¦- validate: a\n      b: c¦{a.b}¦{{¦}}¦{spec}¦{{{a}¦${x}¦retry: ¦gate: ¦each: ¦steps: '.split(
    '¦',
  );

/** A piece of a file. */
const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...words), weight: 4 },
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

type Change = (text: string) => string;
const cutAndPut = fc.record({ at: place, cut: fc.nat({ max: 40 }), put: piece }).map(
  ({ at, cut, put }): Change =>
    (text) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + put + text.slice(start + cut);
    },
);
const moveLine = fc.record({ from: place, to: place, indent: fc.integer({ min: -4, max: 8 }) }).map(
  ({ from, to, indent }): Change =>
    (text) => {
      const lines = text.split('\n');
      const [line = ''] = lines.splice(Math.floor(from * lines.length), 1);
      lines.splice(
        Math.floor(to * lines.length),
        0,
        indent < 0 ? line.slice(-indent) : ' '.repeat(indent) + line,
      );
      return lines.join('\n');
    },
);
const repeatLines = fc
  .record({ from: place, count: fc.integer({ min: 1, max: 8 }), times: fc.integer({ min: 2, max: 40 }) })
  .map(
    ({ from, count, times }): Change =>
      (text) => {
        const lines = text.split('\n');
        const start = Math.floor(from * lines.length);
        const some = lines.slice(start, start + count);
        return lines.toSpliced(start, 0, ...Array.from({ length: times }, () => some).flat()).join('\n');
      },
  );
const respace = fc.constantFrom<Change>(
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text.replaceAll('  ', '\t'),
  (text) => `\uFEFF${text}`,
  (text) => text.replaceAll('\n', '\n\uFEFF'),
  (text) => text.replaceAll(': ', ':'),
  (text) => text.replaceAll(' ', ''),
  (text) => `${text}---\n${text}`,
  (text) => `a: &a\n${text.replace(/^(?=.)/gm, '  ')}b: [*a, *a]\n<<: *a\n`,
);
const change = fc.oneof({ arbitrary: cutAndPut, weight: 6 }, moveLine, repeatLines, respace);
const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 5 }))
  .map(([seed, changes]) => changes.reduce((text, apply) => apply(text), seed));

/** Any bytes, as a reader of UTF-8 takes them. */
const noise = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes).toString('utf8'));
const pieces = fc.array(piece, { maxLength: 120 }).map((all) => all.join(''));

/** Data of any shape under the keys that a workflow has. */
const keys = [...new Set((Object.keys(fields) as Place[]).flatMap(keysOf)), 'typo', '__proto__', ''];
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'code',
      'split',
      'validate',
      'test',
      'compile',
      'new',
      'pass',
      'reset',
      'a',
      '{spec}',
      '../x',
      '30m',
      true,
      null,
      0,
      1,
      -1,
      1.5,
    ),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  ),
}));
const step = fc.dictionary(fc.constantFrom(...keysOf('step')), value, { maxKeys: 8 });
const shaped = fc
  .record({ name: value, steps: fc.oneof(value, fc.array(step, { maxLength: 6 })), isFlow: fc.boolean() })
  .map(({ isFlow, ...data }) =>
    isFlow ? JSON.stringify(data) : stringify(data, { aliasDuplicateObjects: false }),
  );

/** Each level holds the one before several times: small to write, without end to expand. */
const exploding = fc
  .record({
    levels: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 12 }),
    isMap: fc.boolean(),
  })
  .map(({ levels, width, isMap }) => {
    const level = (number: number): string => {
      const inner = number === 0 ? 'x' : `*a${number - 1}`;
      const items = Array.from({ length: width }, (_, index) => (isMap ? `k${index}: ${inner}` : inner)).join(
        ', ',
      );
      return `  a${number}: &a${number} ${isMap ? `{${items}}` : `[${items}]`}\n`;
    };
    const body = Array.from({ length: levels }, (_, number) => level(number)).join('');
    return `name: x\ninputs:\n${body}steps: *a${levels - 1}\n`;
  });

const openers = [
  '[',
  '{',
  '{a: ',
  '[{a: ',
  '- ',
  '? ',
  '- - - ',
  '&a ',
  '!x ',
  '"',
  '|\n ',
  '{{',
  '{a}',
  'a: ',
  '- validate: x\n    y: z\n',
  '- {nmae: x}\n',
  '*a, ',
  'k: &k [*k]\n',
];
/** One thing, thousands of times, within a file or alone; sometimes beyond what a file may have. */
const repeated = fc
  .record({
    unit: fc.oneof(fc.constantFrom(...openers), piece),
    size: fc.constantFrom(1_000, 30_000, 300_000, 1_048_600),
    isInside: fc.boolean(),
  })
  .map(({ unit, size, isInside }) => {
    const body = unit.repeat(Math.max(1, Math.floor(size / Math.max(1, unit.length))));
    return isInside ? `name: x\nsteps:\n${body}` : body;
  });
/** Every level one column further right. */
const stairs = fc
  .record({
    depth: fc.integer({ min: 2, max: 700 }),
    unit: fc.constantFrom('a:', '- a:', '? a\n:', 'steps:\n'),
  })
  .map(({ depth, unit }) =>
    Array.from({ length: depth }, (_, level) => `${' '.repeat(level * 2)}${unit}\n`).join(''),
  );
const hugeScalar = fc
  .record({
    size: fc.constantFrom(5_000, 200_000, 1_000_000),
    style: fc.constantFrom('plain', 'double', 'single', 'block', 'folded'),
    unit: piece,
  })
  .map(({ size, style, unit }) => {
    const text = unit
      .replace(/[\r\n]/g, ' ')
      .repeat(Math.max(1, Math.floor(size / Math.max(1, unit.length))));
    const written = {
      plain: text,
      double: JSON.stringify(text),
      single: `'${text.replaceAll("'", "''")}'`,
      block: `|\n      ${text}`,
      folded: `>-\n      ${text}`,
    };
    return `name: x\nsteps:\n  - name: a\n    type: code\n    prompt: ${written[style]}\n    gate: [test]\n`;
  });

/** Any of them; the large ones seldom, so that many fit into a second. */
export const brokenFile: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: mutated, weight: 40 },
  { arbitrary: shaped, weight: 25 },
  { arbitrary: pieces, weight: 10 },
  { arbitrary: noise, weight: 10 },
  { arbitrary: exploding, weight: 6 },
  { arbitrary: stairs, weight: 2 },
  { arbitrary: repeated, weight: 2 },
  { arbitrary: hugeScalar, weight: 1 },
);
