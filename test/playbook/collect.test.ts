import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  collectWorkflow as collect,
  decodeSnapshot,
  encodeSnapshot,
  loadWorkflows,
  type WorkflowFiles,
} from '../../src/playbook/collect.ts';
import type { WorkflowFile } from '../../src/playbook/source.ts';

const file = (name: string, text: string, prompts: Readonly<Record<string, string>> = {}): WorkflowFile => ({
  file: name,
  text,
  readPrompt: (path) => (Object.hasOwn(prompts, path) ? (prompts[path] ?? null) : null),
});
const among = (find: (path: string) => WorkflowFile | null) => ({ find, paths: () => ['validators/a'] });
function collectWorkflow(main: WorkflowFile, find: (path: string) => WorkflowFile | null) {
  return collect(main, among(find));
}
const gated = (path: string) => `name: w\nsteps:\n  - name: do\n    gate:\n      - validate: ${path}\n`;
const judge = 'name: v\nsteps:\n  - {name: judge, type: validate, prompt: {file: p.md}, agent: claude}\n';

test('a workflow is collected with its validators, theirs, and every prompt file', () => {
  const { files, diagnostics } = collectWorkflow(file('w.yaml', gated('validators/a')), (path) =>
    path === 'validators/a'
      ? file('a.yaml', gated('validators/b'))
      : file('b.yaml', judge, { 'p.md': 'judge it' }),
  );
  expect(diagnostics).toEqual([]);
  expect(Object.keys(files.called)).toEqual(['validators/a', 'validators/b']);
  expect(files.called['validators/b']?.prompts).toEqual({ 'p.md': 'judge it' });
});

test('the validator of a retry is collected like that of a gate, and what it needs has to be given', () => {
  const retried = (inputs: string) =>
    `name: w\nsteps:\n  - name: do\n    type: code\n    prompt: p\n    agent: claude\n    retry:\n      - {validate: validators/a, ${inputs}session: new}\n      - exit: 2\n`;
  const asked = judge.replace('{file: p.md}', '"flaky? {why}"');
  const of = (inputs: string) =>
    collectWorkflow(file('w.yaml', retried(inputs)), () => file('a.yaml', asked));
  const { files, diagnostics } = of('with: {why: "{error}"}, ');
  expect(diagnostics).toEqual([]);
  expect(Object.keys(files.called)).toEqual(['validators/a']);
  expect(of('').diagnostics).toMatchObject([
    {
      code: 'missing-input',
      message: 'validators/a needs the input `why`, which is not given here',
      at: { line: 8 },
      hint: 'add `why: …` below `with:`',
    },
  ]);
});

test('a validator that does not exist is told with its place and where it was looked for', () => {
  const { diagnostics } = collectWorkflow(file('w.yaml', gated('validators/nothing')), () => null);
  expect(diagnostics).toMatchObject([
    {
      code: 'unknown-validator',
      message: 'there is no validator validators/nothing',
      at: { file: 'w.yaml', line: 5 },
    },
  ]);
  expect(diagnostics[0]?.sourceLine).toContain('validators/nothing');
});

test.each(['constructor', '__proto__', 'toString'])(
  'a validator named %s is looked for like any other',
  (name) => {
    const none = collectWorkflow(file('w.yaml', gated(name)), () => null);
    expect(none.diagnostics.map(({ code }) => code)).toEqual(['unknown-validator']);
    const { files } = collectWorkflow(file('w.yaml', gated(name)), () =>
      file('v.yaml', judge, { 'p.md': 'x' }),
    );
    const { called } = loadWorkflows(decodeSnapshot(encodeSnapshot(files)));
    expect(called(name)?.steps[0]?.prompt).toBe('x');
    expect(called('hasOwnProperty')).toBeNull();
  },
);

test('validators that call each other are collected once', () => {
  let asked = 0;
  const { files } = collectWorkflow(file('w.yaml', gated('validators/a')), () => {
    asked++;
    return file('a.yaml', gated('validators/a'));
  });
  expect(asked).toBe(1);
  expect(Object.keys(files.called)).toEqual(['validators/a']);
});

test('problems of every file are told at once', () => {
  const { diagnostics } = collectWorkflow(file('w.yaml', `${gated('validators/a')}budget: 3\n`), () =>
    file('a.yaml', 'name: v\nstep: []\n'),
  );
  const files = new Set(diagnostics.map(({ at }) => at?.file));
  expect(files.has('w.yaml')).toBe(true);
});

test('what a snapshot holds is what a run is planned from', () => {
  const { files } = collectWorkflow(file('w.yaml', gated('validators/a')), () =>
    file('a.yaml', judge, { 'p.md': 'then' }),
  );
  const loaded = loadWorkflows(decodeSnapshot(encodeSnapshot(files)));
  expect(loaded.workflow?.name).toBe('w');
  expect(loaded.called('validators/a')?.steps[0]?.prompt).toBe('then');
  expect(loaded.called('validators/b')).toBeNull();
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        ' ',
        '\t',
        'a',
        ': ',
        '- ',
        '#',
        '|',
        "'",
        '"',
        '\\',
        '\u2028',
        '\u0085',
        '\uFEFF',
        '\0',
        '---',
        '...',
        '%',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9/._-]{0,10}$/),
  fc.constantFrom('__proto__', 'constructor', 'null', '1', 'true', '~', '<<'),
);
const saved = fc.record({
  file: name,
  text,
  prompts: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: true }),
});

test('a snapshot gives back every file byte for byte', () => {
  fc.assert(
    fc.property(
      fc.record({
        main: saved,
        called: fc.dictionary(name, saved, { maxKeys: 3, noNullPrototype: true }),
      }),
      (files) => {
        const back = decodeSnapshot(encodeSnapshot(files));
        expect(JSON.stringify(sorted(back))).toBe(JSON.stringify(sorted(files)));
      },
    ),
    { numRuns: 1000, seed: 1 },
  );
});

function sorted({ main, called }: WorkflowFiles): unknown {
  const file = ({ file: path, text: whole, prompts }: WorkflowFiles['main']) => [
    path,
    whole,
    Object.entries(prompts).sort(),
  ];
  return [
    file(main),
    Object.entries(called)
      .map(([path, one]) => [path, file(one)])
      .sort(),
  ];
}

test.each(['', 'null', '[]', '42', 'main: {}', 'main: {text: x}', 'main: {text: x}\nvalidators: 3', '{'])(
  'text that is no snapshot is refused as such: %j',
  (broken) => {
    expect(() => decodeSnapshot(broken)).toThrow('workflow-snapshot.yaml is not one that this version wrote');
  },
);
