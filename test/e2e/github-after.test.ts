/** Behind the job of a run: whatever becomes of it, the run goes on or is closed, and nothing stays open. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { TownOptions } from '../standin/demo/town.ts';
import type { JobRun } from '../standin/runner/job-run.ts';
import { blemishes, eventsOf, launches } from './github-facts.ts';
import {
  botComments,
  gitIn,
  lineOf,
  newJob,
  openShortTown,
  type People,
  pushFile,
  runJobs,
  shortScript,
} from './github-town.ts';

let people: People;
let issue: number;
let runId: string;
afterEach(() => people.town.close());

const slow = (ms: number) =>
  shortScript().replace('    turns:\n', `    turns:\n      - sleep_ms: ${ms}\n        say: I think.\n`);

/** Files an issue and commands a run; gives its job. */
async function begin(options: TownOptions = {}): Promise<JobRun> {
  people = await openShortTown(options);
  issue = await people.fileIssue();
  runId = `issue-${issue}-${await people.say(issue, '/gump run')}`;
  return newJob(people.town, 0);
}

/** The machine of the N-th job vanishes while the agent of `converge` works, for the N-th time. */
async function lose(at: number): Promise<void> {
  const { town } = people;
  const job = await newJob(town, at, 60_000);
  await lineOf(town, job, /converge\] +running/);
  while ((await converging()) <= at) await sleep(50);
  town.runner.kill(job.id, 'SIGKILL', { tree: true });
  await town.runner.ended(job.id);
}

const converging = async () =>
  launches(await eventsOf(people.town, runId)).filter((one) => one.includes('converge')).length;

async function quiet(): Promise<void> {
  await people.town.runner.idle();
  await people.settled();
}

const behind = () => people.town.runner.jobs.filter(({ jobKey }) => jobKey === 'after');
const worked = () => behind().filter(({ conclusion }) => conclusion !== 'skipped');
const status = async () => (await botComments(people, issue))[0] ?? '';
const openChecks = async () =>
  (await people.town.standin.dump()).check_runs.filter((check) => check.status !== 'completed');
const types = async () => (await eventsOf(people.town, runId)).map(({ type }) => type);

test('a run whose machine is lost goes on by itself in a fresh job, once, and the job behind it changes nothing a second time', async () => {
  await begin({ agentScript: slow(1_500) });
  const { town } = people;
  await lose(0);
  await quiet();
  expect(runJobs(town).map(({ conclusion, actor }) => [conclusion, actor])).toEqual([
    ['failure', 'gump[bot]'],
    ['success', 'github-actions[bot]'],
  ]);
  expect(runJobs(town)[1]?.inputs).toMatchObject({ command: 'resume', 'run-id': runId });
  expect(behind().map(({ conclusion }) => conclusion)).toEqual(['success', 'skipped']);
  expect(await status()).toContain('✅ **Passed**');
  expect(await status()).toContain('a runner was lost: a fresh job went on by itself');
  expect(await blemishes(town)).toEqual([]);
  expect((await types()).filter((type) => type === 'run_resumed')).toHaveLength(1);

  const [first] = worked();
  const before = await eventsOf(town, runId);
  await town.runner.rerun(first?.id ?? '');
  await quiet();
  expect(worked().at(-1)?.log.join('\n')).toContain('had passed already');
  expect(runJobs(town)).toHaveLength(2);
  expect(await eventsOf(town, runId)).toEqual(before);
  expect(await blemishes(town)).toEqual([]);
}, 90_000);

test('what loses its machine again and again ends behind the third job, closed and told', async () => {
  await begin({ agentScript: slow(60_000) });
  const { town } = people;
  for (const at of [0, 1, 2]) await lose(at);
  await quiet();
  expect(runJobs(town)).toHaveLength(3);
  expect((await types()).at(-1)).toBe('run_interrupted');
  expect(await openChecks()).toEqual([]);
  expect(await status()).toContain('⏹ **Cancelled**');
  expect(await status()).toContain('> interrupted by the loss of its runner');
  expect(await status()).toMatch(/3 jobs in a row ended .* does not go on by itself any more/);
  expect(await status()).toContain('Comment `/gump resume` to go on');
  const marked = (await botComments(people, issue)).filter((body) => body.includes('<!-- gump:status'));
  expect(marked).toHaveLength(1);
}, 120_000);

test('a job that is lost before the run has begun is told on the issue, and nothing goes on by itself', async () => {
  const job = await begin();
  const { town } = people;
  town.runner.kill(job.id, 'SIGKILL', { tree: true });
  await quiet();
  expect(job).toMatchObject({ lost: true, conclusion: 'failure' });
  expect(await types()).toEqual([]);
  expect(runJobs(town)).toHaveLength(1);
  expect(await status()).toContain('❌ **Not started**');
  expect(await status()).toContain('the job ended before the run had begun');
  expect(await openChecks()).toEqual([]);
  expect(town.standin.violations).toEqual([]);
}, 60_000);

test('a run that a person cancels stays cancelled, also where its job had no time to say so', async () => {
  const job = await begin({ agentScript: slow(60_000), cancelTimes: { sigintMs: 100, sigtermMs: 100 } });
  const { town } = people;
  await lineOf(town, job, /converge\] +running/);
  town.runner.kill(job.id, 'SIGSTOP');
  await people.say(issue, '/gump stop');
  await quiet();
  expect(job.conclusion).toBe('cancelled');
  expect(runJobs(town)).toHaveLength(1);
  expect(worked()).toHaveLength(1);
  expect((await types()).at(-1)).toBe('run_interrupted');
  expect(await status()).toContain('⏹ **Cancelled**');
  expect(await status()).toContain('its job was cancelled, or ran out of time');
  expect(await openChecks()).toEqual([]);
}, 60_000);

test('a job that comes near its limit hands the run over: nothing is done twice, and no check ends meanwhile', async () => {
  const job = await begin({ agentScript: slow(4_000), handOverAfter: 0.1 });
  const { town } = people;
  const path = '.github/workflows/gump.yml';
  const text = gitIn(town, 'show', `main:${path}`).replace('hand-over-after: 0.1', 'hand-over-after: 320');
  pushFile(town, 'main', { path, text: `${text}\n` });
  const ended = await town.runner.ended(job.id);
  expect([ended.conclusion, ended.outputs.status]).toEqual(['success', 'handed-over']);
  expect(await status()).toContain('⏳ **Running**');
  expect(await status()).toContain('the job came near its limit of time: a fresh one goes on');
  await quiet();
  expect(await status()).toContain('✅ **Passed**');
  const events = await eventsOf(town, runId);
  expect(new Set(launches(events)).size).toBe(launches(events).length);
  expect(events.find(({ type }) => type === 'run_resumed')).toMatchObject({ reason: 'was handed over' });
  expect(await blemishes(town)).toEqual([]);
}, 120_000);
