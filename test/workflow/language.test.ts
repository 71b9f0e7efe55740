/** Rules of the language that a file alone shows; each title is the rule. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Diagnostic, formatDiagnostic } from '../../src/diagnostic.ts';
import { fields, keysOf, type Place } from '../../src/workflow/fields.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Step, Workflow } from '../../src/workflow/workflow.ts';
import { diagnose, readPrompt } from './problems-of.ts';

function parse(text: string): Workflow {
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
  if (!workflow) throw new Error(`${text}\n${diagnostics.map(formatDiagnostic).join('\n')}`);
  return workflow;
}

/** The problems of a text as `line:column code message`. */
const toldOf = (text: string): readonly string[] => diagnose('w.yaml', text).map(short);
const short = ({ at, code, message }: Diagnostic): string => `${at?.line}:${at?.column} ${code}: ${message}`;

const root = (keys: string): string => `${keys}\nsteps: [{name: s, gate: [test]}]\n`;
const ofStep = (keys: string): string => `name: x\nsteps:\n  - {name: s, ${keys}}\n`;
const stepOf = (keys: string): Step => {
  const [step] = parse(ofStep(keys)).steps;
  if (!step) throw new Error('no step');
  return step;
};
const code = 'type: code, prompt: p';

describe('the file', () => {
  it('needs a name and at least one step', () => {
    expect(toldOf('max_budget: 1\n')).toEqual([
      '1:1 missing-key: a workflow needs `name`',
      '1:1 missing-key: a workflow needs `steps`',
    ]);
    expect(toldOf('name: x\nsteps: []\n')).toEqual([
      '2:8 wrong-type: `steps` is a list of at least one step, not an empty list',
    ]);
  });

  it('may limit a run by max_budget in USD, max_timeout as a duration, and max_tokens', () => {
    const limited = parse(root('name: x\nmax_budget: 20.00\nmax_timeout: 1h30m\nmax_tokens: 500000'));
    expect(limited).toMatchObject({ maxBudgetUsd: 20, maxTimeoutMs: 5_400_000, maxTokens: 500_000 });
    const unlimited = { maxBudgetUsd: null, maxTimeoutMs: null, maxTokens: null };
    expect(parse(root('name: x'))).toMatchObject(unlimited);
    expect(toldOf(root('name: x\nmax_budget: 0\nmax_timeout: 90\nmax_tokens: 1.5'))).toHaveLength(3);
  });

  it('accepts description, inputs and review, each with a warning that it is deprecated', () => {
    const told = diagnose('w.yaml', root('name: x\ndescription: d\ninputs: {a: b}\nreview: [c]'));
    expect(told.map(({ severity, code, at }) => [severity, code, at?.line])).toEqual([
      ['warning', 'deprecated', 2],
      ['warning', 'deprecated', 3],
      ['warning', 'deprecated', 4],
    ]);
  });

  it('refuses every other key at every level, with its place, its line, a pointer and the nearest key', () => {
    const misspelt: readonly (readonly [Place, string, string, string])[] = [
      ['root', root('name: x\nmax_budgte: 3'), 'max_budgte', 'max_budget'],
      ['step', ofStep(`${code}, retrys: []`), 'retrys', 'retry'],
      ['get', ofStep('type: code, get: {promt: p, prompt: p}'), 'promt', 'prompt'],
      ['run', ofStep(`${code}, run: {agnet: claude}`), 'agnet', 'agent'],
      ['prompt', ofStep('type: code, prompt: {file: prompts/good.md, flie: x}'), 'flie', 'file'],
      ['context', ofStep(`${code}, context: [{file: a, bahs: b}]`), 'bahs', 'bash'],
      ['session', ofStep(`${code}, session: {from: s, form: s}`), 'form', 'from'],
      ['guard', ofStep(`${code}, guard: {max_turn: 3}`), 'max_turn', 'max_turns'],
      ['gate', ofStep(`${code}, gate: [{covrage: 80}]`), 'covrage', 'coverage'],
      ['retry', ofStep(`${code}, retry: [{atempt: 2, exit: 3}]`), 'atempt', 'attempt'],
    ];
    expect(misspelt.map(([place]) => place)).toEqual(Object.keys(fields));
    for (const [, text, wrong, meant] of misspelt) {
      const [told] = diagnose('w.yaml', text).filter((one) => one.code === 'unknown-key');
      const line = text.split('\n').findIndex((one) => one.includes(wrong)) + 1;
      const column = (text.split('\n')[line - 1] ?? '').indexOf(wrong) + 1;
      expect(told && formatDiagnostic(told)).toBe(
        `w.yaml:${line}:${column}: error: unknown key \`${wrong}\` in ${told?.message.split(' in ')[1]}\n` +
          `  ${line} | ${text.split('\n')[line - 1]}\n` +
          `    | ${' '.repeat(column - 1)}^\n` +
          `  hint: did you mean \`${meant}\`?`,
      );
    }
  });

  it('ignores nothing: a key that is put anywhere is understood or told', () => {
    const whole = [
      'name: x',
      'steps:',
      '  - name: s',
      '    type: split',
      '    get:',
      '      prompt: p',
      '    run:',
      '      guard:',
      '        max_turns: 3',
      '    gate:',
      '      - coverage: 80',
      '    retry:',
      '      - exit: 2',
      '    each:',
      '      - name: t',
      '        gate: [test]',
    ];
    const known = (Object.keys(fields) as Place[]).flatMap(keysOf);
    const word = fc.oneof(fc.constantFrom(...known), fc.stringMatching(/^[a-z_]{1,12}$/));
    fc.assert(
      fc.property(word, fc.nat({ max: whole.length - 1 }), (key, at) => {
        const line = whole[at] ?? '';
        const indent = /^[ -]*/.exec(line)?.[0].replace('-', ' ') ?? '';
        const text = [...whole.slice(0, at + 1), `${indent}${key}: 7`, ...whole.slice(at + 1)].join('\n');
        const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
        const isTold = diagnostics.some((one) => one.message.includes(`unknown key \`${key}\``));
        const isSyntax = diagnostics.some((one) => one.code === 'yaml');
        const read = JSON.stringify([workflow?.steps, workflow?.maxBudgetUsd, workflow?.maxTokens]);
        const isUnderstood = known.includes(key) && (workflow === null || /\b7\b/.test(read));
        expect(isTold || isSyntax || isUnderstood).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is told all its problems in one go, in their order', () => {
    const text = 'nmae: x\nsteps:\n  - {name: a b, type: coed}\n  - {name: c, gate: [tset]}\n';
    expect(diagnose('w.yaml', text).map(({ at, code }) => `${at?.line} ${code}`)).toEqual([
      '1 unknown-key',
      '1 missing-key',
      '3 wrong-type',
      '3 unknown-type',
      '4 unknown-gate',
    ]);
  });
});

describe('the three spellings of the documentation', () => {
  const steps = (lines: string): string =>
    `name: x\nsteps:\n  - {name: a, ${code}}\n  - name: b\n    type: code\n    prompt: p\n${lines}`;
  const second = (lines: string): Step => {
    const step = parse(steps(lines)).steps[1];
    if (!step) throw new Error('no step');
    return step;
  };

  it('`session: from: a` means `session: {from: a}`', () => {
    expect(second('    session: from: a\n').session).toEqual({ mode: 'from', step: 'a' });
    expect(second('    session: {from: a}\n').session).toEqual({ mode: 'from', step: 'a' });
  });

  it('keys that are indented deeper than `validate` are the inputs of that entry', () => {
    const lines =
      '    gate:\n      - validate: v/x\n          diff: "{diff}"\n          limit: 3\n      - test\n';
    expect(second(lines).gates.map(({ name, inputs }) => [name, inputs])).toEqual([
      ['x', { diff: '{diff}', limit: '3' }],
      ['test', {}],
    ]);
  });

  it('a value that is one bare placeholder is its text', () => {
    expect(second('    agent: {a.agent}\n').agent).toBe('{a.agent}');
    expect(second('    agent: "{a.agent}"\n').agent).toBe('{a.agent}');
    expect(second('    gate: [{validate: v/x, diff: {diff}}]\n').gates[0]?.inputs).toEqual({
      diff: '{diff}',
    });
  });

  it('are told with the lines and columns of the file where something is wrong in them or behind', () => {
    const lines =
      '    session: from: a/b\n    gate:\n      - validate: v/x\n          di.f: 1\n          name: a b\n      - tset\n    agnet: {a.agent}\n';
    expect(
      diagnose('w.yaml', steps(lines)).map(({ at, code }) => `${at?.line}:${at?.column} ${code}`),
    ).toEqual([
      '7:20 wrong-type',
      '10:11 not-a-name',
      '11:17 wrong-type',
      '12:9 unknown-gate',
      '13:5 unknown-key',
    ]);
  });
});

describe('a step', () => {
  it('has a name that is unique among its siblings', () => {
    const twice = `name: x\nsteps:\n  - {name: a, ${code}}\n  - {name: a, ${code}}\n`;
    expect(toldOf(twice)).toEqual([
      '4:12 duplicate-name: two steps here are named `a`; the first is in line 3',
    ]);
    const apart = `name: x\nsteps:\n  - {name: a, ${code}}\n  - {name: b, steps: [{name: a, ${code}}]}\n`;
    expect(toldOf(apart)).toEqual([]);
  });

  it('has a name of letters, digits, `_` and `-`, of at most 64 characters', () => {
    expect(stepOf(code).name).toBe('s');
    const longest = 'aZ0_-'.padEnd(64, 'x');
    expect(parse(`name: x\nsteps: [{name: ${longest}, ${code}}]\n`).steps[0]?.name).toBe(longest);
    expect(toldOf(`name: x\nsteps: [{name: ${longest}x, ${code}}]\n`)).toHaveLength(1);
  });

  it('may not say the same key flat and in its block', () => {
    expect(toldOf(ofStep('type: code, prompt: p, get: {prompt: q}'))).toEqual([
      '3:27 two-places: `prompt` is given twice: here and in `get:` (line 3)',
    ]);
  });

  it('may not say a flat key beside the block that it belongs into', () => {
    expect(toldOf(ofStep('type: code, worktree: none, get: {prompt: q}'))).toEqual([
      '3:27 two-places: `worktree` stands beside `get:`, where it belongs',
    ]);
    expect(toldOf(ofStep(`${code}, agent: claude, run: {hitl: true}`))).toEqual([
      '3:38 two-places: `agent` stands beside `run:`, where it belongs',
    ]);
  });

  it('is recognised by its keys: a type, only gates, steps, or a called workflow', () => {
    const each = 'each: [{name: t, gate: [test]}]';
    expect(stepOf(code).kind).toBe('code');
    expect(stepOf(`type: split, prompt: p, ${each}`).kind).toBe('split');
    expect(stepOf('type: validate, prompt: p').kind).toBe('validate');
    expect(stepOf('gate: [test]').kind).toBe('gates');
    expect(stepOf('steps: [{name: t, gate: [test]}]').kind).toBe('group');
    expect(stepOf('workflow: other, with: {a: b}').kind).toBe('call');
  });

  it.each(['search', 'scrape', 'surf', 'use', 'doc'])(
    'of the reserved type %s is not supported yet, never unknown',
    (type) => {
      const [told = ''] = toldOf(ofStep(`type: ${type}, prompt: p`));
      expect(told).toContain('reserved-type: the step type');
      expect(told).toContain('is not supported yet');
    },
  );

  it('has a tree that code may write, and that split and validate may only read, unless it says otherwise', () => {
    const each = 'each: [{name: t, gate: [test]}]';
    expect(stepOf(code).worktree).toBe('read-write');
    expect(stepOf(`type: split, prompt: p, ${each}`).worktree).toBe('read-only');
    expect(stepOf('type: validate, prompt: p').worktree).toBe('read-only');
    expect(stepOf(`${code}, worktree: none`).worktree).toBe('none');
  });

  it('pauses for a person before its gates (`before_gate`, also `true`) or behind them (`after_gate`)', () => {
    expect(stepOf(`${code}, hitl: true`).hitl).toBe('before_gate');
    expect(stepOf(`${code}, hitl: before_gate`).hitl).toBe('before_gate');
    expect(stepOf(`${code}, hitl: after_gate`).hitl).toBe('after_gate');
    expect(stepOf(code).hitl).toBeNull();
  });

  it('has guards of turns, USD, tokens and time, whose alias is `timeout`; both of them are an error', () => {
    const guard = '{max_turns: 3, max_budget: 1.50, max_tokens: 10, max_time: 90s}';
    const read = { maxTurns: 3, maxBudgetUsd: 1.5, maxTokens: 10, maxTimeMs: 90_000 };
    expect(stepOf(`${code}, guard: ${guard}`).guard).toMatchObject(read);
    expect(stepOf(`${code}, guard: {timeout: 90s}`).guard.maxTimeMs).toBe(90_000);
    expect(toldOf(ofStep(`${code}, guard: {timeout: 90s, max_time: 90s}`))[0]).toContain('two-places');
  });

  it('may write unless it is a split or validates, or `no_write` says otherwise', () => {
    const each = 'each: [{name: t, gate: [test]}]';
    expect(stepOf(code).guard.noWrite).toBe(false);
    expect(stepOf(`type: split, prompt: p, ${each}`).guard.noWrite).toBe(true);
    expect(stepOf('type: validate, prompt: p').guard.noWrite).toBe(true);
    expect(stepOf(`${code}, guard: {no_write: true}`).guard.noWrite).toBe(true);
  });
});

describe('a name in a template', () => {
  it('that can never have a value there is an error before the run, with a suggestion', () => {
    const [told] = diagnose('w.yaml', ofStep('type: code, prompt: "{spce}"'));
    expect(told).toMatchObject({ severity: 'error', code: 'unknown-name', at: { line: 3, column: 36 } });
    expect(told?.hint).toContain('did you mean `{spec}`?');
  });

  it('that merely has no value yet is no problem', () => {
    expect(
      toldOf(ofStep('type: code, prompt: "{error}{diff}{prev.output}{gate.test.error}", gate: [test]')),
    ).toEqual([]);
  });

  it('of another step is found from the inside out, and by its full path from anywhere behind it', () => {
    const text = (name: string): string => `name: x
steps:
  - {name: before, ${code}}
  - name: cut
    type: split
    prompt: p
    each:
      - {name: first, ${code}}
      - {name: second, type: code, prompt: "{${name}}"}
  - {name: behind, type: code, prompt: "{cut/task-1/first.output} {before.output}"}
`;
    for (const name of ['first.output', 'cut.output', 'before.output', 'cut/any/first.output']) {
      expect(toldOf(text(name))).toEqual([]);
    }
    for (const name of ['behind.output', 'second.output', 'nobody.output']) {
      expect(toldOf(text(name))).toHaveLength(1);
    }
  });

  it('of the task has a value in the body of a split only', () => {
    expect(
      toldOf(ofStep('type: split, prompt: p, each: [{name: t, type: code, prompt: "{task.name}"}]')),
    ).toEqual([]);
    expect(toldOf(ofStep('type: code, prompt: "{task.name}"'))[0]).toContain(
      'only the `each` of a split has a task',
    );
  });
});

describe('the gates of a step', () => {
  const gates = (list: string): Step['gates'] => stepOf(`${code}, gate: ${list}`).gates;
  const names = (list: string) => gates(list).map(({ name, short: brief }) => [name, brief]);

  it('are called by their type, a repeated one with `_2`, `_3`, and `name:` gives another', () => {
    expect(names('[test, test, {test: }, {bash: a, name: mine}]')).toEqual([
      ['test', null],
      ['test_2', null],
      ['test_3', null],
      ['mine', null],
    ]);
  });

  it('that are validators are called by the last segment of their path, and by what stands behind its last dash', () => {
    expect(names('[{validate: validators/arch-review}]')).toEqual([['arch-review', 'review']]);
    const retry =
      'retry: [{not: gate.review, session: new}, {not: gate.arch-review, session: new}, {exit: 3}]';
    const [short_, full] = stepOf(`${code}, gate: [{validate: validators/arch-review}], ${retry}`).retry;
    expect([short_?.condition, full?.condition]).toEqual([
      { kind: 'not', gate: 'arch-review' },
      { kind: 'not', gate: 'arch-review' },
    ]);
  });

  it('that share a short name cannot be meant by it: that is an error, told with the full names', () => {
    const both = 'gate: [{validate: v/a-review}, {validate: v/b-review}]';
    const retry = 'retry: [{not: gate.review, session: new}, {exit: 2}]';
    expect(toldOf(ofStep(`${code}, ${both}, ${retry}`))[0]).toContain(
      'could be any of gate.a-review, gate.b-review',
    );
    const prompt = 'type: code, prompt: "{gate.review.comments}"';
    expect(diagnose('w.yaml', ofStep(`${prompt}, ${both}`))[0]?.hint).toContain('`{gate.a-review.comments}`');
  });
});

describe('a retry', () => {
  const retryOf = (list: string): readonly string[] =>
    toldOf(ofStep(`${code}, gate: [test], retry: ${list}`));

  it('is a list of entries with exactly one condition each', () => {
    expect(retryOf('[{attempt: 2, session: new}, {not: gate.test, prompt: p}, {exit: 3}]')).toEqual([]);
    expect(retryOf('[{attempt: 2, not: gate.test, session: new}, {exit: 3}]')[0]).toContain(
      'exactly one condition',
    );
    expect(retryOf('[{session: new}, {exit: 3}]')[0]).toContain('exactly one condition, not none');
    expect(retryOf('3')[0]).toContain('is a list of entries');
  });

  it('needs an `exit` greater than 0', () => {
    expect(retryOf('[{attempt: 2, session: new}]')[0]).toContain('`retry` needs an `exit: N` at its end');
    expect(retryOf('[{exit: 0}]')[0]).toContain('is a whole number greater than 0');
  });

  it('may change agent, prompt, session and worktree, and nothing else', () => {
    const [entry] = stepOf(
      `${code}, retry: [{attempt: 2, agent: codex, prompt: q, session: new, worktree: reset}, {exit: 3}]`,
    ).retry;
    expect(entry?.overrides).toEqual({ agent: 'codex', prompt: 'q', session: 'new', worktree: 'reset' });
    expect(retryOf('[{attempt: 2, guard: {max_turns: 3}}, {exit: 3}]')[0]).toContain('unknown key `guard`');
    expect(retryOf('[{attempt: 2, session: {from: s}}, {exit: 3}]')[0]).toContain('can only be `new`');
    expect(retryOf('[{attempt: 2, worktree: read-only}, {exit: 3}]')[0]).toContain('can only be `reset`');
  });

  it('has attempt numbers that rise strictly', () => {
    expect(retryOf('[{attempt: 3, session: new}, {attempt: 2, prompt: p}, {exit: 4}]')[0]).toContain(
      'attempt numbers rise',
    );
    expect(retryOf('[{attempt: 2, session: new}, {attempt: 2, prompt: p}, {exit: 4}]')[0]).toContain(
      'attempt numbers rise',
    );
  });

  it('has no entry behind `exit`', () => {
    expect(retryOf('[{exit: 2}, {attempt: 2, session: new}]')[0]).toContain('stands behind `exit`');
  });

  it('of a group has one entry, `exit`', () => {
    const group = (list: string) => toldOf(ofStep(`steps: [{name: t, gate: [test]}], retry: ${list}`));
    expect(group('[{exit: 2}]')).toEqual([]);
    expect(group('[{attempt: 2, session: new}, {exit: 3}]')[0]).toContain(
      'the retry of a group has one entry',
    );
  });

  it('may ask a validator, with inputs, as its condition', () => {
    const [entry] = stepOf(
      `${code}, retry: [{validate: v/x, with: {diff: "{diff}"}, session: new}, {exit: 2}]`,
    ).retry;
    expect(entry?.condition).toEqual({ kind: 'validate', path: 'v/x', with: { diff: '{diff}' } });
    expect(retryOf('[{attempt: 2, with: {a: b}, session: new}, {exit: 3}]')[0]).toContain('misplaced-key');
  });
});
