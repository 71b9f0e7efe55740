/** What the job behind a run decides, without the jobs: its run has a ledger, and GitHub has its list of jobs. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import { readRunOrWhy } from '../../src/github/runs/ledger.ts';
import { type SettleOptions, settleOnGithub } from '../../src/hosting/github-settle.ts';
import { completed, paused, putLedger } from '../github/incoming/ledger.fixture.ts';
import { talkIn } from '../github/incoming/talk.fixture.ts';
import { openTown, repository, type Town } from '../github/incoming/town.ts';
import { passSecond } from '../standin/state.ts';

let town: Town;
let issue: number;
let run: string;
let dir: string;
/** GitHub's id of the job behind which we stand. */
let job: number;

beforeEach(async () => {
  town = await openTown();
  issue = await town.openIssue('Add a greeting', 'Say hello.');
  run = `issue-${issue}-${await talk.command('/gump run')}`;
  job = town.dispatches[0]?.runId ?? 0;
  town.standin.updateRun(job, { status: 'in_progress', conclusion: null });
  dir = await mkdtemp(path.join(tmpdir(), 'gump-settle-'));
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
  await rm(dir, { recursive: true, force: true });
});
const talk = talkIn(
  () => town,
  () => issue,
);

type Rights = Readonly<Record<string, 'write'>>;
const noActions: Rights = { contents: 'write', issues: 'write', pull_requests: 'write', checks: 'write' };
const rights: Rights = { ...noActions, actions: 'write' };

async function settle(more: Partial<SettleOptions> = {}, granted: Rights = rights) {
  const { apiUrl, graphqlUrl, url: serverUrl } = town.standin;
  const log: string[] = [];
  const { what } = await settleOnGithub({
    ...{ ...repository, apiUrl, graphqlUrl, serverUrl, issue, runId: run, pushToken: null, seq: null },
    token: town.standin.createJobToken('acme/shop', granted),
    ...{ tempDir: await mkdtemp(path.join(dir, 'job-')), env: { GITHUB_RUN_ID: String(job) } },
    ...{ ended: 'failure', continued: 0, log: (line) => void log.push(line) },
    ...more,
  });
  return what;
}

const events = async (): Promise<readonly Event[]> => {
  const commit = (await town.head(`gump/runs/${run}`)) ?? '';
  const record = await readRunOrWhy(town.as('acme'), repository, { run, commit });
  return typeof record === 'string' ? [] : record.events;
};
const last = async () => (await events()).at(-1);
const started = () => town.dispatches.slice(1).map(({ inputs }) => inputs);
const told = async () =>
  (await town.comments(issue)).filter(({ body }) => body.includes('gump:status')).map(({ body }) => body);

const attempt = { step: 'build', attempt: 1 } as const;
const begun: readonly Fact[] = [
  {
    ...attempt,
    ...{ type: 'step_started', step_type: 'code', agent: 'claude-sonnet', task: null, session_mode: 'new' },
    base: '0'.repeat(40),
  },
  { ...attempt, type: 'agent_launched', agent: 'claude-sonnet', prompt_hash: '0', session_id: null },
];
const ended: Fact = {
  ...attempt,
  ...{ type: 'gate_failed', gate: 'bash', commit: '0'.repeat(40), duration_ms: 1, reason: 'no' },
};

test('a lost run is started once: while the fresh job waits, and when it has begun since, nothing is done', async () => {
  await putLedger(town, run, begun);
  expect(await settle()).toBe('continued');
  const order = JSON.stringify({ continued: '1', seq: '3' });
  expect(started()).toEqual([expect.objectContaining({ command: 'resume', 'run-id': run, order })]);
  expect(await settle()).toBe('elsewhere');
  town.standin.updateRun(town.dispatches[1]?.runId ?? 0, { status: 'completed', conclusion: 'failure' });
  expect(await settle()).toBe('elsewhere');
  expect(started()).toHaveLength(1);
  expect(await events()).toHaveLength(3);
});

test('the job run again behind all others is in charge again', async () => {
  await putLedger(town, run, begun);
  expect(await settle()).toBe('continued');
  for (const { runId } of town.dispatches)
    town.standin.updateRun(runId, { status: 'completed', conclusion: 'failure' });
  // GitHub's times are whole seconds.
  await sleep(1_010 - (Date.now() % 1_000));
  town.standin.updateRun(job, { status: 'queued', conclusion: null });
  expect(await settle()).toBe('continued');
  expect(started()).toHaveLength(2);
});

