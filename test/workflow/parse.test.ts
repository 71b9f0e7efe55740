import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { alone, checkNames } from '../../src/workflow/names.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Step, Workflow } from '../../src/workflow/workflow.ts';
import { diagnose, problemsOf, readPrompt } from './problems-of.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const invalid = 'test/fixtures/workflows/invalid/';

function parse(text: string): Workflow {
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
  expect(diagnostics).toEqual([]);
  if (!workflow) throw new Error('no workflow');
  return workflow;
}

/** The workflow of one step with these lines. */
function stepOf(...lines: readonly string[]): Step {
  const [step] = parse(
    `name: x\nsteps:\n  - name: a\n${lines.map((line) => `    ${line}\n`).join('')}`,
  ).steps;
  if (!step) throw new Error('no step');
  return step;
}

const code = ['type: code', 'prompt: p'] as const;

/** Data without places and without the text that they point into. */
function withoutPlaces(workflow: Workflow): unknown {
  const hidden = ['at', 'places', 'text', 'file'];
  return JSON.parse(JSON.stringify(workflow, (key, value) => (hidden.includes(key) ? undefined : value)));
}

describe('the reference workflow', () => {
  const printed = read('workflows/implement-spec.yaml');
  const strict = read('test/fixtures/workflows/implement-spec.strict.yaml');

  it('is shipped in the spelling of the documentation, which is not YAML', () => {
    expect(parseDocument(printed).errors.length).toBeGreaterThan(0);
    expect(printed).toContain('session: from: converge\n        run:\n          agent: {converge.agent}\n');
    expect(printed).toContain('- validate: validators/arch-review\n              diff: "{diff}"\n');
  });

  it('means the same as its strict spelling, which every YAML parser reads', () => {
    expect(parseDocument(strict).errors).toEqual([]);
    expect(withoutPlaces(parse(printed))).toEqual(withoutPlaces(parse(strict)));
  });

  it('means what it says', () => {
    const [decompose, quality] = parse(printed).steps;
    const [converge, smoke] = decompose?.each ?? [];
    expect(parse(printed)).toMatchObject({ name: 'implement-spec', maxBudgetUsd: 20, maxTokens: null });
    expect(decompose).toMatchObject({ kind: 'split', agent: 'claude-opus', worktree: 'read-only' });
    expect(converge?.guard).toMatchObject({ maxTurns: 60, noWrite: false });
    expect(converge?.context).toMatchObject([{ kind: 'file', path: 'docs/architecture.md' }]);
    expect(converge?.gates.map(({ name, short }) => [name, short])).toEqual([
      ['compile', null],
      ['test', null],
      ['arch-review', 'review'],
    ]);
    expect(converge?.gates[2]?.inputs).toEqual({ diff: '{diff}', spec: '{spec}', agent: 'claude-opus' });
    expect(converge?.retry.map(({ condition }) => condition)).toEqual([
      { kind: 'attempt', attempt: 2 },
      { kind: 'attempt', attempt: 4 },
      { kind: 'exit', attempt: 6 },
    ]);
    expect(converge?.retry[1]?.overrides).toEqual({
      agent: 'claude-opus',
      session: 'new',
      worktree: 'reset',
    });
    expect(smoke).toMatchObject({ session: { mode: 'from', step: 'converge' }, agent: '{converge.agent}' });
    expect(quality).toMatchObject({
      kind: 'gates',
      gates: [{ name: 'compile' }, { name: 'lint' }, { name: 'test' }],
    });
  });
});

describe('the playbook that ships', () => {
  const files = readdirSync(new URL('workflows/', root), { recursive: true, encoding: 'utf8' });
  it.each(files.filter((file) => file.endsWith('.yaml')).sort())('has no problems in %s', (file) => {
    const workflow = parse(read(`workflows/${file}`));
    const role = file.startsWith('validators/') ? 'called' : 'run';
    expect([...checkNames(workflow, { ...alone, role }), ...checkAgents(workflow)]).toEqual([]);
  });
});

