import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { actionWorkflow, workflowPath } from './runner-fixture.ts';
import { close, isAlive, isWaiting, lastJob, open, until, waitForever } from './runner-scenario.ts';

afterEach(close);

describe('cancelling a job', () => {
  it('sends SIGINT first, so that the action can end well, and always() still runs', async () => {
    const opened = await open({ cancelTimes: { sigintMs: 5_000, sigtermMs: 300 } });
    const code = `process.on('SIGINT', () => { console.log('tidied up'); process.exit(130); }); ${waitForever}`;
    const text = `${actionWorkflow({ do: code })}      - if: always()\n        run: echo afterwards\n`;
    await opened.commit({ [workflowPath]: text });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    opened.runner.cancel(lastJob().id);
    const job = await opened.runner.ended('1');
    expect(job.conclusion).toBe('cancelled');
    expect(job.exitCode).toBe(130);
    expect(job.log).toContain('tidied up');
    expect(job.log).toContain('afterwards');
    expect(opened.tokens[0]?.revoked).toBe(true);
  });

  it('kills what ignores SIGINT and SIGTERM', async () => {
    const opened = await open();
    const code = `process.on('SIGINT', () => console.log('no')); process.on('SIGTERM', () => console.log('never')); ${waitForever}`;
    await opened.commit({ [workflowPath]: actionWorkflow({ do: code }) });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    opened.runner.cancel('1');
    const job = await opened.runner.ended('1');
    expect(job.log.slice(-3)).toEqual(['no', 'never', '##[error]Process completed with exit code 137.']);
    expect(job.conclusion).toBe('cancelled');
  });

  it('follows the signal of who asked for the run', async () => {
    const opened = await open();
    const stop = new AbortController();
    await opened.commit({ [workflowPath]: actionWorkflow({ do: waitForever }) });
    await opened.runner.start({
      owner: 'acme',
      repo: 'app',
      workflowPath,
      ref: 'refs/heads/main',
      inputs: {},
      actor: 'mona',
      runId: 4711,
      signal: stop.signal,
    });
    await until(() => isWaiting(opened.runner.jobs[0]));
    stop.abort();
    await opened.runner.idle();
    expect(lastJob()).toMatchObject({ runId: 4711, conclusion: 'cancelled' });
  });
});

describe('a job behind another', () => {
  const behind = (code: string) => `${actionWorkflow({ do: code })}    outputs:
      status: \${{ steps.it.outputs.status }}
  after:
    needs: gump
    if: always() && needs.gump.outputs.status == ''
    runs-on: ubuntu-latest
    steps:
      - run: echo "behind \${{ needs.gump.result }}"
`;

  it('finds the one before cancelled, and runs although the whole run is', async () => {
    const opened = await open();
    const stop = new AbortController();
    await opened.commit({ [workflowPath]: behind(waitForever) });
    const order = { owner: 'acme', repo: 'app', workflowPath, ref: 'refs/heads/main' };
    await opened.runner.start({ ...order, inputs: {}, actor: 'mona', runId: 4711, signal: stop.signal });
    await until(() => isWaiting(opened.runner.jobs[0]));
    stop.abort();
    await opened.runner.idle();
    expect(lastJob()).toMatchObject({ jobKey: 'after', conclusion: 'success' });
    expect(lastJob().log).toContain('behind cancelled');
  });

  it('finds the one before failed and without a word when its machine was lost', async () => {
    const opened = await open();
    await opened.commit({ [workflowPath]: behind(`output('status=pass\\n'); ${waitForever}`) });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    opened.runner.kill('1', 'SIGKILL', { tree: true });
    await opened.runner.idle();
    expect(lastJob()).toMatchObject({ jobKey: 'after', conclusion: 'success' });
    expect(lastJob().log).toContain('behind failure');
  });

  it('costs no machine where the one before has said its word', async () => {
    const opened = await open();
    await opened.commit({ [workflowPath]: behind("output('status=pass\\n'); process.exitCode = 1;") });
    await opened.dispatch();
    await opened.runner.idle();
    expect(opened.runner.jobs.map(({ jobKey, conclusion }) => [jobKey, conclusion])).toEqual([
      ['gump', 'failure'],
      ['after', 'skipped'],
    ]);
  });
});

