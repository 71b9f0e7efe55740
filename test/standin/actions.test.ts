import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, refusedWith, startFixture } from './standin-fixture.ts';
import type { Dispatch } from './world.ts';

let fixture: Fixture;
let dispatches: Dispatch[];
beforeEach(async () => {
  fixture = await startFixture();
  dispatches = [];
  fixture.standin.onDispatch((dispatch) => void dispatches.push(dispatch));
});
afterEach(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

function dispatch(inputs: Record<string, string>, workflow_id = 'gump.yml', ref = 'main') {
  return fixture.job.actions.createWorkflowDispatch({ ...at, workflow_id, ref, inputs });
}

test('a dispatch is 204, makes a queued run and reaches the runner with its inputs', async () => {
  const { standin, job } = fixture;
  expect((await dispatch({ command: 'run' })).status).toBe(204);
  const { data } = await job.actions.listWorkflowRuns({ ...at, workflow_id: 'gump.yml' });
  expect(data.workflow_runs.map(({ status, event, path }) => [status, event, path])).toEqual([
    ['queued', 'workflow_dispatch', '.github/workflows/gump.yml'],
  ]);
  expect(dispatches).toEqual([
    expect.objectContaining({
      ...{ owner: 'acme', repo: 'shop', workflowPath: '.github/workflows/gump.yml', ref: 'refs/heads/main' },
      ...{
        inputs: { command: 'run', mode: 'fast' },
        actor: 'github-actions[bot]',
        runId: data.workflow_runs[0]?.id,
      },
    }),
  ]);
  standin.updateRun(dispatches[0]?.runId ?? 0, { status: 'in_progress' });
  standin.updateRun(dispatches[0]?.runId ?? 0, { status: 'completed', conclusion: 'success' });
  const run = await job.actions.getWorkflowRun({ ...at, run_id: dispatches[0]?.runId ?? 0 });
  expect(run.data).toMatchObject({ status: 'completed', conclusion: 'success' });
});

test("a dispatch that GitHub would not take is refused in GitHub's words", async () => {
  const message = async (call: Promise<unknown>) => await refusedWith(call);
  expect((await message(dispatch({ command: 'run', nope: '1' }))).message).toContain(
    'Unexpected inputs provided: ["nope"]',
  );
  expect((await message(dispatch({}))).message).toContain("Required input 'command' not provided");
  expect(await message(dispatch({ command: 'x', mode: 'warp' }))).toMatchObject({ status: 422 });
  expect((await message(dispatch({}, 'ci.yml'))).message).toContain(
    "Workflow does not have 'workflow_dispatch' trigger",
  );
  expect((await message(dispatch({ command: 'x' }, 'gump.yml', 'nowhere'))).message).toContain(
    'No ref found for: nowhere',
  );
  expect(await message(dispatch({ command: 'x' }, 'nothing.yml'))).toMatchObject({ status: 404 });
  expect(dispatches).toEqual([]);
});

test('cancelling tells the runner, and a run that has ended cannot be cancelled', async () => {
  const { standin, job } = fixture;
  await dispatch({ command: 'run' });
  const { runId = 0, signal } = dispatches[0] ?? {};
  standin.updateRun(runId, { status: 'in_progress' });
  expect((await job.actions.cancelWorkflowRun({ ...at, run_id: runId })).status).toBe(202);
  expect(signal?.aborted).toBe(true);
  standin.updateRun(runId, { status: 'completed', conclusion: 'cancelled' });
  expect(await refusedWith(job.actions.cancelWorkflowRun({ ...at, run_id: runId }))).toMatchObject({
    status: 409,
  });
});

test('a handler that fails ends its run as a failure', async () => {
  fixture.standin.onDispatch(() => {
    throw new Error('no runner');
  });
  await dispatch({ command: 'run' });
  const { data } = await fixture.job.actions.listWorkflowRunsForRepo({ ...at, status: 'failure' });
  expect(data.total_count).toBe(1);
});