describe('a wrong file', () => {
  const files = readdirSync(new URL(invalid, root)).filter((file) => file.endsWith('.yml'));

  it('has its problems written beside it, at least 80 times', () => {
    expect(files.length).toBeGreaterThanOrEqual(80);
    const told = files.map((file) =>
      read(`${invalid}${file.replace(/\.yml$/, '.txt')}`).replaceAll(file, ''),
    );
    expect(new Set(told).size).toBeGreaterThanOrEqual(80);
  });

  it('is there for every code of a problem', () => {
    const sources = ['workflow', 'plan', 'playbook'].flatMap((room) =>
      readdirSync(new URL(`src/${room}/`, root)).map((name) => read(`src/${room}/${name}`)),
    );
    const codes = sources.flatMap((text) => [
      ...[...text.matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code]) => code),
      ...[...text.matchAll(/\bcode: \w+ \? '([a-z-]+)' : '([a-z-]+)'/g)].flatMap(([, one, other]) => [
        one,
        other,
      ]),
      ...[...text.matchAll(/\bcode: `unknown-\$\{kind\}`/g)].flatMap(() => [
        'unknown-workflow',
        'unknown-validator',
      ]),
    ]);
    expect(codes.length).toBeGreaterThan(60);
    const told = new Set(
      files.flatMap((file) => diagnose(file, read(invalid + file)).map(({ code }) => code)),
    );
    // Too long to be kept as files: made in hostile.test.ts and below.
    const made = ['too-large', 'more-problems'];
    const thrown = ['ledger'];
    expect(
      [...new Set(codes)].filter((code) => code && !told.has(code) && ![...made, ...thrown].includes(code)),
    ).toEqual([]);
  });

  it.each(files)('%s is told with all its problems, places, lines and hints', (file) => {
    const told = problemsOf(file, read(`${invalid}${file}`));
    expect(told).not.toBe('');
    expect(told).toBe(read(`${invalid}${file.replace(/\.yml$/, '.txt')}`));
  });

  it('is told when it is larger than a workflow may be', () => {
    expect(problemsOf('w.yaml', `# ${'x'.repeat(1024 * 1024)}`)).toContain('larger than 1024 KiB');
  });

  it('gives a workflow beside warnings, and none beside errors', () => {
    const of = (text: string) => parseWorkflow({ file: 'w.yaml', text, readPrompt }).workflow;
    expect(of(read(`${invalid}deprecated.yml`))?.name).toBe('x');
    expect(of(read(`${invalid}durations.yml`))).toBeNull();
  });
});

