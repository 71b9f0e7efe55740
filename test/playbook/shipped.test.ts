/** What every workflow that ships has to have, whatever it does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { matchingFiles } from '../../src/gates/touched.ts';
import { validateFiles } from '../../src/hosting/validate.ts';
import { shippedFolder } from '../../src/playbook/source.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Step, Workflow } from '../../src/workflow/workflow.ts';

const names = globSync('**/*.yaml', { cwd: shippedFolder }).sort();
const textOf = (name: string) => readFileSync(join(shippedFolder, name), 'utf8');
/** Shipped as its documentation prints it, so the rules of the others are not its own. */
const printed = 'implement-spec.yaml';
const ours = names.filter((name) => name !== printed);

function workflowOf(name: string): Workflow {
  const { workflow } = parseWorkflow({ file: name, text: textOf(name), readPrompt: () => null });
  if (!workflow) throw new Error(`${name} cannot be read`);
  return workflow;
}

const stepsIn = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => [step, ...stepsIn(step.each), ...stepsIn(step.steps)]);
const agentSteps = (name: string) =>
  stepsIn(workflowOf(name).steps).filter(({ kind }) => ['code', 'split', 'validate'].includes(kind));
const gatesIn = (name: string) => stepsIn(workflowOf(name).steps).flatMap(({ gates }) => gates);

describe.each(names)('%s', (name) => {
  it('is valid, without a warning', () => {
    const resolvePath = (path: string) => join(shippedFolder, path);
    expect(validateFiles({ files: [name], resolvePath, user: null, env: {}, given: [] })).toEqual([]);
  });

  it('begins with a few lines that say what it is for, when to use it, what it costs and how to change it', () => {
    const lines = textOf(name).split('\n');
    const head = lines.slice(
      0,
      lines.findIndex((line) => !line.startsWith('#')),
    );
    const title = name.replace(/^.*\//, '').replace('.yaml', '');
    expect(head[0]).toMatch(new RegExp(`^# ${title}: `));
    expect(head.length).toBeLessThanOrEqual(8);
    for (const word of [/^# Use it /m, /at most|# At most: /, /^# Customise: /m])
      expect(head.join('\n')).toMatch(word);
    expect(workflowOf(name).name).toBe(title);
  });
});

test.each(ours)('%s limits the turns of every agent', (name) => {
  expect(agentSteps(name).filter(({ guard }) => guard.maxTurns === null)).toEqual([]);
});

test.each(ours)('%s names an agent for every step, so that it runs as it is', (name) => {
  expect(agentSteps(name).filter(({ agent }) => agent === null)).toEqual([]);
});

test.each(ours.filter((name) => !name.startsWith('validators/')))(
  '%s has a budget, and says the same one in its head',
  (name) => {
    const budget = workflowOf(name).maxBudgetUsd;
    expect(textOf(name)).toContain(`$${budget}`);
    expect(readFileSync(join(shippedFolder, '../README.md'), 'utf8')).toMatch(
      new RegExp(`^\\| \`${workflowOf(name).name}\` \\| .* \\| \\$${budget} \\|$`, 'm'),
    );
  },
);

test.each(ours)('%s says wherever outside text comes in that it is no instruction', (name) => {
  for (const { prompt } of agentSteps(name)) {
    if (!/\{(?:spec|diff)\}/.test(prompt ?? '')) continue;
    expect(prompt).toMatch(/does not count|is an instruction to you|never an instruction/);
  }
});

test('what a retry is told is never nothing: every prompt of a retry quotes the failure', () => {
  const prompts = ours.flatMap((name) =>
    agentSteps(name).flatMap(({ retry }) => retry.flatMap(({ overrides }) => overrides.prompt ?? [])),
  );
  expect(prompts.length).toBeGreaterThan(10);
  expect(prompts.filter((prompt) => !prompt.includes('{error}'))).toEqual([]);
});

const globs = (name: string) =>
  gatesIn(name).flatMap(({ kind, name: gate, argument }) =>
    kind === 'touched' || kind === 'untouched' ? [[gate, argument ?? ''] as const] : [],
  );

describe('the globs of tests', () => {
  const [testGlob = ''] = globs('tdd.yaml').flatMap(([gate, glob]) => (gate === 'has_tests' ? [glob] : []));

  it('are one and the same in every workflow, turned round where only tests may be changed', () => {
    const all = ours.flatMap(globs).filter(([gate]) => gate !== 'same_runner');
    expect(all.map(([, glob]) => glob.replace(/^!/, ''))).toEqual(all.map(() => testGlob));
    const turned = all.filter(([, glob]) => glob.startsWith('!')).map(([gate]) => gate);
    expect(turned).toEqual(['only_tests', 'only_tests']);
  });

  it.each([
    'test/a.js',
    'tests/fixtures/deep/data.json',
    'src/__tests__/a.tsx',
    'a.test.ts',
    'src/a.spec.ts',
    'src/__snapshots__/a.test.ts.snap',
    'test-a.mjs',
    'pkg/a_test.go',
    'pkg/testdata/in.txt',
    'crates/x/tests/it.rs',
    'test_a.py',
    'app/conftest.py',
    'src/test/java/org/x/ATest.java',
    'X.Tests/ATests.cs',
    'lib/a_spec.rb',
    'test/a_test.exs',
    'src/ASpec.scala',
  ])('know %s', (path) => {
    expect(matchingFiles(testGlob, [path])).toEqual([path]);
    expect(matchingFiles(`!${testGlob}`, [path])).toEqual([]);
  });

  it.each([
    'src/a.ts',
    'src/contest.ts',
    'latest/a.py',
    'package.json',
    'README.md',
    'cmd/attest.go',
    '.env',
  ])('leave %s alone', (path) => {
    expect(matchingFiles(testGlob, [path])).toEqual([]);
    expect(matchingFiles(`!${testGlob}`, [path])).toEqual([path]);
  });

  it('of a runner know its configuration', () => {
    const runner = globs('tdd.yaml').flatMap(([gate, glob]) => (gate === 'same_runner' ? [glob] : []));
    const files = ['vitest.config.ts', 'a/jest.config.js', '.mocharc.json', 'pytest.ini', 'src/config.ts'];
    expect(matchingFiles(runner[0] ?? '', files)).toEqual(files.slice(0, 4));
    const all = ours.flatMap(globs).filter(([gate]) => gate === 'same_runner');
    expect(all.map(([, glob]) => glob)).toEqual(['bugfix', 'refactor', 'tdd'].map(() => runner[0]));
  });
});
