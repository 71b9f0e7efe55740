import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import { type Desk, type Outcome, openDesk } from '../cli/command.ts';
import { blemishes, eventsOf, ofType, runsIn, treeOf } from '../cli/ledger.ts';
import {
  listing,
  makeProject,
  tinyFiles,
  tinyRun,
  tinyScript,
  tinyWorkflow,
  writeFiles,
} from '../cli/project.ts';

let desk: Desk;
let original: string;
let first: string;
beforeAll(async () => {
  desk = await openDesk();
  original = await makeProject(desk, { name: 'original' });
  expect((await desk.gump(tinyRun, { cwd: original })).code).toBe(0);
  first = runsIn(original)[0] ?? '';
}, 60_000);
afterAll(() => desk.remove());

let copies = 0;
/** The repository as it is behind a passed run, for one test alone. */
async function copy(): Promise<string> {
  const dir = join(desk.dir, `copy-${copies++}`);
  await desk.start([], { command: ['cp', '-r', original, dir] }).ended;
  return dir;
}

const replay = (dir: string, ...args: string[]) =>
  desk.gump(['run', '--replay', '--from-step', ...args], { cwd: dir });

/** The run that the command has begun. */
function runOf({ stderr }: Outcome): string {
  return /^run (\S+), result on branch/m.exec(stderr)?.[1] ?? '';
}

/** What happened behind the copied events. */
function own(events: readonly Event[]): Event[] {
  return events.slice(events.findLastIndex(({ type }) => type === 'run_replayed') + 1);
}

/** A replay on its way, as soon as its run has come so far. */
async function begunReplay(
  dir: string,
  args: readonly string[],
  isThere: (dir: string, run: string) => boolean,
) {
  const known = runsIn(dir);
  const going = desk.start(['run', '--replay', '--from-step', ...args], { cwd: dir });
  let over = false;
  void going.ended.then(() => {
    over = true;
  });
  for (;;) {
    const run = runsIn(dir).find((one) => !known.includes(one));
    if (run !== undefined && isThere(dir, run)) return { run, going };
    if (over) throw new Error(`it never came so far: ${going.heard.stderr}`);
    await sleep(2);
  }
}

function launched(events: readonly Event[]): string[] {
  return ofType(events, 'agent_launched').map(({ step, attempt }) => `${step}#${attempt}`);
}

test.concurrent('a replay is a new run from the state before the step, and the old run stays as it is', async () => {
  const dir = await copy();
  const old = await listing(join(dir, '.gump/runs', first));
  const tip = await desk.git(dir, 'rev-parse', `gump/run-${first}`);
  const ended = await replay(dir, 'build/task-2/make', '--agent', 'claude-haiku');
  expect(ended.code, ended.stderr).toBe(0);
  const run = runOf(ended);
  const events = eventsOf(dir, run);
  expect(launched(own(events))).toEqual(['plan/b/make#1', 'plan/b/make/check/look#1']);
  expect(ofType(own(events), 'agent_launched').map(({ agent }) => agent)).toEqual([
    'claude-haiku',
    'claude-haiku',
  ]);
  expect(ofType(events, 'run_replayed')).toMatchObject([{ run, of: first, from_step: 'plan/b/make' }]);
  expect(ofType(events, 'run_started')).toMatchObject([{ run, settings: { agent: 'claude-haiku' } }]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(ofType(own(events), 'run_completed')).toMatchObject([{ status: 'pass', cost: 0.04 }]);
  expect(treeOf(dir, `gump/run-${run}`)).toBe(treeOf(dir, `gump/run-${first}`));
  expect(await listing(join(dir, '.gump/runs', first))).toEqual(old);
  expect(await desk.git(dir, 'rev-parse', `gump/run-${first}`)).toBe(tip);
  expect(ended.stdout).toContain(`Run replayed: from build/task-2/make of the run ${first}\n`);
  expect(ended.stdout).not.toContain('[plan]');
  expect((await desk.gump(['apply', run], { cwd: dir })).stdout).toContain(`merged gump/run-${run}`);
});

test.concurrent('the tree is that before the step: a later attempt finds what the earlier one has written', async () => {
  const dir = await copy();
  await writeFiles(dir, {
    'script.yaml': tinyScript.replace('    attempt: 1\n', '    attempt: 2\n    agent: codex\n'),
  });
  const ended = await replay(dir, 'plan/a/make@2', '--agent', 'codex');
  expect(ended.code).toBe(0);
  const run = runOf(ended);
  expect(launched(own(eventsOf(dir, run)))[0]).toBe('plan/a/make#2');
  const [start] = ofType(own(eventsOf(dir, run)), 'step_started');
  expect(await desk.git(dir, 'show', `${start?.base}:a.txt`)).toBe('wrong');
});

test.concurrent('the artifacts that copied events name come along, and the report tells what was copied', async () => {
  const dir = await copy();
  const run = runOf(await replay(dir, 'whole'));
  const logs = eventsOf(dir, run).flatMap((event) => ('log' in event && event.log ? [event.log] : []));
  for (const log of logs) await readFile(join(dir, '.gump/runs', run, 'artifacts', log));
  expect(logs.length).toBeGreaterThan(2);
  const { stdout } = await desk.gump(['report', run, '--json'], { cwd: dir });
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ status: 'pass', costUsd: 0, replay: { of: first, fromStep: 'whole' } });
  const copied = report.steps.map((step: { attempts: { copied: boolean }[] }) =>
    step.attempts.map((one) => one.copied),
  );
  expect(copied).toEqual([[true], [true, true], [true], [false]]);
  expect((await desk.gump(['report', run], { cwd: dir })).stdout).toContain(`replays   ${first} from whole`);
});

