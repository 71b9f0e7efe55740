import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocalRun } from '../../src/local.ts';
import { type Desk, entry, openDesk } from '../cli/command.ts';
import { blemishes, eventsOf, livingWith, ofType, runsIn, treeOf } from '../cli/ledger.ts';
import { makeProject, tinyFiles, tinyRun, tinyScript, tinyWorkflow, writeFiles } from '../cli/project.ts';

let wantedTree: string;
const desks: Desk[] = [];

async function ownDesk(): Promise<Desk> {
  const desk = await openDesk();
  desks.push(desk);
  return desk;
}

/** The result of the small workflow, whoever disturbed it. */
beforeAll(async () => {
  const desk = await ownDesk();
  const dir = await makeProject(desk);
  expect((await desk.gump(tinyRun, { cwd: dir })).code).toBe(0);
  wantedTree = treeOf(dir, `gump/run-${runsIn(dir)[0]}`);
}, 60_000);

afterAll(async () => {
  for (const desk of desks) await desk.remove();
});

interface Stop {
  readonly signal: 'SIGINT' | 'SIGTERM';
  readonly code: number;
  readonly where: 'agent' | 'gate';
}

const stops: readonly Stop[] = [
  { signal: 'SIGINT', code: 130, where: 'agent' },
  { signal: 'SIGTERM', code: 143, where: 'gate' },
];

const firstRule = 'rules:\n';
/** The script with a rule in front: the agent of task a hangs with a child that does not want to end. */
const hanging = tinyScript.replace(
  firstRule,
  `${firstRule}  - step: plan/a/make
    attempt: 1
    turns: [{usage: {cost: 0.5}}, {run: "(trap '' TERM; exec setsid sleep 321) & wait"}]
`,
);
/** A gate that wants a program of the PATH; where there is none it hangs with a child. */
const waiting = tinyWorkflow.replace('cat a.txt b.txt', 'go-on || { (trap "" TERM; sleep 321) & wait; }');

for (const { signal, code, where } of stops) {
  test.concurrent(`${signal} during ${where === 'agent' ? 'an agent' : 'a gate'} ends its children, exit code ${code}, and --resume finishes the run`, async () => {
    const desk = await ownDesk();
    const dir = await makeProject(desk, {
      files: { ...tinyFiles, ...(where === 'gate' ? { '.gump/workflows/tiny.yaml': waiting } : {}) },
    });
    if (where === 'agent') await writeFiles(dir, { 'script.yaml': hanging });
    const { child, ended } = desk.start(tinyRun, { cwd: dir });
    while (!livingWith(desk).some((line) => line.startsWith('sleep 321'))) await sleep(20);
    child.kill(signal);
    const stopped = await ended;
    expect(livingWith(desk)).toEqual([]);
    expect([stopped.code, stopped.signal], stopped.stderr).toEqual([code, null]);
    expect(stopped.stdout).toContain(`Run interrupted: ${signal}`);
    expect(stopped.stderr).toContain(`go on with: gump run --resume --run ${runsIn(dir)[0]}`);
    expect(ofType(eventsOf(dir), 'run_interrupted').map((event) => event.signal)).toEqual([signal]);
    expect(await desk.git(dir, 'status', '--porcelain')).toBe('');

    await writeFiles(dir, { 'script.yaml': tinyScript });
    await writeFiles(desk.home, { 'bin/go-on': '#!/bin/sh\n' });
    await chmod(join(desk.home, 'bin/go-on'), 0o755);
    const env = { PATH: `${join(desk.home, 'bin')}:${desk.env.PATH}` };
    const resumed = await desk.gump(['run', '--resume'], { cwd: dir, env });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('Run resumed: was stopped');
    const events = eventsOf(dir);
    expect(blemishes(events)).toEqual([]);
    if (where === 'agent') expect(ofType(events, 'run_completed')[0]?.cost).toBeGreaterThan(0.5);
    if (where === 'agent') expect(treeOf(dir, `gump/run-${runsIn(dir)[0]}`)).toBe(wantedTree);
    else expect(ofType(events, 'agent_launched')).toHaveLength(7);
  });
}

