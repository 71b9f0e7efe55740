import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { servePages } from './pages/pages.ts';
import { createRunner, type Runner } from './runner.ts';
import { actionWorkflow, workflowPath, writeActionFixture, writeFiles } from './runner-fixture.ts';
import { type Standin, startStandin } from './standin.ts';

let dir: string;
let standin: Standin;
let runner: Runner;
let userToken: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'standin-whole-'));
  standin = await startStandin({ dir: join(dir, 'git') });
  const action = await writeActionFixture(join(dir, 'action'));
  runner = createRunner({
    ...action,
    standin,
    dir: join(dir, 'jobs'),
    cancelTimes: { sigintMs: 300, sigtermMs: 300 },
    onRunChange: (runId, change) => standin.updateRun(runId, change),
  });
  standin.onDispatch((dispatch) => runner.start(dispatch));
  servePages(standin, runner);
  userToken = standin.addUser('mona').token;
});

afterEach(async () => {
  await runner.close();
  await standin.close();
  await rm(dir, { recursive: true, force: true });
});

async function repository(workflow: string): Promise<void> {
  const fromDir = join(dir, 'first-commit');
  await writeFiles(fromDir, { [workflowPath]: workflow, 'README.md': '# App\n' });
  await standin.addRepository({ owner: 'acme', name: 'app', fromDir });
  standin.setPermission('acme/app', 'mona', 'write');
}

function api(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${standin.apiUrl}/repos/acme/app${path}`, {
    method,
    headers: { authorization: `Bearer ${userToken}`, accept: 'application/vnd.github+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function runState(): Promise<unknown> {
  const { workflow_runs } = (await (await api('GET', '/actions/runs')).json()) as {
    workflow_runs: readonly { status: string; conclusion: string | null }[];
  };
  return workflow_runs.map((run) => `${run.status} ${run.conclusion}`);
}

it('runs what is dispatched over the API with a token that can do what the workflow says, and no longer', async () => {
  const code = `const call = (path, init) => fetch(env.GITHUB_API_URL + '/repos/' + env.GITHUB_REPOSITORY + path,
      { ...init, headers: { authorization: 'Bearer ' + env['INPUT_GITHUB-TOKEN'] } }).then((answer) => answer.status);
    const write = { method: 'POST', body: JSON.stringify({ title: 'made by a job' }) };
    output('issue=' + await call('/issues', write) + '\\n');
    output('label=' + await call('/labels', { method: 'POST', body: JSON.stringify({ name: 'x' }) }) + '\\n');
    summary('## Done');`;
  await repository(actionWorkflow({ do: code }, 'permissions:\n  issues: write\n  contents: read'));
  const answer = await api('POST', '/actions/workflows/gump.yml/dispatches', {
    ref: 'main',
    inputs: { issue: '7' },
  });
  expect(answer.status).toBe(204);
  await until(() => runner.jobs[0]?.status === 'completed');
  const [job] = runner.jobs;
  expect(job?.log.join('\n')).toContain('##[endgroup]');
  expect(job?.conclusion).toBe('success');
  expect(job?.stepOutputs.it?.issue).toBe('201');
  await runner.idle();
  expect(await runState()).toEqual(['completed success']);
  const [token] = [...standin.state.tokens.values()].filter((one) => one.kind === 'job');
  expect(token?.revoked).toBe(true);
  const page = await (await fetch(`${standin.url}/acme/app/actions/runs/${job?.runId}`)).text();
  expect(page).toContain('<h2>Done</h2>');
  expect(page).toContain('<dt>issue</dt><dd class="mono">7</dd>');
  expect(await (await fetch(`${standin.url}/acme/app`)).text()).toContain('made by a job');
});

it('does not let a job write what its workflow did not ask for', async () => {
  const code = `const answer = await fetch(env.GITHUB_API_URL + '/repos/acme/app/issues', { method: 'POST',
      headers: { authorization: 'Bearer ' + env['INPUT_GITHUB-TOKEN'] }, body: JSON.stringify({ title: 'x' }) });
    output('status=' + answer.status);`;
  await repository(actionWorkflow({ do: code }));
  await api('POST', '/actions/workflows/gump.yml/dispatches', { ref: 'main' });
  await until(() => runner.jobs[0]?.status === 'completed');
  expect(runner.jobs[0]?.stepOutputs.it?.status).toBe('403');
});

it('cancels the job when the run is cancelled over the API', async () => {
  await repository(
    actionWorkflow({ do: 'console.log("waiting"); await new Promise((done) => setTimeout(done, 60000));' }),
  );
  await api('POST', '/actions/workflows/gump.yml/dispatches', { ref: 'main' });
  await until(() => runner.jobs[0]?.log.includes('waiting') ?? false);
  expect(await runState()).toEqual(['in_progress null']);
  expect((await api('POST', `/actions/runs/${runner.jobs[0]?.runId}/cancel`)).status).toBe(202);
  await runner.idle();
  expect(runner.jobs[0]?.conclusion).toBe('cancelled');
  expect(await runState()).toEqual(['completed cancelled']);
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come true within ten seconds');
}
