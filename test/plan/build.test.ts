import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostic.ts';
import { formatDiagnostic } from '../../src/diagnostic.ts';
import type { RunSettings } from '../../src/events/event.ts';
import { buildPlan, type PlanResult } from '../../src/plan/build.ts';
import { specFromText } from '../../src/spec/spec.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';
import { defaults } from '../engine/given.ts';

function read(file: string, text: string): Workflow {
  const { workflow, diagnostics } = parseWorkflow({ file, text, readPrompt: () => null });
  if (!workflow) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return workflow;
}

interface Options {
  readonly settings?: Partial<RunSettings>;
  readonly called?: Readonly<Record<string, string>>;
  readonly root?: string;
}

function build(steps: string, { settings = {}, called = {}, root = '' }: Options = {}): PlanResult {
  return buildPlan({
    run: 'r1',
    workflow: read('w.yaml', `name: w\n${root}\nsteps:\n${steps}`),
    spec: specFromText('s', 'spec.md'),
    base: 'b0',
    settings: { ...defaults, ...settings },
    gump: '0.1.0',
    called: (path) => {
      const text = called[path];
      return text ? read(`${path}.yaml`, `name: v\nsteps:\n${text}`) : null;
    },
  });
}

const split = (name: string, each = '{name: do, gate: [test]}') =>
  `  - {name: ${name}, type: split, prompt: p, agent: claude, each: [${each}]}\n`;

test("a workflow's only split is shown as build", () => {
  expect(build(split('decompose')).plan?.build).toBe('decompose');
});

test.each([
  ['there is none', '  - {name: do, gate: [test]}'],
  ['there are two', split('one') + split('two')],
  ['a step has that name', `${split('one')}  - {name: build, gate: [test]}`],
  ['it stands in a group', `  - name: group\n    steps:\n${split('one').replaceAll(/^ {2}/gm, '      ')}`],
  ['there is another in a called workflow', `${split('one')}  - {name: c, workflow: other}`],
  [
    'there is another in front of a step',
    `${split('one')}  - {name: c, type: code, prompt: p, agent: claude, workflow: other}`,
  ],
  ['there is another in a group', `${split('one')}  - name: group\n    steps:\n    ${split('two')}`],
  [
    'there is another in its own body',
    split('one', '{name: two, type: split, prompt: p, agent: claude, each: [{name: x, gate: [test]}]}'),
  ],
])('no split is shown as build where %s', (_, steps) => {
  expect(build(steps, { called: { other: split('two') } })).toMatchObject({ plan: { build: null } });
});

const errors = ({ diagnostics, plan }: PlanResult): readonly Diagnostic[] => {
  expect(plan).toBeNull();
  return diagnostics;
};
const at = ({ at: place, code }: Diagnostic) => `${place?.file}:${place?.line}:${place?.column} ${code}`;

test('a validator that calls itself, directly or through others, is an error before the run, with the way round', () => {
  const found = errors(
    build('  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/a}]}', {
      called: {
        'validators/a':
          '  - {name: x, type: validate, prompt: p, agent: claude, gate: [{validate: validators/b}]}',
        'validators/b':
          '  - {name: x, type: validate, prompt: p, agent: claude, gate: [{validate: validators/a}]}',
      },
    }),
  );
  expect(found.map(at)).toEqual(['validators/b.yaml:3:64 cycle']);
  expect(found[0]?.message).toContain('validators/a → validators/b → validators/a');
});

test('a cycle over workflows and validators is an error before the run, with the way round', () => {
  const called = {
    a: '  - {name: x, type: code, prompt: p, agent: claude, gate: [{validate: validators/b}]}',
    'validators/b': '  - {name: y, type: validate, agent: claude, get: {workflow: c, prompt: p}}',
    c: '  - {name: z, workflow: a}',
  };
  const found = errors(build('  - {name: do, workflow: a}', { called }));
  expect(found.map(at)).toEqual(['c.yaml:3:25 cycle']);
  expect(found[0]?.message).toBe('the workflow a calls itself: a → validators/b → c → a');
});

test('a called workflow stands below its call, with its limits, and below `get` of a step that asks before', () => {
  const { plan } = build(
    '  - {name: setup, workflow: a}\n  - {name: do, type: code, prompt: p, agent: claude, workflow: a}',
    { called: { a: '  - {name: x, type: code, prompt: p, agent: claude}' } },
  );
  const [setup, code] = plan?.nodes ?? [];
  expect(setup?.children.map(({ step }) => step.name)).toEqual(['x']);
  expect(setup?.limits).toBeNull();
  expect(code).toMatchObject({ children: [], get: { step: { name: 'get', kind: 'call' } } });
  expect(code?.get?.children.map(({ step }) => step.name)).toEqual(['x']);
});

test('a step of a called workflow without an agent is an error, unless the call gives one', () => {
  const called = { a: '  - {name: x, type: code, prompt: p}' };
  expect(errors(build('  - {name: setup, workflow: a}', { called })).map(at)).toEqual([
    'a.yaml:3:5 no-agent',
  ]);
  expect(build('  - {name: setup, workflow: a, with: {agent: codex}}', { called }).plan).not.toBeNull();
});

test('a validator cannot stand where the called workflow of its step does', () => {
  const called = {
    a: '  - {name: x, type: code, prompt: p, agent: claude}',
    'validators/get': '  - {name: x, type: validate, prompt: p, agent: claude}',
  };
  const step =
    '{name: do, type: code, prompt: p, agent: claude, workflow: a, gate: [{validate: validators/get}]}';
  expect(errors(build(`  - ${step}`, { called })).map(at)).toEqual(['w.yaml:4:74 reserved-name']);
});