test.concurrent('a second signal ends the process at once; what it left is ended by the resume', async () => {
  const desk = await ownDesk();
  const dir = await makeProject(desk);
  await writeFiles(dir, { 'script.yaml': hanging });
  const { child, ended, heard } = desk.start(tinyRun, { cwd: dir });
  while (!livingWith(desk).some((line) => line.startsWith('sleep 321'))) await sleep(20);
  child.kill('SIGINT');
  while (!heard.stderr.includes('SIGINT: stopping')) await sleep(5);
  const secondAt = performance.now();
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(performance.now() - secondAt).toBeLessThan(1500);
  await writeFiles(dir, { 'script.yaml': tinyScript });
  const { code, stderr } = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(code, stderr).toBe(0);
  expect(treeOf(dir, `gump/run-${runsIn(dir)[0]}`)).toBe(wantedTree);
  expect(livingWith(desk)).toEqual([]);
});

test.concurrent('without a sandbox a killed engine leaves an agent alive; the resume ends it before anything else runs', async () => {
  const desk = await ownDesk();
  const dir = await makeProject(desk);
  await writeFiles(dir, { 'script.yaml': hanging });
  const { child, ended } = desk.start([...tinyRun, '--sandbox', 'off'], { cwd: dir });
  while (!livingWith(desk).some((line) => line.startsWith('sleep 321'))) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  await writeFiles(dir, { 'script.yaml': tinyScript });
  const { code, stderr } = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(code, stderr).toBe(0);
  expect(livingWith(desk)).toEqual([]);
});

test.concurrent('a run pauses where it is told to, and end of input is no consent', async () => {
  const desk = await ownDesk();
  const paused = tinyWorkflow.replace('gate: [schema]', 'hitl: before_gate\n    gate: [schema]');
  const dir = await makeProject(desk, { files: { ...tinyFiles, '.gump/workflows/tiny.yaml': paused } });
  const args = [...tinyRun, '--pause-after', 'build/task-1/make'];
  const first = await desk.gump(args, { cwd: dir, stdin: '' });
  expect([first.code, first.stdout]).toEqual([
    3,
    expect.stringContaining('paused   before_gate — waits for a person'),
  ]);
  expect(first.stdout.trimEnd().split('\n').at(-1)).toMatch(/^Run paused: plan waits for a person/);
  const branch = `gump/run-${runsIn(dir)[0]}`;
  await desk.git(dir, 'branch', '-f', branch);
  await desk.git(dir, 'switch', '-q', branch);
  const standing = await desk.gump(['run', '--resume'], { cwd: dir });
  expect([standing.code, standing.stderr]).toEqual([
    2,
    expect.stringContaining(`${branch} is checked out here`),
  ]);
  await desk.git(dir, 'switch', '-q', 'main');
  const second = await desk.gump(['run', '--resume'], { cwd: dir, stdin: 'y\n' });
  expect([second.code, second.stdout]).toEqual([3, expect.stringContaining('Run resumed: was paused')]);
  expect(second.stdout).toContain('[build/task-1/make]          paused   after_step');
  expect(second.stdout).not.toContain('[build/task-2');
  const third = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(third.code, third.stderr).toBe(0);
  expect(blemishes(eventsOf(dir))).toEqual([]);
  expect(await desk.git(dir, 'show', `gump/run-${runsIn(dir)[0]}:b.txt`)).toBe('right');
});

test.concurrent('the answer of a person who is there lets the run go on, or fails it', async () => {
  const desk = await ownDesk();
  const dir = await makeProject(desk);
  const play = (answer: 'approve' | 'reject', questions: string[]) =>
    startLocalRun({
      repository: dir,
      workflow: 'tiny',
      specPath: 'spec.md',
      agentScript: 'script.yaml',
      resolvePath: (path) => join(dir, path),
      self: [process.execPath, entry],
      sinks: [],
      signal: new AbortController().signal,
      onStart: () => undefined,
      ask: async (question) => {
        questions.push(question);
        return answer;
      },
      env: {},
      asked: { agent: null, maxBudgetUsd: null, maxParallel: 1, pauseAfter: 'plan' },
    });
  const questions: string[] = [];
  expect(await play('approve', questions)).toMatchObject({ kind: 'ended', state: { status: 'pass' } });
  expect(await play('reject', questions)).toMatchObject({ kind: 'ended', state: { status: 'fail' } });
  expect(questions).toEqual(Array(2).fill('plan: after step, attempt 1. Approve?'));
});
