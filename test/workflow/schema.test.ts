import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { Diagnostic } from '../../src/diagnostic.ts';
import { fieldOf, fields, keysOf, type Place } from '../../src/workflow/fields.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { respell } from '../../src/workflow/spellings.ts';
import type { StepKind } from '../../src/workflow/workflow.ts';
import { diagnose, readPrompt } from './problems-of.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const schema = JSON.parse(read('docs/workflow.schema.json'));
const ajv = new Ajv({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
});
for (const keyword of ['deprecationMessage', 'patternErrorMessage']) ajv.addKeyword(keyword);
const validate = ajv.compile(schema);

/** What an editor sees of a file: data of strict YAML 1.2; undefined where it is none. */
function dataOf(text: string): unknown {
  try {
    const document = parseDocument(respell(text).text, { merge: false, prettyErrors: false });
    return document.errors.length > 0 ? undefined : JSON.parse(JSON.stringify(document.toJS()));
  } catch {
    // Aliases that explode, or lead nowhere.
    return undefined;
  }
}

function problemsOf(text: string): string {
  return validate(dataOf(text)) ? '' : ajv.errorsText(validate.errors);
}

describe('the schema for editors', () => {
  it('is a schema of draft-07, and every object in it is closed', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(ajv.validateSchema(schema)).toBe(true);
    const places = [schema, ...Object.values<Record<string, unknown>>(schema.definitions)].filter(
      (one) => one.properties,
    );
    expect(places.map((one) => one.additionalProperties)).not.toContain(undefined);
  });

  it('knows every key of the table, each with a title and what it means', () => {
    const untold = (Object.keys(fields) as Place[]).flatMap((place) =>
      keysOf(place).filter((key) => {
        const { doc = '' } = fieldOf(place, key) ?? {};
        return !JSON.stringify(schema).includes(JSON.stringify(doc).slice(1, -1));
      }),
    );
    expect(untold).toEqual([]);
    const { step, guard } = schema.definitions;
    expect(Object.keys(step.properties)).toEqual(keysOf('step'));
    expect(step.properties.parallel).toMatchObject({ type: 'boolean', default: false });
    expect(step.properties.type.enum).toEqual(['code', 'split', 'validate']);
    expect(step.properties.type.title).toBe('type: one of `code`, `split`, `validate`');
    expect(guard.properties.max_turns.title).toContain('whole number');
    expect(schema.properties.review).toMatchObject({ deprecated: true });
  });

  const shipped = readdirSync(new URL('workflows/', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `workflows/${file}`);
  it.each([...shipped, 'test/fixtures/workflows/implement-spec.strict.yaml'])(
    'takes %s in strict YAML',
    (file) => {
      expect(problemsOf(read(file))).toBe('');
    },
  );
});

/**
 * Whether a schema can express a problem: always, never (what names mean, what order things stand in, what is elsewhere), or
 * here and there.
 */
const expressible: Readonly<Record<string, boolean | 'partly'>> = {
  'unknown-key': true,
  'wrong-type': true,
  'missing-key': true,
  'missing-kind': true,
  'missing-value': true,
  'unknown-type': true,
  'reserved-type': true,
  'two-places': true,
  'misplaced-key': true,
  'one-of': true,
  'retry-exit': true,
  'not-a-name': true,
  'wrong-key': true,
  'too-complex': true,
  empty: true,
  'unknown-gate': 'partly',
  'bad-path': 'partly',
  nul: 'partly',
  encoding: 'partly',
  'unknown-name': false,
  'unknown-step': false,
  'unknown-agent': false,
  'ambiguous-gate': false,
  'duplicate-name': false,
  'duplicate-key': false,
  'retry-order': false,
  'no-effect': false,
  'prompt-file': false,
  'unknown-validator': false,
  'unknown-workflow': false,
  'missing-input': false,
  'unused-input': false,
  cycle: false,
  'no-agent': false,
  'reserved-name': false,
  'too-many-steps': false,
  deprecated: false,
  yaml: 'partly',
};

/** What the schema should say of a file with these problems: refused, taken, or either of them. */
function expectedOf(diagnostics: readonly Diagnostic[]): 'refused' | 'taken' | 'either' {
  const known = diagnostics.map(({ code }) => expressible[code]);
  if (known.includes(undefined))
    throw new Error(`say whether a schema can express ${JSON.stringify(diagnostics)}`);
  if (known.includes(true)) return 'refused';
  return known.includes('partly') ? 'either' : 'taken';
}

describe('the schema and the wrong workflows', () => {
  const folder = 'test/fixtures/workflows/invalid/';
  const files = readdirSync(new URL(folder, root)).filter((file) => file.endsWith('.yml'));
  const answers = files.flatMap((file) => {
    const text = read(folder + file);
    // An editor tells broken syntax before it asks the schema.
    if (dataOf(text) === undefined) return [];
    const answer = problemsOf(text) === '' ? 'taken' : 'refused';
    return [{ file, answer, expected: expectedOf(diagnose(file, text)) }];
  });

  it('refuses those whose mistake it can express, and takes the others', () => {
    const wrong = answers.filter(({ answer, expected }) => expected !== 'either' && expected !== answer);
    expect(wrong).toEqual([]);
    expect(answers.filter(({ answer }) => answer === 'refused').length).toBeGreaterThan(40);
  });
});