test('calls of calls that multiply beyond the limit are an error, told once', () => {
  const twice = (path: string) => `  - {name: a, workflow: ${path}}\n  - {name: b, workflow: ${path}}`;
  const depth = 20;
  const called = Object.fromEntries(
    Array.from({ length: depth }, (_, index) => [
      `w${index}`,
      index === depth - 1 ? '  - {name: x, gate: [test]}' : twice(`w${index + 1}`),
    ]),
  );
  const found = errors(build('  - {name: do, workflow: w0}', { called }));
  expect(found.map(({ code }) => code)).toEqual(['too-many-steps']);
});

test('the same validator at two places is no cycle', () => {
  const gate = 'gate: [{validate: validators/a}]';
  const { plan } = build(
    `  - {name: one, type: code, prompt: p, agent: claude, ${gate}}\n  - {name: two, type: code, prompt: p, agent: claude, ${gate}}`,
    { called: { 'validators/a': '  - {name: x, type: validate, prompt: p, agent: claude}' } },
  );
  expect(plan?.nodes.map(({ gates }) => gates[0]?.nodes.length)).toEqual([1, 1]);
});

test('a step without an agent is an error before the run, with its place and what to do', () => {
  const found = errors(
    build('  - {name: do, type: code, prompt: p}\n  - {name: more, type: validate, prompt: p}'),
  );
  expect(found.map(at)).toEqual(['w.yaml:4:5 no-agent', 'w.yaml:5:5 no-agent']);
  expect(found[0]?.hint).toContain('--agent');
});

test.each([
  ['default_agent', { default_agent: 'claude' }],
  ['--agent', { agent: 'claude' }],
])('%s gives a step its agent', (_, settings) => {
  expect(build('  - {name: do, type: code, prompt: p}', { settings }).plan).not.toBeNull();
});

test("the gate's agent input gives the validator's steps theirs, through validators inside it too", () => {
  const { plan } = build(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/a, agent: codex}]}',
    {
      called: {
        'validators/a': '  - {name: x, type: validate, prompt: p, gate: [{validate: validators/b}]}',
        'validators/b': '  - {name: y, type: validate, prompt: p}',
      },
    },
  );
  expect(plan).not.toBeNull();
});

test('a step of gates only, or with agent: pass, needs no agent', () => {
  expect(
    build('  - {name: a, gate: [test]}\n  - {name: b, type: code, agent: pass, gate: [test]}').plan,
  ).not.toBeNull();
});

const asking = (...paths: readonly string[]) => {
  const entries = paths.map((path) => `{validate: ${path}, with: {agent: codex}, session: new}`).join(', ');
  return `  - {name: do, type: code, prompt: p, agent: claude, retry: [{attempt: 2, agent: claude-opus}, ${entries}, {exit: 3}]}`;
};

test('validators of a retry have names that no gate, step or task can have, each its own', () => {
  const called = {
    'validators/is-hard': '  - {name: x, type: validate, prompt: p}',
    'a/is-hard': '  - {name: y, type: validate, prompt: p}',
  };
  const { plan } = build(asking('validators/is-hard', 'a/is-hard', 'validators/is-hard'), { called });
  const conditions = plan?.nodes[0]?.conditions.map(({ label, entry, nodes }) => [
    label,
    entry,
    nodes[0]?.step.name,
  ]);
  expect(conditions).toEqual([
    ['retry.is-hard', 1, 'x'],
    ['retry.is-hard_2', 2, 'y'],
    ['retry.is-hard_3', 3, 'x'],
  ]);
});

test('steps of a retry’s validator need an agent like any others, and may not lead back to it', () => {
  const called = {
    'validators/a': `  - {name: x, type: validate, prompt: p, retry: [{validate: validators/a, session: new}, {exit: 2}]}`,
  };
  const found = errors(build(asking('validators/a').replace('with: {agent: codex}, ', ''), { called }));
  expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'no-agent: step "x" names no agent and there is no default_agent',
    'cycle: the validator validators/a calls itself: validators/a → validators/a',
  ]);
});

test('an error shows its line of the file', () => {
  const [found] = errors(build('  - {name: do, type: code, prompt: p}'));
  expect(found && formatDiagnostic(found)).toContain('- {name: do, type: code, prompt: p}');
});

test("--budget stands for the workflow's", () => {
  expect(build('  - {name: a, gate: [test]}', { root: 'max_budget: 3' }).plan?.limits.maxBudgetUsd).toBe(3);
  const settings = { max_budget: 0.5 };
  expect(
    build('  - {name: a, gate: [test]}', { root: 'max_budget: 3', settings }).plan?.limits.maxBudgetUsd,
  ).toBe(0.5);
});

test('a gate is called by its short name where it has one', () => {
  const { plan } = build('  - {name: a, gate: [test, test, {validate: validators/arch-review}]}');
  expect(plan?.nodes[0]?.gates.map(({ label }) => label)).toEqual(['test', 'test_2', 'review']);
});

test('a plan is plain data', () => {
  const { plan } = build(split('decompose'));
  expect(JSON.parse(JSON.stringify(plan))).toEqual(JSON.parse(JSON.stringify(structuredClone(plan))));
});
