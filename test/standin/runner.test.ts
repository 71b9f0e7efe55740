import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { actionWorkflow, workflowPath } from './runner-fixture.ts';
import { close, jobs, lastJob, open, run, seenEnv, steps } from './runner-scenario.ts';

afterEach(close);

describe('the environment of a job', () => {
  it('starts from nothing: no variable of ours but PATH reaches the action', async () => {
    process.env.STANDIN_TEST_LEAK = 'leaked';
    const env = seenEnv(await run(actionWorkflow({ command: 'run' })));
    delete process.env.STANDIN_TEST_LEAK;
    expect(env.STANDIN_TEST_LEAK).toBeUndefined();
    const unexpected = Object.keys(env).filter(
      (name) => !/^(GITHUB_|RUNNER_|INPUT_)/.test(name) && !['PATH', 'HOME', 'LANG', 'CI'].includes(name),
    );
    expect(unexpected).toEqual([]);
    expect(env.PATH).not.toContain('node_modules/.bin');
  });

  it('names the run, the repository and the server as GitHub does', async () => {
    const opened = await open();
    const job = await run(actionWorkflow({ command: 'run' }), { issue: '12' });
    const env = seenEnv(job);
    expect(env).toMatchObject({
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'workflow_dispatch',
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_REPOSITORY_OWNER: 'acme',
      GITHUB_RUN_ID: String(job.runId),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'gump',
      GITHUB_WORKFLOW: 'gump',
      GITHUB_SHA: job.sha,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REF_NAME: 'main',
      GITHUB_ACTOR: 'mona',
      GITHUB_TRIGGERING_ACTOR: 'mona',
      GITHUB_SERVER_URL: 'http://127.0.0.1:9',
      GITHUB_API_URL: 'http://127.0.0.1:9/api/v3',
      GITHUB_GRAPHQL_URL: 'http://127.0.0.1:9/api/graphql',
    });
    expect(env.HOME?.startsWith(opened.dir)).toBe(true);
    const event = JSON.parse(readFileSync(String(env.GITHUB_EVENT_PATH), 'utf8'));
    expect(event).toMatchObject({
      inputs: { issue: '12', 'max-budget': '5', 'dry-run': 'false' },
      repository: { full_name: 'acme/app', default_branch: 'main' },
      sender: { login: 'mona' },
      ref: 'refs/heads/main',
    });
  });

  it('does not let a workflow overwrite GITHUB_ variables, but lets it set its own', async () => {
    const text = actionWorkflow(
      { command: 'run' },
      'env:\n  GITHUB_SHA: forged\n  MINE: "${{ vars.REGION }}"',
    );
    const job = await run(text);
    expect(seenEnv(job)).toMatchObject({ GITHUB_SHA: job.sha, MINE: 'north' });
  });
});

describe('inputs', () => {
  it('keep dashes in their variable names and get defaults from action.yml', async () => {
    const opened = await open();
    const env = seenEnv(await run(actionWorkflow({ 'max-budget': '${{ inputs.max-budget }}' })));
    expect(env['INPUT_MAX-BUDGET']).toBe('5');
    expect(env.INPUT_COMMAND).toBe('run');
    expect(env['INPUT_GITHUB-TOKEN']).toBe(opened.tokens[0]?.value);
  });

  it('warn when action.yml does not know them', async () => {
    const job = await run(actionWorkflow({ comand: 'run' }));
    expect(job.conclusion).toBe('success');
    expect(job.annotations.map((one) => [one.annotation_level, one.message])).toEqual([
      [
        'warning',
        "Unexpected input(s) 'comand', valid inputs are ['command', 'max-budget', 'github-token', 'do']",
      ],
    ]);
  });

  it('are refused in the words of GitHub when the workflow does not declare them', async () => {
    const opened = await open();
    await opened.commit({ [workflowPath]: actionWorkflow({ command: 'run' }) });
    await expect(opened.dispatch({ isue: '1' })).rejects.toMatchObject({
      status: 422,
      message: 'Unexpected inputs provided: ["isue"]',
    });
    await expect(opened.dispatch({ 'max-budget': 'many' })).rejects.toThrow('is not a number');
    expect(opened.runner.jobs).toHaveLength(0);
  });
});