test.concurrent('a replay can be replayed, and without --run it is the latest that is', async () => {
  const dir = await copy();
  const second = runOf(await replay(dir, 'plan/b/make'));
  const ended = await replay(dir, 'plan/a/make');
  expect(ended.code, ended.stderr).toBe(0);
  const run = runOf(ended);
  expect(ofType(eventsOf(dir, run), 'run_replayed').map(({ of }) => of)).toEqual([second]);
  expect(treeOf(dir, `gump/run-${run}`)).toBe(treeOf(dir, `gump/run-${first}`));
});

test.concurrent('a failed run is replayed from the step before the one that failed, with limits of its own', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'script.yaml': tinyScript.replace('a.txt: "right', 'a.txt: "wrong') });
  const failed = await desk.gump([...tinyRun, '--max-budget', '0.15'], { cwd: dir });
  expect(failed.code).toBe(1);
  await writeFiles(dir, { 'script.yaml': tinyScript });
  const ended = await replay(
    dir,
    'build/task-1/make',
    '--run',
    runOf(failed),
    '--pause-after',
    'plan/a/make',
  );
  expect(ended.code, ended.stderr).toBe(3);
  const run = runOf(ended);
  const resumed = await desk.gump(['run', '--resume', '--run', run], { cwd: dir });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(ofType(eventsOf(dir, run), 'run_completed').map(({ status, cost }) => [status, cost])).toEqual([
    ['pass', 0.12],
  ]);
});

const parallel = tinyWorkflow.replace('gate: [schema]', 'gate: [schema]\n    parallel: true');

test.concurrent('what a parallel task had finished stays, even when the old branch and everything loose is thrown away', async () => {
  const files = { ...tinyFiles, '.gump/workflows/tiny.yaml': parallel };
  const dir = await makeProject(desk, { name: 'parallel', files });
  const run = runOf(await desk.gump(tinyRun, { cwd: dir }));
  await writeFiles(dir, {
    'script.yaml': `${tinyScript}`.replace(
      'rules:\n',
      'rules:\n  - {step: plan/a/make, turns: [{sleep_ms: 60000}]}\n',
    ),
  });
  const { run: second, going } = await begunReplay(dir, ['plan/a/make'], isAtWork);
  going.child.kill('SIGKILL');
  await going.ended;
  expect(await desk.git(dir, 'for-each-ref', '--format=%(refname)', 'refs/gump/kept')).toBe(
    `refs/gump/kept/${second}`,
  );
  await desk.git(dir, 'branch', '-qD', `gump/run-${run}`);
  await desk.git(dir, 'gc', '-q', '--prune=now');
  await writeFiles(dir, { 'script.yaml': tinyScript });
  const resumed = await desk.gump(['run', '--resume', '--run', second], { cwd: dir });
  expect(resumed.code, resumed.stderr).toBe(0);
  const steps = launched(own(eventsOf(dir, second))).filter((id) => id.startsWith('plan/b/'));
  expect(steps).toEqual([]);
  for (const path of ['a.txt', 'b.txt'])
    expect(await desk.git(dir, 'show', `gump/run-${second}:${path}`)).toBe('right');
  expect(await desk.git(dir, 'for-each-ref', 'refs/gump')).toBe('');
  // And without the commits of the run itself there is nothing that a replay could stand on.
  const gone = await replay(dir, 'whole', '--run', run);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('is not in the repository any more')]);
});

const isAtWork = (dir: string, run: string) => launched(own(eventsOf(dir, run))).length > 0;