describe('a step', () => {
  it('may have its keys flat or in blocks, with the same meaning', () => {
    const flat = stepOf(...code, 'worktree: none', 'agent: claude', 'hitl: true', 'guard: {max_turns: 3}');
    const blocks = stepOf(
      'type: code',
      'get: {prompt: p, worktree: none}',
      'run: {agent: claude, hitl: before_gate, guard: {max_turns: 3}}',
    );
    expect({ ...flat, places: {} }).toEqual({ ...blocks, places: {} });
  });

  it.each([
    [['type: code', 'prompt: p'], 'code', 'read-write', false],
    [['type: validate', 'prompt: p'], 'validate', 'read-only', true],
    [['type: split', 'prompt: p', 'each: [{name: b, gate: [test]}]'], 'split', 'read-only', true],
    [['gate: [test]'], 'gates', 'read-write', false],
    [['steps: [{name: b, gate: [test]}]', 'parallel: true'], 'group', 'read-write', false],
    [['workflow: setup', 'with: {a: "{spec}", b: 1}'], 'call', 'read-write', false],
    [['type: code', 'agent: pass', 'gate: [test]'], 'code', 'read-write', false],
    [['type: code', 'get: {workflow: setup}'], 'code', 'read-write', false],
  ])('with %j is of the kind %s, its tree %s', (lines, kind, worktree, noWrite) => {
    expect(stepOf(...lines)).toMatchObject({ kind, worktree, guard: { noWrite } });
  });

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
  ])('may take %s', (text, ms) => {
    expect(stepOf(...code, `guard: {max_time: ${text}}`).guard.maxTimeMs).toBe(ms);
    expect(stepOf(...code, `guard: {timeout: ${text}}`).guard.maxTimeMs).toBe(ms);
    expect(stepOf(...code, `guard: {idle_timeout: ${text}}`).guard.idleTimeoutMs).toBe(ms);
  });

  it('takes its prompt from a file, once, and keeps it', () => {
    const workflow = parse('name: x\nsteps:\n  - {name: a, type: code, prompt: {file: prompts/good.md}}\n');
    expect(workflow.steps[0]?.prompt).toBe('Build {spec}\nwell.\n');
    expect(workflow.prompts).toEqual({ 'prompts/good.md': 'Build {spec}\nwell.\n' });
  });

  it('keeps its prompt byte for byte', () => {
    const prompt = 'a: b\n  - validate: x\n      y: z\nsession: from: me\n{"j": {"k": 1}}\n# no comment\n';
    const block = prompt.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
    expect(stepOf('type: code', 'prompt: |', ...block.slice(0, -1)).prompt).toBe(prompt);
  });

  it('is told where it stands, behind a byte order mark and CRLF too', () => {
    const text = '\uFEFFname: x\r\nsteps:\r\n  - name: a\r\n    gate: [test]\r\n';
    expect(parse(text).steps[0]?.at).toEqual({ file: 'w.yaml', line: 3, column: 5 });
  });
});

describe('gates', () => {
  const named = (...lines: readonly string[]) =>
    stepOf('gate:', ...lines.map((line) => `  ${line}`)).gates.map(({ name, short }) => [name, short]);

  it('are called by type, validators by their last segment and shorter, repeated ones with a number', () => {
    expect(named('- test', '- test', '- {bash: a}', '- {bash: b}', '- validate: v/arch-review')).toEqual([
      ['test', null],
      ['test_2', null],
      ['bash', null],
      ['bash_2', null],
      ['arch-review', 'review'],
    ]);
  });

  it('have no short name where two share it, or another gate has it', () => {
    expect(named('- validate: v/a-review', '- validate: v/b-review')).toEqual([
      ['a-review', null],
      ['b-review', null],
    ]);
    expect(named('- validate: v/my-test', '- test')).toEqual([
      ['my-test', null],
      ['test', null],
    ]);
  });

  it('may be given a name, which others do not take', () => {
    expect(named('- test', '- {test: , name: test}', '- {validate: v/a-b, name: c}')).toEqual([
      ['test_2', null],
      ['test', null],
      ['c', null],
    ]);
  });

  it('have arguments and inputs as text', () => {
    const gates = stepOf(
      'gate:',
      '  - coverage: 80',
      '  - touched: "*.ts"',
      '  - bash: "test -f {task.files}"',
      '  - validate: v/x',
      '      limit: 20.00',
      '      strict: true',
      '  - {validate: v/y, with: {a: b}}',
    ).gates;
    expect(gates.map(({ argument }) => argument)).toEqual([
      '80',
      '*.ts',
      'test -f {task.files}',
      'v/x',
      'v/y',
    ]);
    expect(gates[3]?.inputs).toEqual({ limit: '20.00', strict: 'true' });
    expect(gates[4]?.inputs).toEqual({ a: 'b' });
  });

  it('are meant by their short name in a retry', () => {
    const retry = ['retry:', '  - {not: gate.review, session: new}', '  - {exit: 2}'];
    const { retry: entries } = stepOf(...code, 'gate: [{validate: v/arch-review}]', ...retry);
    expect(entries[0]?.condition).toEqual({ kind: 'not', gate: 'arch-review' });
  });
});
