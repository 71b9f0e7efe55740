import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { TownOptions } from '../standin/demo/town.ts';
import { blemishes } from './github-facts.ts';
import {
  botComments,
  gitIn,
  lineOf,
  newJob,
  openShortTown,
  type People,
  pushFile,
  refusingScript,
  runJobs,
  where,
} from './github-town.ts';

let people: People;
let issue: number;

afterEach(async () => {
  await people.town.close();
});

async function open(options: TownOptions = {}): Promise<void> {
  people = await openShortTown(options);
  issue = await people.fileIssue();
}

const status = async () => (await botComments(people, issue))[0] ?? '';

test('of two jobs of one run exactly one goes on, and the other ends with a message and harms nothing', async () => {
  await open();
  const { town } = people;
  const path = '.github/workflows/gump.yml';
  const alone = gitIn(town, 'show', `main:${path}`).replace(/concurrency:\n(?: .*\n)+/, '');
  pushFile(town, 'main', { path, text: `${alone}\n` });
  await people.say(issue, '/gump run');
  const first = await newJob(town, 0);
  const { inputs, actor } = first;
  await town.runner.start({ ...twin, workflowPath: path, ref: 'refs/heads/main', inputs, actor });
  const second = await newJob(town, 1);
  const jobs = await Promise.all([town.runner.ended(first.id), town.runner.ended(second.id)]);
  await people.settled();
  expect(jobs.map(({ conclusion }) => conclusion).sort()).toEqual(['failure', 'success']);
  const loser = jobs.find(({ conclusion }) => conclusion === 'failure');
  expect(loser?.log.join('\n')).toContain('The run goes on elsewhere: another job has moved');
  expect(await status()).toMatch(/✅ \*\*Passed\*\*/);
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

const twin = { owner: where.owner, repo: where.repo } as const;

test('a job that is cancelled says so within its seconds, and a resume goes on, for the branch it was started for', async () => {
  await open();
  const { town } = people;
  gitIn(town, 'branch', 'dev', 'main');
  await people.say(issue, '/gump run base=dev');
  const job = await newJob(town, 0);
  await lineOf(town, job, /converge\] +running/);
  town.runner.cancel(job.id);
  await town.runner.ended(job.id);
  await people.settled();
  expect(job.conclusion).toBe('cancelled');
  expect(await status()).toMatch(/⏹ \*\*Cancelled\*\*/);
  expect((await town.standin.dump()).check_runs.filter((check) => check.status !== 'completed')).toEqual([]);
  expect((await people.command(issue, '/gump resume')).conclusion).toBe('success');
  expect(await status()).toMatch(/✅ \*\*Passed\*\*/);
  expect((await town.standin.dump()).pulls).toEqual([
    expect.objectContaining({ draft: false, base: expect.objectContaining({ ref: 'dev' }) }),
  ]);
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

test('a rule that protects the work branch breaks the run off with what to mend, and a resume goes on', async () => {
  await open();
  const { town } = people;
  const hook = `${town.gitDir}/hooks/update`;
  const before = readFileSync(hook, 'utf8');
  const rule =
    'refs/heads/gump/issue-*) echo "error: GH013: Repository rule violations found" >&2; exit 1 ;;';
  writeFileSync(hook, before.replace('case "$ref" in', `case "$ref" in\n  ${rule}`));
  expect((await people.command(issue, '/gump run')).conclusion).toBe('failure');
  expect(await status()).toContain('❌ **Broken off**');
  expect(await status()).toContain('exempt branches named gump/*');
  writeFileSync(hook, before);
  expect((await people.command(issue, '/gump resume')).conclusion).toBe('success');
  expect(await status()).not.toContain('Broken off');
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

test('what keeps a run from starting is told on the issue, all of it and with places', async () => {
  await open();
  const { town } = people;
  const broken = 'name: broken\nsteps:\n  - name: a\n    tpye: code\n  - name: a\n    gate: [nope]\n';
  pushFile(town, 'main', { path: '.gump/workflows/broken.yaml', text: broken });
  await people.say(issue, '/gump run broken');
  const reply = (await botComments(people, issue)).at(-1);
  for (const place of ['broken.yaml:4:5', 'broken.yaml:5:11', 'broken.yaml:6:12'])
    expect(reply).toContain(place);
  expect(town.runner.jobs).toEqual([]);
  // What the App cannot see is found by the job.
  pushFile(town, 'main', { path: '.gump/demo-agents.yaml', text: 'rules:\n  - stepp: x\n' });
  const job = await people.command(issue, '/gump run');
  expect(job.exitCode).toBe(2);
  expect(await status()).toContain('❌ **Not started**');
  expect(await status()).toContain('\n.gump/demo-agents.yaml:2:5: error: unknown key `stepp`');
  const wrong = gitIn(town, 'show', 'main:.github/workflows/gump.yml').replace(
    'demo-agents.yaml',
    'none.yaml',
  );
  pushFile(town, 'main', { path: '.github/workflows/gump.yml', text: `${wrong}\n` });
  expect((await people.command(issue, '/gump run')).exitCode).toBe(2);
  expect(await status()).toContain('The file of the input `agent-script` does not exist');
  expect((await botComments(people, issue)).length).toBe(2);
}, 60_000);

test('checks that the token may not write are missed in the comment, with the right that mends it', async () => {
  await open({
    agentScript: refusingScript(),
    jobPermissions: { contents: 'write', issues: 'write', 'pull-requests': 'write' },
  });
  const job = await people.command(issue, '/gump run');
  expect(job.exitCode).toBe(1);
  expect(job.annotations.map(({ message }) => message)).toContain('Not so.');
  expect(await status()).toMatch(/GitHub does not show the checks of this run: 403 .*"checks: write"/);
  expect(await blemishes(people.town)).toEqual([]);
}, 60_000);

test('a second command waits for the run that is under way, and repeated webhooks change nothing', async () => {
  await open();
  const { town } = people;
  Object.assign(town.standin.faults, { duplicateDeliveries: true, reorderDeliveries: true });
  await people.say(issue, '/gump run');
  const job = await newJob(town, 0);
  await people.say(issue, '/gump run');
  const second = await newJob(town, 1);
  expect([job.status, second.status]).toEqual(['in_progress', 'queued']);
  expect((await town.runner.ended(job.id)).conclusion).toBe('success');
  expect((await town.runner.ended(second.id)).conclusion).toBe('success');
  await people.settled();
  expect(runJobs(town)).toHaveLength(2);
  const [, waiting, ...others] = await botComments(people, issue);
  expect([waiting, others]).toEqual([expect.stringMatching(/It waits: `issue-1-\d+` goes first/), []]);
  expect(await blemishes(town)).toEqual([]);
}, 60_000);