test.each([
  ['the first time', begun, { continued: 0, seq: null }, '1'],
  ['the second time in a row', begun, { continued: 1, seq: 3 }, '2'],
  ['as often as it gets on', [...begun, ended], { continued: 2, seq: 3 }, '1'],
])('it goes on %s', async (_when, facts, options, next) => {
  await putLedger(town, run, facts);
  expect(await settle(options)).toBe('continued');
  expect(JSON.parse(String(started()[0]?.order))).toMatchObject({ continued: next });
});

test.each<[string, Partial<SettleOptions>, Rights, string, string]>([
  ['goes on in vain', { continued: 2, seq: 3 }, rights, 'the loss of its runner', '3 jobs in a row'],
  ['is cancelled', { ended: 'cancelled' }, rights, 'the end of its job', 'was cancelled, or ran out of time'],
  ['may not be started', {}, noActions, 'the loss of its runner', '"Actions: write"'],
  [
    'is nobody’s that one could see',
    { ended: 'handed-over', env: { GITHUB_RUN_ID: '999' } },
    rights,
    'the end of the time of its job',
    'needs \\`actions: write\\`',
  ],
])('a run that %s is closed: an end in its ledger, no open launch, one comment', async (...row) => {
  const [, options, granted, by, why] = row;
  await putLedger(town, run, begun);
  expect(await settle(options, granted)).toBe('closed');
  expect(started()).toEqual([]);
  const types = (await events()).slice(3).map(({ type }) => type);
  expect(types).toEqual(['run_resumed', 'agent_killed', 'notice', 'run_interrupted']);
  expect(await last()).toMatchObject({ signal: by });
  // The time in which nobody worked is not the run's.
  expect(fold(await events()).activeMs).toBe(0);
  const [comment, ...others] = await told();
  expect(others).toEqual([]);
  for (const part of ['⏹ **Cancelled**', `> interrupted by ${by}`, why, '`/gump resume`'])
    expect(comment).toContain(part);
  // Run again, it finds its own end.
  expect(await settle(options, granted)).toBe('cancelled');
  expect((await events()).length).toBe(7);
  expect(await told()).toHaveLength(1);
});

test('a run that a person stops behind the loss of its job stays stopped', async () => {
  await putLedger(town, run, begun);
  await talk.command('/gump stop');
  expect(await settle()).toBe('closed');
  expect(started()).toEqual([]);
  expect((await told()).join()).toContain('somebody stopped it');
});

test('a run that is stopped while its fresh job is started is closed: that job takes up nothing', async () => {
  await putLedger(town, run, begun);
  const gitDir = town.standin.state.repositories.get('acme/shop')?.git_dir ?? '';
  const ref = `refs/gump/stops/issue-${issue}/99991231T235959Z-999`;
  const push = town.dispatches.push.bind(town.dispatches);
  town.dispatches.push = (...jobs) => {
    execFileSync('git', ['update-ref', ref, 'refs/heads/main'], { cwd: gitDir });
    return push(...jobs);
  };
  expect(await settle()).toBe('closed');
  expect(started()).toHaveLength(1);
  expect(await last()).toMatchObject({ type: 'run_interrupted' });
});

test('a stop from before the job keeps nothing from going on', async () => {
  await talk.command('/gump stop');
  passSecond();
  await talk.command('/gump run');
  job = town.dispatches[1]?.runId ?? 0;
  run = String(town.dispatches[1]?.inputs['run-id']);
  await putLedger(town, run, begun);
  expect(await settle()).toBe('continued');
});

test('a run that asks a person goes on asking: the job is nobody’s answer', async () => {
  await putLedger(town, run, [...begun, paused(run)]);
  expect(await settle()).toBe('paused');
  expect(started()).toEqual([]);
  expect(await last()).toMatchObject({ type: 'run_paused' });
});

test('a run that ended before its job could say so is shown as it ended', async () => {
  await putLedger(town, run, [...begun, completed(run, 'fail', 'gate failed')]);
  expect(await settle()).toBe('fail');
  expect((await told()).join()).toContain('❌ **Failed**');
});

test('a job that ends before the run has begun is told, once', async () => {
  expect(await settle()).toBe('not-begun');
  expect(await settle()).toBe('not-begun');
  expect(await told()).toEqual([expect.stringContaining('the job ended before the run had begun')]);
});
