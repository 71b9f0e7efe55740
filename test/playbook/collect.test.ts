import { expect, test } from 'vitest';
import { collectWorkflow as collect } from '../../src/playbook/collect.ts';
import { decodeSnapshot, encodeSnapshot, loadWorkflows } from '../../src/playbook/snapshot.ts';
import type { WorkflowFile } from '../../src/playbook/source.ts';
import { among, collectWorkflow, file, gated, judge } from './given.ts';

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
      hint: 'add `why: …` below `with:`, or give it with --set why=…',
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

const calling = `name: w
steps:
  - {name: setup, workflow: setup, with: {query: q}}
  - name: do
    type: code
    agent: claude
    get: {workflow: research, prompt: "{do.state.find.output}"}
    gate: [{validate: validators/v}]
    retry: [{validate: plain, prompt: again}, {exit: 2}]
`;
const step = (name: string, prompt: string) =>
  `name: c\nsteps:\n  - {name: ${name}, type: validate, prompt: ${prompt}, agent: claude}\n`;
const library: Readonly<Record<string, WorkflowFile>> = {
  setup: file('setup.yaml', step('plan', '"{query}"')),
  research: file('research.yaml', step('find', '{file: p.md}'), { 'p.md': 'look for {spec}' }),
  'validators/v': file('v.yaml', 'name: v\nsteps:\n  - {name: in, workflow: deep}\n'),
  plain: file('plain.yaml', step('judge', 'p')),
  deep: file('deep.yaml', step('last', 'p')),
};

test('everything that is called is collected, for steps, get.workflow, gates and conditions alike', () => {
  const { files, diagnostics } = collectWorkflow(file('w.yaml', calling), (path) => library[path] ?? null);
  expect(diagnostics).toEqual([]);
  expect(Object.keys(files.called)).toEqual(['setup', 'research', 'validators/v', 'plain', 'deep']);
  const loaded = loadWorkflows(decodeSnapshot(encodeSnapshot(files)));
  expect(loaded.called('research')?.steps[0]?.prompt).toBe('look for {spec}');
  expect(loaded.called('research')).toBe(loaded.called('research'));
});

test('what is called and not there is told with what was meant', () => {
  const text = 'name: w\nsteps:\n  - {name: a, workflow: setpu}\n  - {name: b, gate: [{validate: v}]}\n';
  const known = { find: () => null, paths: () => ['setup', 'other', 'validators/v'] };
  const told = collect(file('w.yaml', text), known).diagnostics.map(({ code, message, at, hint }) => {
    return [code, message, at?.line, hint];
  });
  const where =
    'Workflows are looked for in .gump/workflows/, ~/.gump/workflows/ and the playbook that ships';
  expect(told).toEqual([
    ['unknown-workflow', 'there is no workflow setpu', 3, `did you mean setup? ${where}`],
    ['unknown-validator', 'there is no validator v', 4, `did you mean validators/v? ${where}`],
  ]);
});

test('a misspelt key of the state of what is called is an error, in whatever file it stands', () => {
  const wrong = calling.replace('do.state.find', 'do.state.fnid');
  const outer = 'name: o\nsteps:\n  - {name: c, workflow: inner}\n';
  const inner = (path: string) => (path === 'inner' ? file('inner.yaml', wrong) : (library[path] ?? null));
  expect(collectWorkflow(file('o.yaml', outer), inner).diagnostics).toMatchObject([
    {
      code: 'unknown-name',
      at: { file: 'inner.yaml', line: 7 },
      hint: 'did you mean `{do.state.find.output}`?',
    },
  ]);
});

test('names that are given are known, and one that nothing uses is told with the nearest that is needed', () => {
  const main = file('w.yaml', 'name: w\nsteps:\n  - {name: a, type: code, prompt: "{feature}"}\n');
  const given = (...names: string[]) =>
    collect(
      main,
      among(() => null),
      { given: names },
    );
  expect(given('feature')).toMatchObject({ diagnostics: [], unused: [] });
  expect(given('spec').unused).toEqual([{ name: 'spec', near: null }]);
  expect(given('fetaure').unused).toEqual([{ name: 'fetaure', near: 'feature' }]);
  expect(given('feature', 'x').unused).toEqual([{ name: 'x', near: null }]);
  const through = file('w.yaml', 'name: w\nsteps:\n  - {name: a, workflow: setup}\n');
  const found = collect(
    through,
    among((path) => library[path] ?? null),
    { given: ['query'] },
  );
  expect(found).toMatchObject({ diagnostics: [], unused: [] });
});

test('problems of every file are told at once', () => {
  const { diagnostics } = collectWorkflow(file('w.yaml', `${gated('validators/a')}budget: 3\n`), () =>
    file('a.yaml', 'name: v\nstep: []\n'),
  );
  const files = new Set(diagnostics.map(({ at }) => at?.file));
  expect(files.has('w.yaml')).toBe(true);
});

test('a step whose type is misspelt or not supported yet hides no problem of the others, and none is told of what it gives', () => {
  const main = file(
    'w.yaml',
    `name: w
steps:
  - {name: a, type: cod, prompt: "{speck}", agent: claude}
  - {name: s, type: scrape, prompt: p}
  - name: e
    type: spilt
    prompt: p
    agent: claude
    each: [{name: m, type: code, prompt: "{task.name} {task.nmae}", agent: claude}]
  - {name: b, type: code, prompt: "{a.comments} {s.page} {e/task-1/m.output} {c.diff}", agent: claude}
  - {name: d, type: code, prompt: p, agent: claude, session: {from: s}}
`,
  );
  const found = collect(
    main,
    among(() => null),
  ).diagnostics.map(({ at, message }) => `${at?.line} ${message.split(':')[0]}`);
  expect(found).toEqual([
    '3 unknown step type `cod`',
    '3 `{speck}` can never have a value here',
    '4 the step type `scrape` is not supported yet',
    '6 unknown step type `spilt`',
    '9 `{task.nmae}` can never have a value here',
    '10 `{c.diff}` can never have a value here',
  ]);
});
