import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from '../cli/command.ts';
import { awaitEvents, blemishes, eventsOf, ofType, runsIn, treeOf } from '../cli/ledger.ts';
import { type Files, makeProject } from '../cli/project.ts';

/** Calls everywhere: a step, the body of a split, in front of a step, in a validator; gates ask what arrived. */
const workflow = `name: calling
steps:
  - {name: setup, workflow: prepare, with: {topic: "{feature}", reason: it}}
  - name: plan
    type: split
    prompt: "{setup.state.look.output}"
    agent: claude-opus
    gate: [schema]
    each:
      - {name: work, workflow: workflows/implement, with: {about: "{task.name}"}}
      - name: told
        gate: [{bash: 'test {work.output} = made\\ {task.name}'}]
  - name: sum
    type: code
    agent: claude-opus
    get: {workflow: prepare, with: {topic: "{plan/one/work.output}", reason: sum}}
    gate:
      - bash: test {sum.state.look.output} = "looked" && test -f look-sum.txt
      - bash: test "$(echo {sum.files})" = sum.txt
      - validate: validators/whole
        what: "{setup.state.look.status} {sum.diff}"
`;

const files: Files = {
  'README.md': 'a project\n',
  '.gitignore': 'script.yaml\n',
  'spec.md': '# It\n\nDo {feature}.\n',
  '.gump/workflows/calling.yaml': workflow,
  '.gump/workflows/prepare.yaml': `name: prepare
steps:
  - name: look
    type: code
    agent: claude-opus
    prompt: {file: prompts/look.md}
    gate: [{bash: 'case {topic}:{reason} in login:it|"made one:sum") ;; *) exit 1;; esac'}]
`,
  '.gump/workflows/prompts/look.md': 'Look at {topic} for {reason}: {spec}\n',
  '.gump/workflows/implement.yaml': `name: implement
max_budget: 1
steps:
  - {name: make, workflow: deep, with: {name: "{about}"}}
`,
  '.gump/workflows/deep.yaml': `name: deep
steps:
  - name: do
    type: code
    agent: claude-opus
    prompt: "Make {name}, which is {task.description}"
    gate: [{bash: 'test -f {name}.txt && test {task.description} = the\\ {name}'}]
    retry: [{exit: 2}]
`,
  '.gump/validators/whole.yaml': `name: whole
steps:
  - {name: ask, workflow: peek, with: {what: "{what}"}}
  - {name: judge, type: validate, agent: claude-opus, prompt: "{ask.output}"}
`,
  '.gump/workflows/peek.yaml': `name: peek
steps:
  - name: see
    type: code
    agent: claude-opus
    prompt: "{what}"
    gate: [{bash: 'case {what} in "pass "*sum.txt*) ;; *) exit 1;; esac'}]
`,
  'script.yaml': `rules:
  - step: plan
    tasks: [{name: one, description: the one}, {name: two, description: the two}]
  - step: "{setup/look,sum/get/look}"
    turns: [{write: {look-sum.txt: "looked\\n"}, say: looked, usage: {cost: 0.01}}, {sleep_ms: 20, say: looked}]
  - step: plan/one/work/make/do
    attempt: 1
    turns: [{say: nothing, usage: {cost: 0.01}}]
  - step: plan/one/work/make/do
    turns: [{write: {one.txt: "1\\n"}, say: made one, usage: {cost: 0.01}}]
  - step: plan/two/work/make/do
    turns: [{write: {two.txt: "2\\n"}, say: made two, usage: {cost: 0.01}}]
  - step: sum
    turns: [{write: {sum.txt: "3\\n"}, say: summed}]
  - step: "**/see"
    turns: [{say: seen}]
  - step: "**/judge"
    verdict: {pass: true, comments: fine}
`,
};
const run = [
  ...['run', 'calling', '--spec', 'spec.md', '--agent-script', 'script.yaml'],
  ...['--set', 'feature=login'],
];
const attempts = [
  ...['setup/look#1', 'plan#1', 'plan/one/work/make/do#1', 'plan/one/work/make/do#2', 'plan/one/told#1'],
  ...['plan/two/work/make/do#1', 'plan/two/told#1', 'sum/get/look#1', 'sum#1'],
  ...['sum/whole/ask/see#1', 'sum/whole/judge#1'],
];

let desk: Desk;
let whole: { readonly dir: string; readonly stdout: string };
beforeAll(async () => {
  desk = await openDesk();
  const dir = await makeProject(desk, { name: 'calling', files });
  const { code, stdout, stderr } = await desk.gump(run, { cwd: dir });
  expect(code, stdout + stderr).toBe(0);
  whole = { dir, stdout };
}, 60_000);
afterAll(() => desk.remove());