describe('a workflow that cannot start', () => {
  it('is refused when it is invalid, with the place of the mistake', async () => {
    await expect(run('on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n    stepz: []\n')).rejects.toThrow(
      /gump\.yml \(Line: 5, Col: 5\)/,
    );
  });

  it('is refused when it does not listen to dispatches or the ref is unknown', async () => {
    const opened = await open();
    await opened.commit({ [workflowPath]: steps('      - run: true').replace('workflow_dispatch', 'push') });
    await expect(opened.dispatch()).rejects.toThrow("Workflow does not have 'workflow_dispatch' trigger");
    const request = { owner: 'acme', repo: 'app', workflowPath, ref: 'nope', inputs: {}, actor: 'mona' };
    await expect(opened.runner.start(request)).rejects.toThrow('No ref found for: nope');
  });
});

describe('the token of a job', () => {
  it('has the permissions of the workflow, in the names of the API, and is revoked at the end', async () => {
    const opened = await open();
    await run(
      actionWorkflow(
        { command: 'run' },
        'permissions:\n  contents: write\n  pull-requests: write\n  checks: none',
      ),
    );
    expect(opened.tokens).toEqual([
      {
        value: 'ghs_fixture_token_0',
        repository: 'acme/app',
        permissions: { metadata: 'read', contents: 'write', pull_requests: 'write' },
        revoked: true,
      },
    ]);
  });

  it('may only read where the workflow says nothing', async () => {
    const opened = await open();
    await run(actionWorkflow({ command: 'run' }));
    expect(opened.tokens[0]?.permissions).toEqual({ metadata: 'read', contents: 'read', packages: 'read' });
  });
});

describe('jobs of a workflow', () => {
  it('run only if their condition holds, and depend on those that they need', async () => {
    await run(`on: workflow_dispatch
jobs:
  bad: { runs-on: ubuntu-latest, steps: [{ run: exit 1 }] }
  after: { needs: bad, runs-on: ubuntu-latest, steps: [{ run: echo x }] }
  always: { needs: [bad, after], if: "\${{ !cancelled() }}", runs-on: ubuntu-latest, steps: [{ run: "echo \${{ needs.after.result }}" }] }
`);
    const found = jobs().map((job) => [job.jobKey, job.conclusion]);
    expect(found).toEqual([
      ['bad', 'failure'],
      ['after', 'skipped'],
      ['always', 'success'],
    ]);
    expect(lastJob().log).toContain('skipped');
  });

  it('are made from a matrix, also one that an earlier job has computed', async () => {
    await run(`on: workflow_dispatch
jobs:
  split:
    runs-on: ubuntu-latest
    outputs: { tasks: "\${{ steps.s.outputs.tasks }}" }
    steps: [{ id: s, run: "echo 'tasks=[\\"a\\",\\"b\\"]' >> $GITHUB_OUTPUT" }]
  task:
    needs: split
    strategy: { matrix: { task: "\${{ fromJSON(needs.split.outputs.tasks) }}" } }
    runs-on: ubuntu-latest
    steps: [{ run: "echo task \${{ matrix.task }}" }]
`);
    expect(jobs().map((job) => job.name)).toEqual(['split', 'task (a)', 'task (b)']);
    expect(lastJob().log).toContain('task b');
  });

  it('can check the repository out, with the token in its configuration unless told otherwise', async () => {
    const look =
      'cat hello.txt && git status --short --branch && git config --get-regexp extraheader || true';
    const job = await run(
      steps(`      - uses: actions/checkout@v4\n      - run: ${look}`),
      {},
      { 'hello.txt': 'hello there\n' },
    );
    expect(job.annotations).toEqual([]);
    expect(job.log).toContain('hello there');
    expect(job.log).toContain('## main');
    expect(job.log.some((line) => line.includes('AUTHORIZATION: basic'))).toBe(true);
    const whole = await run(
      steps(`      - uses: actions/checkout@v5
        with: { fetch-depth: 0, persist-credentials: false }
      - run: ${look}; git branch --remotes; git rev-list --count HEAD`),
      {},
      { 'more.txt': 'a second commit\n' },
    );
    expect(whole.log).toEqual(expect.arrayContaining(['hello there', '## main', '  origin/main', '2']));
    expect(whole.log.some((line) => line.includes('AUTHORIZATION'))).toBe(false);
  });

  it('fail with a clear message for an action that is not here', async () => {
    const job = await run(steps('      - uses: somebody/else@v1'));
    expect(job.conclusion).toBe('failure');
    expect(job.annotations[0]?.message).toContain('Unable to resolve action `somebody/else@v1`');
  });
});
