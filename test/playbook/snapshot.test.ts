import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeSnapshot,
  encodeSnapshot,
  loadWorkflows,
  type WorkflowFiles,
} from '../../src/playbook/snapshot.ts';
import { collectWorkflow, file, gated, judge } from './given.ts';

test('a snapshot of the time when only validators could be called is still read', () => {
  const { files } = collectWorkflow(file('w.yaml', gated('validators/a')), () =>
    file('a.yaml', judge, { 'p.md': 'then' }),
  );
  const old = encodeSnapshot(files).replace(/^called:/m, 'validators:');
  expect(old).toContain('\nvalidators:\n');
  expect(decodeSnapshot(old)).toEqual(files);
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

test.each([
  ...[
    '',
    'null',
    '[]',
    '42',
    'main: 3',
    'main: {}',
    'main: {text: x}',
    'main: {text: x}\nvalidators: 3',
    '{',
  ],
  'main: {file: w, text: x, prompts: {}}\ncalled: {v: 3}',
  'main: {file: w, text: x}\ncalled: {}',
])('text that is no snapshot is refused as such, with what to do: %j', (broken) => {
  const hint = expect.stringContaining('start a new run');
  expect(() => decodeSnapshot(broken)).toThrow(expect.objectContaining({ code: 'ledger', hint }));
});
