import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { type Desk, openDesk } from './command.ts';
import { begun, completed, makeRun } from './made-runs.ts';
import { makeProject, smallRun } from './project.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

const step = { step: 'make', attempt: 1 } as const;
const started: Fact = {
  type: 'step_started',
  ...step,
  step_type: 'code',
  agent: 'codex',
  task: null,
  session_mode: 'new',
  base: 'b0',
};
const spent: Fact = { type: 'agent_progress', ...step, turns: 1, tokens_in: 1, tokens_out: 1, cost: 0.5 };

/** One run in each state that there is, the oldest first. */
const states: readonly (readonly [run: string, facts: readonly Fact[]])[] = [
  ['r1-pass', [completed('r1-pass', 'pass')]],
  ['r2-fail', [completed('r2-fail', 'fail')]],
  ['r3-stopped', [{ type: 'run_interrupted', run: 'r3-stopped', signal: 'SIGINT' }]],
  [
    'r4-lost',
    [started, { type: 'agent_launched', ...step, agent: 'codex', prompt_hash: 'p', session_id: null }, spent],
  ],
  [
    'r5-paused',
    [
      started,
      { type: 'hitl_paused', ...step, when: 'before_gate' },
      { type: 'run_paused', run: 'r5-paused', reason: 'waits', step: 'make' },
    ],
  ],
  ['r6-running', [started]],
];

test('every state of a run has its own word, a live lock tells running from lost, and nothing is changed', async () => {
  const dir = await makeProject(desk, { name: 'states' });
  for (const [index, [run, facts]] of states.entries())
    await makeRun(dir, { run, facts: [begun(run), ...facts], ts: `2026-11-0${index + 1}T00:00:00.000Z` });
  await writeFile(join(dir, '.gump/runs/r1-pass/manifest.ndjson'), 'no json\n{}\n', { flag: 'a' });
  await makeRun(dir, { run: 'r7-unborn', facts: [], ts: '2026-11-07T00:00:00.000Z' });
  const ledger = await openFileLedger(join(dir, '.gump/runs/r6-running'));
  // A lock that a dead process has left.
  await writeFile(join(dir, '.gump/runs/r4-lost/lock.99999999.1.aa'), '');
  const { code, stdout, stderr } = await desk.gump(['status'], { cwd: dir });
  await ledger.close();
  const words = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2));
  expect([code, words]).toEqual([
    0,
    [
      ['r7-unborn', 'lost'],
      ['r6-running', 'running'],
      ['r5-paused', 'paused'],
      ['r4-lost', 'lost'],
      ['r3-stopped', 'cancelled'],
      ['r2-fail', 'fail'],
      ['r1-pass', 'unreadable'],
    ],
  ]);
  expect(stdout).toContain(`process ${process.pid}`);
  expect(stdout).toMatch(/r4-lost +lost +made +\$0\.50 +3s +\d+d ago\n/);
  expect(stderr).toBe('r6-running is running; what it has done so far: gump report r6-running\n');
  const later = await desk.gump(['status'], { cwd: dir });
  expect(later.stderr).toContain(
    'r6-running has not finished; go on with: gump run --resume --run r6-running',
  );
  await rm(join(dir, '.gump/runs/r4-lost/workflow-snapshot.yaml'));
  const report = await desk.gump(['report', 'r4-lost'], { cwd: dir });
  expect(report.stdout).toContain(
    'Run r4-lost: lost\n  reason    no process works on it any more; go on with: gump run --resume --run r4-lost\n',
  );
  const { stdout: json, stderr: quiet } = await desk.gump(['status', '--json'], { cwd: dir });
  expect(quiet).toBe('');
  const [, , paused, lost] = JSON.parse(json);
  expect(paused).toMatchObject({
    run: 'r5-paused',
    waitsFor: ['make'],
    costUsd: 0,
    durationMs: 3000,
    begun: true,
  });
  expect(lost).toMatchObject({ status: 'lost', engine: null, costUsd: 0.5 });
});

test('what is asked of a person, and what to do with a result, is said on stderr', async () => {
  const dir = await makeProject(desk, { name: 'next' });
  const none = await desk.gump(['status'], { cwd: dir });
  expect([none.stdout, none.stderr]).toEqual([expect.stringContaining('no runs yet'), '']);
  const paused = await desk.gump([...smallRun, '--pause-after', 'make'], { cwd: dir });
  expect(paused.code).toBe(3);
  const asked = await desk.gump(['status'], { cwd: dir });
  expect(asked.stderr).toMatch(/^\S+ asks a person about make; say yes with: gump run --resume --run \S+\n$/);
  expect((await desk.gump(['run', '--resume'], { cwd: dir })).code).toBe(0);
  const passed = await desk.gump(['status'], { cwd: dir });
  expect(passed.stderr).toMatch(/^\S+ has passed; merge it with: gump apply \S+\n$/);
  expect((await desk.gump(['apply'], { cwd: dir })).code).toBe(0);
  const applied = await desk.gump(['status'], { cwd: dir });
  expect([applied.stderr, applied.stdout]).toEqual(['', expect.stringMatching(/ago {2}applied\n$/)]);
});

test('a run that has changed nothing has nothing to merge, and is told so everywhere', async () => {
  const dir = await makeProject(desk, {
    name: 'nothing',
    files: { 'a.txt': 'right\n', 'spec.md': 'Build.\n' },
  });
  await writeFile(
    join(desk.dir, 'look.yaml'),
    'name: look\nsteps:\n  - name: look\n    gate: [bash: grep -q right a.txt]\n',
  );
  const run = await desk.gump(['run', join(desk.dir, 'look.yaml'), '--spec', 'spec.md'], { cwd: dir });
  expect([run.code, run.stderr]).toEqual([
    0,
    expect.stringContaining('\nthe run has changed nothing: there is nothing to merge\n'),
  ]);
  const status = await desk.gump(['status'], { cwd: dir });
  expect([status.stderr, status.stdout]).toEqual(['', expect.stringMatching(/ago {2}changed nothing\n$/)]);
  const report = await desk.gump(['report'], { cwd: dir });
  expect(report.stdout).toMatch(/^ {2}commit {4}[0-9a-f]{40} {2}\(nothing was changed\)$/m);
});