/** Values as a file writes them, between `;`. (`{a: null}` is not among them: to a schema it is the same as `{a}`.) */
const samples = `
  ; ""; " "; a; -x; a b; 1; 0; -1; 1.5; 100; 101; "20.00"; "0"; "3.0"; true; false; null; 2026-11-01; 0x10; 1e3
  ; []; [a]; [test]; [{exit: 2}]; [{file: a}]; [{name: a, gate: [test]}]; {}; {a: b}; {a: 1, b: {c}}; {"a b": c}; {a: [b]}
  ; {a.b}; "{a.b}"; 90s; 0s; 1h30m; 90; 1d; "1h 30m"; new; pass; reset; before_gate; read-only; none; code; search; gate.a
  ; ../x; /x; a/b; a/../b; C:x; ~/x; "a\\\\b"; "a\\nb"; "${'x'.repeat(65)}"; "${'x'.repeat(300)}"
  ; {from: a}; {from: ""}; {file: prompts/good.md}; {max_turns: 3}; {prompt: p}; {agent: claude}`
  .split(';')
  .map((value) => value.trim());
/** Where a key may not stand, its value does not matter. */
const few = ['a', '1', '[test]', '{a: b}'];

const minimal: Readonly<Record<StepKind, Readonly<Record<string, string>>>> = {
  code: { type: 'code', prompt: 'p' },
  split: { type: 'split', prompt: 'p', each: '[{name: i, gate: [test]}]' },
  validate: { type: 'validate', prompt: 'p' },
  gates: { gate: '[test]' },
  group: { steps: '[{name: i, gate: [test]}]' },
  call: { workflow: 'w' },
};

const kinds = Object.keys(minimal) as StepKind[];

function ofRoot(keys: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ name: 'x', steps: '[{name: s, gate: [test]}]', ...keys });
  return pairs.map((pair) => `${pair.join(': ')}\n`).join('');
}

/** A workflow of one step with these keys. */
function ofStep(keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ name: 's', ...keys }).map(([key, value]) => `${key}: ${value}`);
  return `name: x\nsteps:\n  - ${lines.join('\n    ')}\n`;
}

interface Frame {
  /** Null: the key stands where it belongs. */
  readonly kind: StepKind | null;
  readonly write: (value: string) => string;
}

/** Workflows in which everything is right but, perhaps, the value of this key of this place. */
function framesOf(place: Place, key: string): readonly Frame[] {
  const within = (write: (value: string) => string): Frame => ({ kind: null, write });
  const code = (keys: Readonly<Record<string, string>>) => ofStep({ ...minimal.code, ...keys });
  const inMapping = (name: string) => within((value) => code({ [name]: `{${key}: ${value}}` }));
  const inEntry = (name: string, start = '', end = '') =>
    within((value) => code({ [name]: `[{${start}${key}: ${value}}${end}]` }));
  const beside = (other: string) => (key === other ? [] : [inEntry('retry', `${other}, `, ', {exit: 3}')]);
  switch (place) {
    case 'root':
      return [within((value) => ofRoot({ [key]: value }))];
    case 'step':
      return kinds.map((kind) => ({ kind, write: (value) => ofStep({ ...minimal[kind], [key]: value }) }));
    case 'get':
    case 'run':
      return kinds.map((kind) => ({
        kind,
        write: (value) => ofStep({ ...minimal[kind], [place]: `{${key}: ${value}}` }),
      }));
    case 'context':
      return [inEntry('context')];
    case 'gate':
      return [inEntry('gate'), ...(key === 'validate' ? [] : [inEntry('gate', 'validate: v, ')])];
    case 'retry':
      return [inEntry('retry', '', ', {exit: 3}'), ...beside('attempt: 2'), ...beside('validate: v')];
    default:
      return [inMapping(place)];
  }
}

describe('the schema and the parser', () => {
  const places = Object.keys(fields) as Place[];
  it.each(places)('say the same of every key of %s, whatever its value is', (place) => {
    const wrong = keysOf(place).flatMap((key) =>
      framesOf(place, key).flatMap(({ kind, write }) => {
        const kindsHere = fieldOf(place, key)?.kinds;
        const belongs = kind === null || !kindsHere || kindsHere.includes(kind);
        return (belongs ? samples : few).map(write).flatMap(disagreement);
      }),
    );
    expect(wrong).toEqual([]);
  });
});

function disagreement(text: string): readonly string[] {
  const data = dataOf(text);
  // To a schema, `{file: }` is the bare placeholder `{file}`.
  if (data === undefined || text.includes('prompt: {file: }') || text.includes('prompt: {file: null}'))
    return [];
  const { diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
  const expected = expectedOf(diagnostics);
  const answer = validate(data) ? 'taken' : 'refused';
  if (expected === 'either' || answer === expected) return [];
  return [`${answer}, not ${expected}: ${text}${diagnostics.map(({ message }) => message).join('; ')}`];
}
