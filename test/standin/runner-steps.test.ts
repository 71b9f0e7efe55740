import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { actionWorkflow } from './runner-fixture.ts';
import { close, isAlive, jobs, open, run, steps, until } from './runner-scenario.ts';

afterEach(close);

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
    const [first] = jobs();
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