const started = (dir: string) =>
  ofType(eventsOf(dir), 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
const resultOf = (dir: string) => treeOf(dir, `gump/run-${runsIn(dir)[0]}`);
const namesIn = async (dir: string) =>
  (await desk.git(dir, 'ls-tree', '-r', '--name-only', `gump/run-${runsIn(dir)[0]}`)).split('\n');

test.concurrent('called workflows run below their calls with what they are given, in one tree', async () => {
  const { dir, stdout } = whole;
  expect(started(dir)).toEqual(attempts);
  expect(blemishes(eventsOf(dir))).toEqual([]);
  expect(await namesIn(dir)).toEqual(
    expect.arrayContaining(['look-sum.txt', 'one.txt', 'sum.txt', 'two.txt']),
  );
  expect(stdout).toMatch(/^\[setup\/look\] +running +\(claude-opus\)$/m);
  expect(stdout).toMatch(/^\[build\/task-1\/work\/make\/do\] +running +\(claude-opus\) +attempt 2$/m);
  expect(stdout).toMatch(/^\[sum\/get\/look\] +pass$/m);
  expect(stdout).toMatch(/^\[setup\] +pass$/m);
  expect(stdout).not.toContain('whole/ask');
  const report = await desk.gump(['report'], { cwd: dir });
  expect(report.stdout).toContain('build/task-2/work/make/do');
  expect(report.stdout).toContain('sum/get/look');
});

test.concurrent('a run that is killed in called workflows goes on from its snapshot, which needs no file', async () => {
  const dir = await makeProject(desk, { name: 'lost', files });
  const kill = async (args: readonly string[], count: number) => {
    const { child, ended } = desk.start(args, { cwd: dir });
    await awaitEvents(dir, (events) => events.length >= count);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
  };
  await kill(run, 4);
  for (const name of ['workflows', 'validators'])
    await rm(join(dir, '.gump', name), { recursive: true, force: true });
  await kill(['run', '--resume'], 30);
  await kill(['run', '--resume'], 55);
  const { code, stdout, stderr } = await desk.gump(['run', '--resume'], { cwd: dir });
  expect(code, stdout + stderr).toBe(0);
  const events = eventsOf(dir);
  expect(runsIn(dir)).toHaveLength(1);
  expect(blemishes(events)).toEqual([]);
  expect(started(dir)).toEqual(attempts);
  expect(resultOf(dir)).toBe(resultOf(whole.dir));
  expect(ofType(events, 'run_started')[0]?.settings.set).toEqual({ feature: 'login' });
  const snapshot = join(dir, '.gump', 'runs', runsIn(dir)[0] ?? '', 'workflow-snapshot.yaml');
  expect(readFileSync(snapshot, 'utf8')).toContain('Look at {topic} for {reason}: {spec}');
});

test.concurrent('what cannot work is told before anything begins: inputs, keys, circles, ways out', async () => {
  const dir = await makeProject(desk, {
    name: 'wrong',
    files: {
      ...files,
      '.gump/workflows/calling.yaml': workflow
        .replace('topic: "{feature}", ', '')
        .replace('setup.state.look', 'setup.state.lok'),
      '.gump/workflows/circle.yaml':
        'name: circle\nsteps:\n  - {name: a, gate: [{bash: "true {feature}"}, {validate: validators/round}]}\n',
      '.gump/validators/round.yaml': 'name: round\nsteps:\n  - {name: b, workflow: circle}\n',
      '.gump/workflows/out.yaml': 'name: out\nsteps:\n  - {name: a, workflow: ../../secret}\n',
    },
  });
  const refused = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await desk.gump(['run', ...args, ...run.slice(2)], { cwd: dir });
    expect([code, stdout], stderr).toEqual([2, '']);
    return stderr;
  };
  const missing = await refused('calling');
  expect(missing).toContain('calling.yaml:3:29: error: prepare needs the input `topic`');
  expect(missing).toContain('did you mean `{setup.state.look.output}`?');
  expect(await refused('circle')).toContain(
    'validators/round calls itself: validators/round → circle → validators/round',
  );
  expect(await refused('out')).toContain('`../../secret` is no path here');
  expect(runsIn(dir)).toEqual([]);
});

test.concurrent('--set is text of the one who starts the run; what is missing or unused is told', async () => {
  const dir = await makeProject(desk, { name: 'set', files });
  const without = await desk.gump(run.slice(0, -2), { cwd: dir });
  expect([without.code, without.stdout]).toEqual([2, '']);
  expect(without.stderr).toContain('hint: give it with --set feature=…');
  const wrong = await desk.gump([...run.slice(0, -1), 'fetaure=x'], { cwd: dir });
  expect(wrong.stderr).toContain('error: nothing in the workflow uses the input `fetaure`');
  expect(wrong.stderr).toContain('did you mean --set feature=…?');
  const twice = await desk.gump([...run, '--set', 'feature=x'], { cwd: dir });
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('feature is given twice')]);
  const bare = await desk.gump([...run, '--set', 'feature'], { cwd: dir });
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('It is no name=text')]);
  const file = '.gump/workflows/calling.yaml';
  expect((await desk.gump(['validate', file], { cwd: dir })).code).toBe(2);
  const valid = await desk.gump(['validate', file, '--set', 'feature=x'], { cwd: dir });
  expect([valid.code, valid.stdout, valid.stderr]).toEqual([0, `${file}: valid\n`, '']);
  expect((await desk.gump(['validate', file, '--set', 'feature=x', '--set', 'y=z'], { cwd: dir })).code).toBe(
    2,
  );
});