describe('concurrency', () => {
  it('lets one run, one wait, and a newer one take the place of the one that waits', async () => {
    const changes: string[] = [];
    const opened = await open({
      onRunChange: (runId, change) => changes.push(`${runId} ${change.status} ${change.conclusion}`),
    });
    const head = 'concurrency:\n  group: gump-${{ inputs.issue }}\n  cancel-in-progress: false';
    await opened.commit({ [workflowPath]: actionWorkflow({ do: waitForever }, head) });
    for (const issue of ['1', '1', '1', '2']) await opened.dispatch({ issue });
    await until(() => isWaiting(opened.runner.jobs[0]) && isWaiting(opened.runner.jobs[3]));
    expect(opened.runner.jobs.map((job) => job.status)).toEqual([
      'in_progress',
      'completed',
      'queued',
      'in_progress',
    ]);
    expect(opened.runner.jobs[1]?.conclusion).toBe('cancelled');
    opened.runner.cancel('1');
    await until(() => isWaiting(opened.runner.jobs[2]));
    expect(opened.runner.jobs[0]?.conclusion).toBe('cancelled');
    expect(changes).toContain('1002 completed cancelled');
    expect(changes).toContain('1003 in_progress null');
  });
});

describe('killing', () => {
  it('ends only the main process, and the job goes on as after any failed step', async () => {
    const opened = await open();
    const text = `${actionWorkflow({ do: waitForever })}      - if: always()\n        run: echo afterwards\n`;
    await opened.commit({ [workflowPath]: text });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    expect(opened.runner.kill('1')).toBe(true);
    const job = await opened.runner.ended('1');
    expect(job).toMatchObject({ exitCode: 137, conclusion: 'failure', lost: false });
    expect(job.log).toContain('afterwards');
    expect(opened.runner.kill('1')).toBe(false);
  });

  it('takes everything with it as a lost machine would, and the run can be started again', async () => {
    const opened = await open();
    const code = `if (env.GITHUB_RUN_ATTEMPT === '2') { output('status=second'); return; }
      const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }); child.unref();
      const clean = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: {} }); clean.unref();
      fs.writeFileSync(env.RUNNER_TEMP + '/orphan', child.pid + ' ' + clean.pid); ${waitForever}`;
    const text = `${actionWorkflow({ do: code })}      - if: always()\n        run: echo afterwards\n`;
    const sha = await opened.commit({ [workflowPath]: text });
    await opened.dispatch({ issue: '9' });
    await until(() => isWaiting(opened.runner.jobs[0]));
    await expect(opened.runner.rerun('1')).rejects.toThrow('already running');
    opened.runner.kill('1', 'SIGKILL', { tree: true });
    const job = await opened.runner.ended('1');
    expect(job).toMatchObject({ conclusion: 'failure', lost: true });
    expect(job.log).not.toContain('afterwards');
    const left = readFileSync(join(job.dir, 'temp', 'orphan'), 'utf8')
      .split(' ')
      .map(Number);
    expect(left).toHaveLength(2);
    await until(() => left.every((pid) => !isAlive(pid)));
    await opened.commit({ 'later.txt': 'a commit after the run began' });
    await opened.runner.idle();
    await opened.runner.rerun('1');
    await opened.runner.idle();
    const again = lastJob();
    expect(again).toMatchObject({ runId: job.runId, runAttempt: 2, sha, conclusion: 'success' });
    expect(again.inputs.issue).toBe('9');
    expect(again.stepOutputs.it).toEqual({ status: 'second' });
    expect(existsSync(join(again.dir, 'temp', 'orphan'))).toBe(false);
  });

  it('is what closing does to all that still runs', async () => {
    const opened = await open();
    await opened.commit({ [workflowPath]: actionWorkflow({ do: waitForever }) });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    await opened.runner.close();
    expect(lastJob()).toMatchObject({ status: 'completed', lost: true });
    expect(opened.tokens[0]?.revoked).toBe(true);
    await expect(opened.dispatch()).rejects.toThrow('closed');
  });
});
