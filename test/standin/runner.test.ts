import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobRun } from './runner/job-run.ts';
import { actionWorkflow, createRunnerFixture, type RunnerFixture, workflowPath } from './runner-fixture.ts';

let fixture: RunnerFixture | undefined;

afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

async function open(options: Parameters<typeof createRunnerFixture>[0] = {}): Promise<RunnerFixture> {
  fixture = await createRunnerFixture(options);
  return fixture;
}

/** Commits the workflow, dispatches it, waits for its end. */
async function run(workflow: string, inputs: Record<string, unknown> = {}, files = {}): Promise<JobRun> {
  const opened = fixture ?? (await open());
  await opened.commit({ [workflowPath]: workflow, ...files });
  await opened.dispatch(inputs);
  await opened.runner.idle();
  return lastJob(opened);
}

function lastJob(opened: RunnerFixture): JobRun {
  const job = opened.runner.jobs.at(-1);
  if (job === undefined) throw new Error('no job was made');
  return job;
}

function seenEnv(job: JobRun): Record<string, string> {
  return JSON.parse(readFileSync(join(job.dir, 'temp', 'seen-env.json'), 'utf8'));
}

/** Waits until something is true, at most ten seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come true within ten seconds');
}

const waitForever = 'console.log("waiting"); await new Promise((done) => setTimeout(done, 60000));';
const isWaiting = (job: JobRun | undefined): boolean => job?.log.includes('waiting') ?? false;
const steps = (lines: string, head = ''): string => `on: workflow_dispatch
${head}
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
${lines}
`;

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

describe('what a step prints', () => {
  it('is masked: secrets, the token and added masks, plain and in base64', async () => {
    const code = `console.log('key ' + env.KEY); console.log(env['INPUT_GITHUB-TOKEN']);
      console.log('::add-mask::hunter2' + '-long'); console.log('it is hunter2' + '-long');
      console.error(Buffer.from('x-access-token:' + env['INPUT_GITHUB-TOKEN']).toString('base64'));
      summary('saw ' + env.KEY);`;
    const job = await run(actionWorkflow({ do: code }, 'env:\n  KEY: "${{ secrets.API_KEY }}"'));
    const log = job.log.join('\n');
    expect(log).toContain('key ***');
    expect(log).toContain('it is ***');
    expect(log).not.toContain('sk-planted-secret-1234');
    expect(log).not.toContain('hunter2-long');
    expect(log).not.toContain('ghs_fixture_token_0');
    const encoded = Buffer.from('x-access-token:ghs_fixture_token_0').toString('base64');
    expect(log).not.toContain(encoded);
    expect(job.summary).toBe('saw ***');
  });

  it('becomes annotations with path, line and title, at most ten of a level', async () => {
    const code = `console.log('::error file=src/a.js,line=3,endLine=4,title=No%2C really::broken%0Atwice');
      for (let i = 0; i < 12; i++) console.log('::notice::n' + i);
      console.log('::stop-commands::pause'); console.log('::error::not one'); console.log('::pause::');`;
    const job = await run(actionWorkflow({ do: code }));
    expect(job.annotations[0]).toEqual({
      annotation_level: 'failure',
      message: 'broken\ntwice',
      title: 'No, really',
      path: 'src/a.js',
      start_line: 3,
      end_line: 4,
    });
    expect(job.annotations.filter((one) => one.annotation_level === 'notice')).toHaveLength(10);
    expect(job.log).toContain('::error::not one');
    expect(job.conclusion).toBe('success');
  });

  it('is handed over line by line while the job runs', async () => {
    const opened = await open();
    const heard: string[] = [];
    opened.runner.onLog((jobId, line) => heard.push(`${jobId} ${line}`));
    const job = await run(actionWorkflow({ do: "console.log('hello'); process.stdout.write('no newline')" }));
    expect(heard).toContain(`${job.id} hello`);
    expect(heard).toContain(`${job.id} no newline`);
  });
});

describe('what a step leaves in files', () => {
  it('becomes outputs, also over several lines, for later steps and for the job', async () => {
    const text = `on: workflow_dispatch
jobs:
  one:
    runs-on: ubuntu-latest
    outputs:
      said: \${{ steps.a.outputs.long }}
    steps:
      - id: a
        uses: acme/gump@v1
        with:
          do: "output('status=done\\\\nlong<<EOF\\\\nfirst\\\\nsecond=2\\\\nEOF\\\\n')"
      - id: b
        run: |
          echo "GREETING=hi" >> "$GITHUB_ENV"
          echo "/extra/bin" >> "$GITHUB_PATH"
      - run: echo "$GREETING \${{ env.GREETING }} \${{ steps.a.outputs.status }} $PATH"
  two:
    needs: one
    runs-on: ubuntu-latest
    steps:
      - run: echo "\${{ needs.one.outputs.said }} \${{ needs.one.result }}"
`;
    const last = await run(text);
    const [first] = fixture?.runner.jobs ?? [];
    expect(first?.stepOutputs.a).toEqual({ status: 'done', long: 'first\nsecond=2' });
    expect(first?.log.some((line) => line.startsWith('hi hi done /extra/bin:'))).toBe(true);
    expect(last.log).toContain('second=2 success');
  });

  it('fails the step when it is neither name=value nor heredoc', async () => {
    const job = await run(steps('      - run: echo nonsense >> "$GITHUB_OUTPUT"'));
    expect(job.conclusion).toBe('failure');
    expect(job.annotations[0]?.message).toBe("Invalid format 'nonsense'");
  });

  it('becomes the summary, but not above one MiB', async () => {
    const small = await run(actionWorkflow({ do: "summary('# Result\\n\\nfine')" }));
    expect(small.summary).toBe('# Result\n\nfine');
    const large = await run(actionWorkflow({ do: "summary('x'.repeat(1024 * 1024 + 1))" }));
    expect(large.summary).toBe('');
    expect(large.annotations[0]?.message).toContain('supports content up to a size of 1024k, got 1024k');
    expect(large.conclusion).toBe('success');
  });
});

describe('the end of a step', () => {
  it('is its exit code; later steps are skipped but always() runs, and continue-on-error excuses', async () => {
    const job = await run(
      steps(`      - run: exit 3
        continue-on-error: true
      - id: a
        run: exit 4
      - run: echo never
      - if: \${{ failure() && steps.a.outcome == 'failure' }}
        run: echo failed
      - if: always()
        run: echo at last`),
    );
    expect(job.conclusion).toBe('failure');
    expect(job.steps.map((step) => [step.exitCode, step.conclusion])).toEqual([
      [3, 'success'],
      [4, 'failure'],
      [null, 'skipped'],
      [0, 'success'],
      [0, 'success'],
    ]);
    expect(job.log).toContain('at last');
    expect(job.log).not.toContain('never');
  });

  it('is kept for the action, and a process that it left behind is ended', async () => {
    const code = `const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }); child.unref();
      fs.writeFileSync(env.RUNNER_TEMP + '/orphan', String(child.pid)); process.exit(7);`;
    const job = await run(actionWorkflow({ do: code }));
    expect(job.exitCode).toBe(7);
    expect(job.conclusion).toBe('failure');
    const orphan = readFileSync(join(job.dir, 'temp', 'orphan'), 'utf8');
    await until(() => !isAlive(Number(orphan)));
    expect(job.log).toContain(`Terminate orphan process: pid (${orphan})`);
  });

  it('does not wait for a process that holds the output open', async () => {
    const code = `spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }).unref(); process.exit(0);`;
    const begin = Date.now();
    const job = await run(actionWorkflow({ do: code }));
    expect(job.conclusion).toBe('success');
    expect(Date.now() - begin).toBeLessThan(15_000);
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
    const found = fixture?.runner.jobs.map((job) => [job.jobKey, job.conclusion]);
    expect(found).toEqual([
      ['bad', 'failure'],
      ['after', 'skipped'],
      ['always', 'success'],
    ]);
    expect(lastJob(fixture as RunnerFixture).log).toContain('skipped');
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
    expect(fixture?.runner.jobs.map((job) => job.name)).toEqual(['split', 'task (a)', 'task (b)']);
    expect(lastJob(fixture as RunnerFixture).log).toContain('task b');
  });

  it('can check the repository out', async () => {
    const job = await run(
      steps('      - uses: actions/checkout@v4\n      - run: cat hello.txt && git status --short --branch'),
      {},
      { 'hello.txt': 'hello there\n' },
    );
    expect(job.annotations).toEqual([]);
    expect(job.log).toContain('hello there');
    expect(job.log).toContain('## main');
  });

  it('fail with a clear message for an action that is not here', async () => {
    const job = await run(steps('      - uses: somebody/else@v1'));
    expect(job.conclusion).toBe('failure');
    expect(job.annotations[0]?.message).toContain('Unable to resolve action `somebody/else@v1`');
  });
});

describe('cancelling a job', () => {
  it('sends SIGINT first, so that the action can end well, and always() still runs', async () => {
    const opened = await open({ cancelTimes: { sigintMs: 5_000, sigtermMs: 300 } });
    const code = `process.on('SIGINT', () => { console.log('tidied up'); process.exit(130); }); ${waitForever}`;
    const text = `${actionWorkflow({ do: code })}      - if: always()\n        run: echo afterwards\n`;
    await opened.commit({ [workflowPath]: text });
    await opened.dispatch();
    await until(() => isWaiting(opened.runner.jobs[0]));
    opened.runner.cancel(lastJob(opened).id);
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
    expect(lastJob(opened)).toMatchObject({ runId: 4711, conclusion: 'cancelled' });
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
    const again = lastJob(opened);
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
    expect(lastJob(opened)).toMatchObject({ status: 'completed', lost: true });
    expect(opened.tokens[0]?.revoked).toBe(true);
    await expect(opened.dispatch()).rejects.toThrow('closed');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
