import { describe, expect, it } from 'vitest';
import type { FindCalled } from '../../src/workflow/called.ts';
import { checkDiffs } from '../../src/workflow/judged-diff.ts';
import { alone, checkNames, type Surroundings } from '../../src/workflow/names.ts';
import { checkCalls, requiredInputs } from '../../src/workflow/needs.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';

function parse(steps: string, file = 'w.yaml'): Workflow {
  const text = `name: x\nsteps:\n${steps}`;
  const { workflow, diagnostics } = parseWorkflow({ file, text, readPrompt: () => null });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

function among(files: Readonly<Record<string, string>>): FindCalled {
  const parsed = new Map(Object.entries(files).map(([path, steps]) => [path, parse(steps, `${path}.yaml`)]));
  return (path) => parsed.get(path) ?? null;
}

interface Found extends Partial<Omit<Surroundings, 'called'>> {
  readonly files?: Readonly<Record<string, string>>;
}

/** All that is told of the names of a workflow, as `line: message (hint)`. */
function told(steps: string, { files = {}, ...around }: Found = {}): readonly string[] {
  const workflow = parse(steps);
  const whole = { ...alone, ...around, called: among(files) };
  return [...checkNames(workflow, whole), ...checkCalls(workflow, whole), ...checkDiffs(workflow, whole)].map(
    ({ at, severity, message, hint }) => `${at?.line} ${severity}: ${message} (${hint})`,
  );
}

const setup = {
  setup: `  - {name: plan, type: code, prompt: "{query}"}
  - name: group
    steps: [{name: inner, type: code, prompt: p, gate: [test]}]
  - {name: judge, type: validate, prompt: p}
  - {name: deep, workflow: more}`,
  more: '  - {name: last, type: code, prompt: p}',
};
const behindSetup = (names: string) =>
  `  - {name: setup, workflow: setup, with: {query: q}}\n  - {name: do, type: code, prompt: "${names}"}`;

describe("a called workflow's state", () => {
  it.each([
    'setup.state.plan.output',
    'setup.state.judge.comments',
    'setup.state.group/inner.gate.test.error',
    'setup.state.deep.state.last.diff',
    'setup.state.deep.output',
    'setup/plan.output',
    'setup/deep/last.output',
    'setup/group/inner.status',
    'setup.output',
    'setup.diff',
    'setup.files',
    'setup.cost',
  ])('has {%s}', (name) => {
    expect(told(behindSetup(`{${name}}`), { files: setup })).toEqual([]);
  });

  it.each([
    ['setup.state.pln.output', 'the called workflow setup has no step `pln`', 'setup.state.plan.output'],
    [
      'setup.state.nope.output',
      'the called workflow setup has no step `nope`',
      'its steps: plan, group, judge, deep',
    ],
    ['setup.state.plan.outptu', '`setup.state.plan` has no `outptu`', 'setup.state.plan.output'],
    ['setup.state.plan.comments', '`setup.state.plan` has no `comments`', 'fields: output'],
    ['setup.state.plan', '`setup.state.plan` is a step, not a value', 'setup.state.plan.output'],
    [
      'setup.state',
      '`setup.state` is all that the called workflow has, not a value',
      '{setup.state.<step>.output}',
    ],
    [
      'setup.state.deep.state.lst.diff',
      'the called workflow more has no step `lst`',
      'setup.state.deep.state.last.diff',
    ],
    ['setup.state.group/iner.diff', 'the called workflow setup has no step `group/iner`', 'its steps'],
    ['setup/pln.output', 'no step `setup/pln` runs before this one', 'paths begin'],
  ])('has no {%s}: %s', (name, why, hint) => {
    const [found = '', ...others] = told(behindSetup(`{${name}}`), { files: setup });
    expect(others).toEqual([]);
    expect(found).toContain(`4 error: \`{${name}}\` can never have a value here: ${why}`);
    expect(found).toContain(hint);
  });

  it('cannot be judged where the workflow is not found, which is told itself', () => {
    expect(told(behindSetup('{setup.state.anything.output} {setup/any/thing.output}'))).toEqual([]);
  });

  it("of get.workflow is known in the step's own templates, and not in what is given to it", () => {
    const step = (prompt: string, query: string) =>
      `  - {name: do, type: code, get: {prompt: "${prompt}", workflow: setup, with: {query: "${query}"}}}\n  - {name: next, type: code, prompt: "{do.state.plan.output} {do/get/plan.output} {do/get.output}"}`;
    const good = step('{do.state.plan.output}', '{spec}');
    expect(told(good, { files: setup })).toEqual([]);
    expect(told(step('{do.output}', '{spec}'), { files: setup })).toHaveLength(1);
    expect(told(step('{do.state.pln.output}', '{spec}'), { files: setup })[0]).toContain('did you mean');
    expect(told(step('p', '{do.state.plan.output}'), { files: setup })[0]).toContain(
      'it is this step itself',
    );
  });
});

const reader = (names: string) => ({ w: `  - {name: x, type: code, prompt: "${names}"}` });

describe('what a called workflow needs', () => {
  it('is given explicitly', () => {
    const call = '  - {name: c, workflow: w, with: {query: q}}';
    expect(told(call, { files: reader('{query}') })).toEqual([]);
  });

  it("is a name of the caller's scope", () => {
    const call = '  - {name: first, type: code, prompt: p}\n  - {name: c, workflow: w}';
    expect(told(call, { files: reader('{first.output} {spec} {run.id}') })).toEqual([]);
  });

  it('of a validator may be the judged step itself', () => {
    const gate = '  - {name: do, type: code, prompt: p, gate: [{validate: w}]}';
    expect(told(gate, { files: reader('{do.output}') })).toEqual([]);
    const call = '  - {name: do, workflow: w}';
    expect(told(call, { files: reader('{do.output}') })).toHaveLength(1);
  });

  it('is a task where it is called in the body of a split only', () => {
    const split = '  - {name: s, type: split, prompt: p, each: [{name: c, workflow: w}]}';
    expect(told(split, { files: reader('{task.name}') })).toEqual([]);
    expect(told('  - {name: c, workflow: w}', { files: reader('{task.name}') })).toEqual([
      '3 error: w uses `{task.name}`, which has no value here: only the `each` of a split has a task (move the step into `each:`)',
    ]);
  });

  it('is an error where it is neither', () => {
    expect(told('  - {name: c, workflow: w}', { files: reader('{query} {fisrt.output}') })).toEqual([
      '3 error: w needs the input `query`, which is not given here (add `query: …` below `with:`, or give it with --set query=…)',
      '3 error: w uses `{fisrt.output}`, which has no value here: nothing is called so (for literal braces write `{{fisrt.output}}`)',
    ]);
  });

  it('is told at the outermost call that could give it', () => {
    const files = { outer: '  - {name: c, workflow: w}', ...reader('{query}') };
    expect(told('  - {name: o, workflow: outer}', { files })).toEqual([
      '3 error: outer needs the input `query`, which is not given here (add `query: …` below `with:`, or give it with --set query=…)',
    ]);
    expect(told('  - {name: o, workflow: outer, with: {query: q}}', { files })).toEqual([]);
    expect(requiredInputs(parse('  - {name: o, workflow: outer}'), among(files))).toEqual(['query']);
  });

  it('ends where workflows call each other in a circle', () => {
    const files = { a: '  - {name: c, workflow: b}', b: '  - {name: c, workflow: a, with: {x: "{y}"}}' };
    expect(told('  - {name: o, workflow: a, with: {y: y}}', { files })).toEqual([]);
  });

  it('may be given by --set, exactly by its name', () => {
    const call = '  - {name: c, workflow: w}\n  - {name: d, type: code, prompt: "{feature}"}';
    expect(told(call, { files: reader('{query}'), given: ['query', 'feature'] })).toEqual([]);
    const [first = '', second = ''] = told(call, { files: reader('{query}'), given: ['qwery'] });
    expect(first).toContain('give it with --set feature=…');
    expect(second).toContain('w needs the input `query`');
  });

  it('is told in the words of the host: on a runner there is no --set', () => {
    const call = '  - {name: c, workflow: w}\n  - {name: d, type: code, prompt: "{feature}"}';
    const found = told(call, { files: reader('{query}'), host: 'runner' });
    expect(found).toEqual([
      expect.stringContaining('(give it with a line `feature=…` in the input `set`; '),
      expect.stringContaining('or give it with a line `query=…` in the input `set`)'),
    ]);
  });
});

describe('the diff that a validator judges', () => {
  const v = '  - {name: judge, type: validate, prompt: "{diff}"}';
  const files = { 'validators/v': v, 'validators/outer': '  - {name: g, gate: [{validate: validators/v}]}' };
  const code = (more: string) => `  - {name: do, type: code, prompt: p, ${more}}`;
  const without =
    '3 error: validators/v judges `{diff}`, which is not given here: its own steps change nothing, so it would judge an empty one';

  it.each([
    ['gate: [{validate: validators/v}]', 'validate'],
    ['retry: [{validate: validators/v, prompt: x}, {exit: 2}]', 'with'],
  ])('is an error where it is not given: %s', (more, below) => {
    expect(told(code(more), { files })).toEqual([`${without} (add \`diff: "{diff}"\` below \`${below}:\`)`]);
  });

  it('is that of an earlier step where the step itself changes nothing', () => {
    const gate = '  - {name: check, gate: [{validate: validators/v}]}';
    const hint =
      'add `diff: "{<step>.diff}"`, of the step whose change is meant, below `validate:`, or give it with --set diff=…';
    expect(told(gate, { files })).toEqual([`${without} (${hint})`]);
  });

  it.each([
    ['gate: [{validate: validators/v, diff: "{diff}"}]', []],
    ['gate: [{validate: validators/outer, diff: "{diff}"}]', []],
    ['gate: [{validate: validators/v}]', ['diff']],
  ])('is given by the gate, through another validator, or by --set: %s', (more, given) => {
    expect(told(code(more), { files, given })).toEqual([]);
  });

  it('is told at the outermost call that could give it', () => {
    expect(told(code('gate: [{validate: validators/outer}]'), { files })[0]).toContain(
      'validators/outer judges',
    );
    expect(told(files['validators/outer'], { files, role: 'called' })).toEqual([]);
  });
});

describe('an input that nothing uses', () => {
  it('is a warning with what was meant', () => {
    const call = '  - {name: c, workflow: w, with: {querry: q, query: q, agent: codex}}';
    expect(told(call, { files: reader('{query} {topic}') })).toEqual([
      '3 error: w needs the input `topic`, which is not given here (add `topic: …` below `with:`, or give it with --set topic=…)',
      '3 warning: nothing in w uses the input `querry` (remove it, or use it there as a placeholder)',
    ]);
    expect(told('  - {name: c, workflow: w, with: {dif: x}}', { files: reader('{diff}') })).toEqual([
      '3 warning: nothing in w uses the input `dif` (did you mean `diff`?)',
    ]);
  });

  it('is none where a workflow that is called by it does', () => {
    const files = { outer: '  - {name: c, workflow: w}', ...reader('{query}') };
    expect(told('  - {name: o, workflow: outer, with: {query: q}}', { files })).toEqual([]);
  });
});
