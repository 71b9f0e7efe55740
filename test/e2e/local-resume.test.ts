import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from '../cli/command.ts';
import { awaitEvents, blemishes, eventsOf, livingWith, ofType, runsIn, treeOf } from '../cli/ledger.ts';
import { listing, makeProject, tinyFiles, tinyRun, tinyWorkflow } from '../cli/project.ts';

let desk: Desk;
let wantedTree: string;
let wantedEvents: number;
let wantedCost: number;

beforeAll(async () => {
  desk = await openDesk();
  const dir = await makeProject(desk, { name: 'undisturbed' });
  const { code, stderr } = await desk.gump(tinyRun, { cwd: dir });
  expect(code, stderr).toBe(0);
  const events = eventsOf(dir);
  expect(blemishes(events)).toEqual([]);
  wantedEvents = events.length;
  wantedCost = ofType(events, 'run_completed')[0]?.cost ?? 0;
  wantedTree = treeOf(dir, `gump/run-${runsIn(dir)[0]}`);
}, 60_000);

afterAll(() => desk.remove());

/** Starts or resumes, and kills the engine without notice once its ledger is so long. False when it was quicker. */
async function killedAt(dir: string, args: readonly string[], count: number): Promise<boolean> {
  const { child, ended } = desk.start(args, { cwd: dir });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  await awaitEvents(dir, (events) => over || events.length >= count);
  child.kill('SIGKILL');
  return (await ended).signal === 'SIGKILL';
}

interface Chain {
  readonly title: string;
  readonly first: number;
  /** Events between two kills; fewer than an attempt writes and nothing would ever end. */
  readonly step: number;
  readonly kills: number;
  readonly workflow: string;
}

const parallel = tinyWorkflow.replace('gate: [schema]', 'gate: [schema]\n    parallel: true');
const chains: readonly Chain[] = [
  { title: 'from the first event', first: 1, step: 9, kills: 6, workflow: tinyWorkflow },
  { title: 'from an agent', first: 5, step: 9, kills: 6, workflow: tinyWorkflow },
  { title: 'with two tasks at once', first: 11, step: 24, kills: 2, workflow: parallel },
];

for (const { title, first, step, kills: killsMin, workflow } of chains) {
  test.concurrent(`an engine that is killed again and again loses nothing: ${title}`, async () => {
    const files = { ...tinyFiles, '.gump/workflows/tiny.yaml': workflow };
    const dir = await makeProject(desk, { name: `killed-${first}`, files });
    const inFlight = workflow === parallel ? 2 : 1;
    let kills = 0;
    let args: readonly string[] = tinyRun;
    for (let count = first; ; count = eventsOf(dir).length + step) {
      if (!(await killedAt(dir, args, count))) break;
      kills++;
      args = ['run', '--resume'];
    }
    const events = eventsOf(dir);
    expect(runsIn(dir)).toHaveLength(1);
    expect(blemishes(events, inFlight)).toEqual([]);
    expect(ofType(events, 'run_completed').map(({ status }) => status)).toEqual(['pass']);
    // The last engine may have been killed between its last event and its exit.
    expect([kills, kills - 1]).toContain(ofType(events, 'run_resumed').length);
    expect(kills).toBeGreaterThanOrEqual(killsMin);
    for (const path of ['a.txt', 'b.txt'])
      expect(await desk.git(dir, 'show', `gump/run-${runsIn(dir)[0]}:${path}`)).toBe('right');
    if (workflow === tinyWorkflow) expect(treeOf(dir, `gump/run-${runsIn(dir)[0]}`)).toBe(wantedTree);
    expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
  }, 180_000);
}