const moments: readonly (readonly [title: string, isThere: (dir: string, run: string) => boolean])[] = [
  ['its folder is there', () => true],
  ['its ledger is there', (dir, run) => eventsOf(dir, run).length > 0],
  ['an agent of its own works', isAtWork],
  [
    'an attempt of its own has ended',
    (dir, run) => ofType(own(eventsOf(dir, run)), 'agent_completed').length > 0,
  ],
];

for (const [title, isThere] of moments) {
  test.concurrent(`a replay whose engine is killed when ${title} goes on, or was never begun`, async () => {
    const dir = await copy();
    const { run, going } = await begunReplay(dir, ['plan/b/make'], isThere);
    going.child.kill('SIGKILL');
    await going.ended;
    const whole = eventsOf(dir, run).length > 0;
    const resumed = await desk.gump(['run', '--resume', '--run', run], { cwd: dir });
    expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
    if (!whole) {
      expect([resumed.code, resumed.stderr]).toEqual([
        2,
        expect.stringContaining('lost before it had begun'),
      ]);
      expect((await replay(dir, 'whole')).code).toBe(0);
      return;
    }
    expect(resumed.code, resumed.stderr).toBe(0);
    const events = eventsOf(dir, run);
    expect(ofType(events, 'run_replayed')).toHaveLength(1);
    expect(launched(own(events)).filter((id) => id.startsWith('plan/a/'))).toEqual([]);
    expect(blemishes(own(events).map((event, index) => ({ ...event, seq: index + 1 })))).toEqual([]);
    expect(treeOf(dir, `gump/run-${run}`)).toBe(treeOf(dir, `gump/run-${first}`));
  });
}

interface Refusal {
  readonly title: string;
  readonly args: readonly string[];
  readonly says: readonly string[];
}

const refusals: readonly Refusal[] = [
  {
    title: 'a step that is not there',
    args: ['plan/a/mkae'],
    says: ['there is no step plan/a/mkae', 'did you mean plan/a/make?'],
  },
  {
    title: 'a name that several steps have',
    args: ['make'],
    says: ['several steps of the run', 'build/task-1/make, build/task-2/make'],
  },
  { title: 'an attempt that was not', args: ['plan/b/make@2'], says: ['had no attempt 2'] },
  { title: 'a task, which is no step', args: ['build/task-1'], says: ['there is no step build/task-1'] },
  {
    title: 'a run that is not there',
    args: ['whole', '--run', '20990101-000000-aaaa'],
    says: ['there is no run 20990101-000000-aaaa here', 'gump status'],
  },
  { title: 'an unknown agent', args: ['whole', '--agent', 'clod'], says: ['unknown agent family in `clod`'] },
];

for (const { title, args, says } of refusals) {
  test.concurrent(`no replay is begun with ${title}: exit code 2 and nothing changed`, async () => {
    const [step = '', ...more] = args;
    const before = runsIn(original);
    const { code, stdout, stderr } = await replay(original, step, ...more);
    expect([code, stdout]).toEqual([2, '']);
    for (const words of says) expect(stderr).toContain(words);
    expect(runsIn(original)).toEqual(before);
  });
}

test.concurrent('a step that never started, a run of another version, and one that is at work are refused with the reason', async () => {
  const dir = await copy();
  await writeFiles(dir, { 'script.yaml': tinyScript.replace('step: plan\n', 'step: nothing\n') });
  expect((await desk.gump(tinyRun, { cwd: dir })).code).toBe(1);
  const never = await replay(dir, 'whole');
  expect([never.code, never.stderr]).toEqual([2, expect.stringContaining('the step whole never started')]);
  expect(never.stderr).toContain('these did: plan');

  const manifest = join(dir, '.gump/runs', first, 'manifest.ndjson');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"gump":"0.1.', '"gump":"0.0.'));
  const older = await replay(dir, 'whole', '--run', first);
  expect([older.code, older.stderr]).toEqual([
    2,
    expect.stringMatching(/was made by gump 0\.0\.\d+, this is 0\.1\./),
  ]);
  await writeFile(manifest, text);

  await writeFiles(dir, { 'script.yaml': tinyScript.replace('sleep_ms: 20', 'sleep_ms: 60000') });
  const { going } = await begunReplay(dir, ['plan', '--run', first], isAtWork);
  const busy = await replay(dir, 'plan');
  expect([busy.code, busy.stderr]).toEqual([2, expect.stringMatching(/is at work \(process \d+\)/)]);
  going.child.kill('SIGTERM');
  expect((await going.ended).code).toBe(143);
});
