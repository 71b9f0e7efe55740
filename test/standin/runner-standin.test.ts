import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { servePages } from './pages/pages.ts';
import { startWorkflowsOnEvents } from './runner/event-workflows.ts';
import { createRunner, type Runner } from './runner.ts';
import { actionWorkflow, gitAsync, workflowPath, writeActionFixture, writeFiles } from './runner-fixture.ts';
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

it('shows on its pages what the API has made: pull request, check, review, resolved thread', async () => {
  await repository(actionWorkflow({ command: 'run' }));
  const token = standin.createJobToken('acme/app', {
    contents: 'write',
    pull_requests: 'write',
    checks: 'write',
    metadata: 'read',
  });
  const call = async (method: string, url: string, body: object): Promise<Made> => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' };
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(300);
    return JSON.parse(text) as Made;
  };
  const repo = `${standin.apiUrl}/repos/acme/app`;
  const sha = await pushBranch(token);
  await call('POST', `${repo}/pulls`, { title: 'Say hi', head: 'topic', base: 'main' });
  const check = { name: 'gump', head_sha: sha, status: 'completed', conclusion: 'failure' };
  const annotation = {
    path: 'hi.js',
    start_line: 2,
    end_line: 2,
    annotation_level: 'failure',
    message: 'no bye',
  };
  const output = { title: 'Not yet', summary: 'One *remark*.', annotations: [annotation] };
  const run = await call('POST', `${repo}/check-runs`, { ...check, output });
  const comments = [{ path: 'hi.js', line: 2, side: 'RIGHT', body: 'Why bye?' }];
  await call('POST', `${repo}/pulls/1/reviews`, { event: 'COMMENT', body: 'Look.', comments });
  const page = async (path: string): Promise<string> =>
    (await fetch(`${standin.url}/acme/app${path}`)).text();
  expect(await page('/pull/1/files')).toContain('Why bye?');
  expect(await page('/pull/1')).not.toContain('Resolved by');
  const query =
    '{ repository(owner:"acme",name:"app"){ pullRequest(number:1){ reviewThreads(first:9){ nodes{ id } } } } }';
  const found = await call('POST', standin.graphqlUrl, { query });
  const threadId = found.data?.repository.pullRequest.reviewThreads.nodes[0]?.id;
  const resolve = 'mutation($id:ID!){ resolveReviewThread(input:{threadId:$id}){ thread{ isResolved } } }';
  await call('POST', standin.graphqlUrl, { query: resolve, variables: { id: threadId } });
  const conversation = await page('/pull/1');
  expect(conversation).toContain('✓ Resolved by github-actions');
  expect(conversation).toContain('feat: say hi');
  expect(conversation).toContain('Merging is blocked.');
  expect(await page(`/runs/${run.id}`)).toContain('no bye');
  expect(await page('/issues/1')).toContain('Say hi');
  expect(await (await fetch(`${standin.url}/_requests`)).text()).toContain('/check-runs');
  expect(standin.violations).toEqual([]);
});

it('starts the workflows that listen to an event, but not for what a job itself has done', async () => {
  const events = startWorkflowsOnEvents(standin, runner);
  await repository(`name: listen
on:
  issues: { types: [labeled] }
  issue_comment:
permissions: { issues: write }
jobs:
  one:
    if: github.event.comment.body != 'skip me'
    runs-on: ubuntu-latest
    steps:
      - run: echo "$GITHUB_EVENT_NAME \${{ github.event.issue.number }} \${{ github.event.comment.body }}"
      - uses: acme/gump@v1
        with:
          do: |
            await fetch(env.GITHUB_API_URL + '/repos/acme/app/issues/1/comments', { method: 'POST',
              headers: { authorization: 'Bearer ' + env['INPUT_GITHUB-TOKEN'] }, body: '{"body":"by a job"}' });
`);
  expect((await api('POST', '/issues', { title: 'first' })).status).toBe(201);
  await api('POST', '/issues/1/comments', { body: 'hello' });
  await api('POST', '/issues/1/comments', { body: 'skip me' });
  await events.idle();
  await runner.idle();
  await events.idle();
  expect(runner.jobs.map((job) => [job.eventName, job.conclusion])).toEqual([
    ['issue_comment', 'success'],
    ['issue_comment', 'skipped'],
  ]);
  expect(runner.jobs[0]?.log).toContain('issue_comment 1 hello');
  const comments = (await (await api('GET', '/issues/1/comments')).json()) as readonly { body: string }[];
  expect(comments.map((comment) => comment.body)).toEqual(['hello', 'skip me', 'by a job']);
  expect(await runState()).toEqual(['completed skipped', 'completed success']);
});

interface Made {
  readonly id: number;
  readonly data?: {
    readonly repository: {
      readonly pullRequest: {
        readonly reviewThreads: { readonly nodes: readonly { readonly id: string }[] };
      };
    };
  };
}

async function pushBranch(token: string): Promise<string> {
  const work = join(dir, 'work');
  const origin = standin.url.replace('http://', `http://x-access-token:${token}@`);
  await gitAsync(dir, 'clone', '--quiet', '--', `${origin}/acme/app.git`, work);
  await writeFiles(work, { 'hi.js': 'export const hi = 1;\nexport const bye = 2;\n' });
  await gitAsync(work, 'add', '--all');
  await gitAsync(work, 'commit', '--quiet', '--message=feat: say hi');
  await gitAsync(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/topic');
  return (await gitAsync(work, 'rev-parse', 'HEAD')).trim();
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come true within ten seconds');
}