test.concurrent('what a lost attempt had spent is booked, and the trace says what happened', async () => {
  const dir = await makeProject(desk, { name: 'spent' });
  const { child, ended } = desk.start(tinyRun, { cwd: dir });
  await awaitEvents(dir, (events) =>
    ofType(events, 'agent_progress').some((event) => event.step === 'plan/a/make' && event.cost > 0),
  );
  child.kill('SIGKILL');
  await ended;
  const before = eventsOf(dir).length;
  const { code, stdout, stderr } = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(code, stderr).toBe(0);
  const events = eventsOf(dir);
  const first = events.slice(before, before + 2).map(({ type }) => type);
  expect(first.sort()).toEqual(['agent_killed', 'run_resumed']);
  const booked = ofType(events, 'run_completed')[0]?.cost ?? 0;
  expect(booked).toBeGreaterThanOrEqual(wantedCost + 0.01 - 1e-9);
  expect(blemishes(events)).toEqual([]);
  expect(stdout).toContain('Run resumed: was lost');
  expect(stdout).toContain(`[build/task-1/make]          running  (claude-sonnet)  attempt 1`);
  expect(stdout).not.toContain('[plan]                       running');
  expect(stdout).toMatch(/Run completed: pass {2}duration: .* cost: \$0\.1[5-6]\n$/);
});

test.concurrent('a run that was lost before its first event is passed over, and said so when there is no other', async () => {
  const dir = await makeProject(desk, { name: 'unborn' });
  expect((await desk.gump([...tinyRun, '--pause-after', 'plan'], { cwd: dir })).code).toBe(3);
  const lost = join(dir, '.gump/runs/20990101-000000-ffff');
  await mkdir(lost);
  for (const name of ['spec.md', 'workflow-snapshot.yaml', 'manifest.ndjson'])
    await writeFile(join(lost, name), '');
  const { code, stderr } = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(code, stderr).toBe(0);
  const again = await desk.gump(['run', '--resume'], { cwd: dir });
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('was lost before it had begun')]);
  expect(again.stderr).toContain('start it again with `gump run`');
  await rm(lost, { recursive: true });
});

test.concurrent('an engine that is killed before its first event leaves a repository in which the next run works', async () => {
  const dir = await makeProject(desk, { name: 'stillborn' });
  const { child, ended } = desk.start(tinyRun, { cwd: dir });
  while (runsIn(dir).length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGKILL');
  await ended;
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
  const resumed = await desk.gump(['run', '--resume'], { cwd: dir });
  // It may have come as far as its first event.
  const { code, stderr } = resumed.code === 2 ? await desk.gump(tinyRun, { cwd: dir }) : resumed;
  expect(code, stderr).toBe(0);
});

test.concurrent('of two resumes of one run at once, one goes on and the other is refused with the reason', async () => {
  const dir = await makeProject(desk, { name: 'twice' });
  expect(await killedAt(dir, tinyRun, 12)).toBe(true);
  const both = await Promise.all([1, 2].map(() => desk.gump(['run', '--resume'], { cwd: dir })));
  const codes = both.map(({ code }) => code).sort();
  const told = both.map(({ stderr }) => stderr).join('\n');
  expect(codes, told).toEqual([0, 1]);
  expect(told).toMatch(/The run was not opened: process \d+ is already working on it/);
  expect(blemishes(eventsOf(dir))).toEqual([]);
  expect(treeOf(dir, `gump/run-${runsIn(dir)[0]}`)).toBe(wantedTree);
});

test.concurrent('two runs at once in one repository do not meet', async () => {
  const dir = await makeProject(desk, { name: 'two' });
  const both = await Promise.all([1, 2].map(() => desk.gump(tinyRun, { cwd: dir })));
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(runsIn(dir)).toHaveLength(2);
  for (const run of runsIn(dir)) expect(treeOf(dir, `gump/run-${run}`)).toBe(wantedTree);
  const { stdout } = await desk.gump(['status'], { cwd: dir });
  expect(stdout.match(/ pass +tiny /g)).toHaveLength(2);
});

test('the undisturbed run left the user nothing but a branch and a folder that git does not see', async () => {
  expect(wantedEvents).toBeGreaterThan(40);
  expect(livingWith(desk)).toEqual([]);
  const dir = join(desk.dir, 'undisturbed');
  expect(await desk.git(dir, 'status', '--porcelain', '--ignored')).toBe('!! .gump/runs/\n!! script.yaml');
  expect(Object.keys(await listing(dir, ['.git', '.gump/runs']))).not.toContain('a.txt');
});
