import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentFamily, refuseAgentName } from '../../src/workflow/agent-names.ts';
import { calledPaths } from '../../src/workflow/called.ts';
import { alone, checkNames } from '../../src/workflow/names.ts';
import { requiredInputs } from '../../src/workflow/needs.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';

function parse(text: string): Workflow {
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt: () => null });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

const playbook = (name: string): Workflow =>
  parse(readFileSync(new URL(`../../workflows/${name}`, import.meta.url), 'utf8'));

const inside = { ...alone, role: 'called' } as const;

describe('names in templates', () => {
  const names = [
    '{spec} {attempt} {error} {diff} {run.id} {run.cost} {run.tokens} {run.duration}',
    '{task.name} {task.description} {task.files}',
    '{gate.test} {gate.review.comments} {gate.a-review.error}',
    '{prev.error} {prev.diff} {prev.gate.review.comments} {prev.output}',
    '{first.output} {first.gate.lint} {first.session_id} {first.tokens_in} {plan.output} {setup.state.key.x}',
    '{plan/any-task/first.output} {build/task-1/first.status} {setup.output}',
    '{{not a name}} {"json": 1} { spaced }',
  ].join(' ');
  const text = `name: x
steps:
  - {name: setup, workflow: w}
  - name: plan
    type: split
    prompt: "{setup.output}"
    each:
      - {name: first, type: code, prompt: p, gate: [lint]}
      - name: second
        type: code
        prompt: '${names}'
        gate: [test, {validate: v/a-review}]
`;

  it('are fine where they can have a value', () => {
    expect(checkNames(parse(text))).toEqual([]);
  });

  it('of the step itself have a value in its gates and retries only', () => {
    const step = (prompt: string, input: string): Workflow =>
      parse(
        `name: x\nsteps:\n  - {name: a, type: code, prompt: "${prompt}", gate: [{validate: v/x, i: "${input}"}]}\n`,
      );
    expect(checkNames(step('p', '{a.output}'))).toEqual([]);
    expect(checkNames(step('{a.output}', 'x'))).toHaveLength(1);
  });
});

describe('a called workflow', () => {
  it('needs the names that it uses and does not have', () => {
    const validator = playbook('validators/arch-review.yaml');
    expect(requiredInputs(validator)).toEqual(['agent']);
    expect(checkNames(validator, inside)).toEqual([]);
    expect(checkNames(validator).map((one) => one.at?.line)).toEqual([expect.any(Number)]);
  });

  it('needs each name once, in the order of the file, and what is certainly wrong is still told', () => {
    const text =
      'name: x\nsteps:\n  - {name: a, type: code, prompt: "{two} {one.x} {two} {spec} {prev.bad}"}\n';
    expect(requiredInputs(parse(text))).toEqual(['two', 'one.x']);
    expect(checkNames(parse(text), inside).map((one) => one.message)).toEqual([
      '`{prev.bad}` can never have a value here: `prev` has no `bad`',
    ]);
  });

  it('is found where it is called', () => {
    const text = `name: x
steps:
  - {name: a, workflow: setup, with: {k: v}}
  - name: b
    type: code
    prompt: p
    gate: [{validate: validators/one-two, diff: d}]
    retry: [{validate: validators/three, with: {x: y}, session: new}, {exit: 2}]
`;
    expect(
      calledPaths(parse(text)).map(({ path, kind, inputs, at }) => [path, kind, inputs, at.line]),
    ).toEqual([
      ['setup', 'workflow', ['k'], 3],
      ['validators/one-two', 'validator', ['diff'], 7],
      ['validators/three', 'validator', ['x'], 8],
    ]);
  });
});

describe('an agent name', () => {
  it.each([
    ['claude', 'claude'],
    ['claude-opus', 'claude'],
    ['codex-any-future-model', 'codex'],
    ['copilot', 'copilot'],
    ['claudette', null],
    ['gpt-5', null],
    ['', null],
    ['constructor', null],
  ])('%j is of the family %j', (name, family) => {
    expect(agentFamily(name)).toBe(family);
  });

  it('may be of a family that the configuration adds', () => {
    expect(refuseAgentName('my-cli-big', ['my-cli'])).toBeNull();
    expect(refuseAgentName('my-cil-big', ['claude'])?.message).toContain('my-cil-big');
  });
});
