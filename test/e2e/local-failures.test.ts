import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, type Outcome, openDesk } from '../cli/command.ts';
import { blemishes, eventsOf, livingWith, ofType, runsIn, treeOf } from '../cli/ledger.ts';
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
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

interface Failed extends Outcome {
  readonly dir: string;
}

const untouched = (dir: string) => listing(dir, ['.git', '.gump/runs', 'script.yaml']);

/** A run that fails: exit code 1, resumable, nothing of the user's touched. */
async function failing(
  name: string,
  { script = tinyScript, workflow = tinyWorkflow, more = [] as string[] },
): Promise<Failed> {
  const files = { ...tinyFiles, '.gump/workflows/tiny.yaml': workflow };
  const dir = await makeProject(desk, { name, files });
  await writeFiles(dir, { 'script.yaml': script });
  const [before, head] = [await untouched(dir), await desk.git(dir, 'rev-parse', 'HEAD')];
  const outcome = await desk.gump([...tinyRun, ...more], { cwd: dir });
  expect(outcome.code, outcome.stderr).toBe(1);
  expect(outcome.stderr).toContain(`go on with: gump run --resume --run ${runsIn(dir)[0]}`);
  expect(outcome.stdout).toMatch(/\nRun completed: fail {2}duration: .* cost: \$\d/);
  expect(await untouched(dir)).toEqual(before);
  expect(await desk.git(dir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  expect(await desk.git(dir, 'rev-parse', 'HEAD')).toBe(head);
  expect(blemishes(eventsOf(dir))).toEqual([]);
  return { ...outcome, dir };
}

const inFront = (rule: string) => tinyScript.replace('rules:\n', `rules:\n${rule}`);

test.concurrent('a script without a fitting rule names the step; once it has one the run goes on and passes', async () => {
  const script = tinyScript.replace('{make,plan/b/make}', 'plan/c/make');
  const { dir, stdout, stderr } = await failing('no-rule', { script });
  expect(stdout).toContain(
    'no rule of script.yaml fits step plan/b/make, attempt 1, agent claude-sonnet, new session',
  );
  expect(stderr).toContain('no rule of script.yaml fits step plan/b/make');
  const launchedBefore = ofType(eventsOf(dir), 'agent_launched').map(({ step }) => step);
  await writeFiles(dir, { 'script.yaml': tinyScript });
  const resumed = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(resumed.code, resumed.stderr + resumed.stdout).toBe(0);
  expect(resumed.stdout).toContain('Run resumed: had failed');
  const launched = ofType(eventsOf(dir), 'agent_launched').map(({ step }) => step);
  expect(launched.slice(launchedBefore.length)).toEqual(['plan/b/make', 'plan/b/make/check/look']);
  expect(await desk.git(dir, 'show', `gump/run-${runsIn(dir)[0]}:a.txt`)).toBe('right');
});

test.concurrent('a task with a path outside the repository fails the run with the path', async () => {
  const script = tinyScript.replace('files: [b.txt]', 'files: [../../etc/b.txt]');
  const { dir, stdout } = await failing('outside', { script });
  expect(stdout).toContain('schema ✗');
  expect(stdout).toContain('../../etc/b.txt');
  expect(ofType(eventsOf(dir), 'agent_launched').map(({ step }) => step)).toEqual(['plan']);
});

test.concurrent('an agent that crashes is a failed attempt with its cause, and is tried again', async () => {
  const script = inFront(
    '  - {step: plan/b/make, attempt: 1, turns: [{write: {b.txt: half}}], exit: crash}\n',
  );
  const dir = await makeProject(desk, { name: 'crash' });
  await writeFiles(dir, { 'script.yaml': script });
  const { code, stdout } = await desk.gump(tinyRun, { cwd: dir });
  expect(code).toBe(0);
  expect(stdout).toContain("error    the agent's process was ended by SIGKILL");
  expect(stdout).toContain('[build/task-2/make]          running  (claude-sonnet)  attempt 2');
});

test.concurrent('an agent that hangs is ended by max_time, once, and nothing of it is left', async () => {
  const guarded = tinyWorkflow
    .replace('        gate:\n', '        guard: {max_time: 1s}\n        gate:\n')
    .replace('exit: 3', 'exit: 1');
  const script = inFront(
    '  - {step: plan/a/make, turns: [{write: {a.txt: right}}]}\n  - {step: plan/b/make, turns: [{write: {b.txt: half}, run: "sleep 323 &"}], exit: hang}\n',
  );
  const { dir, stdout } = await failing('hang', { script, workflow: guarded });
  expect(stdout).toContain('[build/task-2/make]          guard    max_time: ');
  const events = eventsOf(dir);
  expect(ofType(events, 'guard_triggered')).toMatchObject([{ step: 'plan/b/make', guard: 'max_time' }]);
  expect(livingWith(desk).filter((line) => line.startsWith('sleep 323'))).toEqual([]);
  // The tree is back where the step started: with task a, without the half file.
  const files = await desk.git(dir, 'ls-tree', '--name-only', `gump/run-${runsIn(dir)[0]}`);
  expect(files.split('\n')).toContain('a.txt');
  expect(files.split('\n')).not.toContain('b.txt');
});

test.concurrent('max_turns is breached when one turn more begins: one event, a failed attempt, the tree of the start', async () => {
  const guarded = tinyWorkflow.replace('        gate:\n', '        guard: {max_turns: 2}\n        gate:\n');
  const script = inFront(
    '  - {step: plan/b/make, attempt: 1, turns: [{write: {b.txt: "right\\n"}, usage: {cost: 0.3}}, {say: on}, {sleep_ms: 3000}]}\n',
  );
  const dir = await makeProject(desk, {
    name: 'turns',
    files: { ...tinyFiles, '.gump/workflows/tiny.yaml': guarded },
  });
  await writeFiles(dir, { 'script.yaml': script });
  const { code, stdout } = await desk.gump(tinyRun, { cwd: dir });
  expect(code).toBe(0);
  expect(stdout).toMatch(/\[build\/task-2\/make\] {10}guard {4}max_turns: /);
  const events = eventsOf(dir);
  expect(ofType(events, 'guard_triggered')).toHaveLength(1);
  expect(ofType(events, 'agent_killed')).toHaveLength(1);
  const ends = ofType(events, 'agent_completed').filter(({ step }) => step === 'plan/b/make');
  expect(ends.map(({ outcome, cost }) => [outcome, cost])).toEqual([
    ['killed', 0.3],
    ['ok', 0.02],
  ]);
  const [start] = ofType(events, 'step_started').filter(({ step }) => step === 'plan/b/make');
  expect(treeOf(dir, ends[0]?.commit ?? '')).toBe(treeOf(dir, start?.base ?? ''));
  expect(blemishes(events)).toEqual([]);
});

test.concurrent('a used-up budget fails the run and nothing is launched behind it; more money lets it go on', async () => {
  const { dir, stdout, stderr } = await failing('budget', { more: ['--max-budget', '0.05'] });
  expect(stdout).toContain('exceeded: $0.06 of $0.05');
  expect(stderr).toContain("the run's budget is used up: $0.06 of $0.05");
  const events = eventsOf(dir);
  const exceeded = events.findIndex(({ type }) => type === 'budget_exceeded');
  expect(events.slice(exceeded).some(({ type }) => type === 'agent_launched')).toBe(false);
  const still = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(still.code).toBe(1);
  expect(ofType(eventsOf(dir), 'agent_launched')).toHaveLength(ofType(events, 'agent_launched').length);
  const { code, stderr: told } = await desk.gump(['run', '--resume', '--max-budget', '3'], { cwd: dir });
  expect(code, told).toBe(0);
  expect(blemishes(eventsOf(dir))).toEqual([]);
});

test.concurrent('a step that may only read fails when it writes, whether the write was prevented or only noticed', async () => {
  const script = inFront(
    '  - {step: "**/check/look", turns: [{write: {a.txt: mine}}], verdict: {pass: true}}\n',
  );
  const { dir, stdout } = await failing('writes', { script });
  expect(stdout).toContain('check ✗');
  const [end] = ofType(eventsOf(dir), 'agent_completed').filter(({ step }) => step.endsWith('/look'));
  expect([end?.outcome, end?.error]).toEqual(['error', expect.stringContaining('a.txt was not changed')]);

  const sly = inFront(
    '  - {step: plan, turns: [{run: "echo x > sly.txt"}], tasks: [{name: a, description: d, files: [a.txt]}]}\n',
  );
  const either = await failing('sly', { script: sly });
  expect(either.stdout).toContain('sly.txt');
  const noticed = await failing('sly-unsandboxed', { script: sly, more: ['--sandbox', 'off'] });
  expect(noticed.stdout).toContain('sly.txt');
  expect(ofType(eventsOf(noticed.dir), 'agent_completed')).toMatchObject([
    { step: 'plan', denied: ['sly.txt'] },
  ]);
});

test.concurrent('a write outside the files of a task fails the attempt and says which', async () => {
  const script = inFront('  - {step: plan/a/make, turns: [{write: {a.txt: right, b.txt: mine}}]}\n');
  const { stdout } = await failing('radius', { script });
  expect(stdout).toMatch(/b\.txt/);
});
