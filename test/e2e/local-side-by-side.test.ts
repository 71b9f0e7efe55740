/** A parallel group on the command line: a retry that asks a validator, tasks beside it, and engines that are killed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from '../cli/command.ts';
import { awaitEvents, blemishes, eventsOf, ofType, runsIn } from '../cli/ledger.ts';
import { makeProject, tinyFiles } from '../cli/project.ts';

const workflow = `name: side
steps:
  - name: side
    parallel: true
    steps:
      - name: code
        type: code
        prompt: "write {spec}"
        agent: claude-sonnet
        gate: [{bash: grep -q right code.txt}]
        retry:
          - {validate: validators/is-hard, with: {why: "{error}"}, agent: claude-opus}
          - exit: 3
      - name: plan
        type: split
        parallel: true
        prompt: cut
        agent: claude-opus
        each:
          - {name: do, type: code, prompt: "{task.name}", agent: claude-sonnet}
`;
const validator = `name: is-hard
steps:
  - {name: judge, type: validate, prompt: "Hard? {why}", agent: claude-haiku}
`;
const cent = 'usage: {input_tokens: 1, output_tokens: 1, cost: 0.01}';
const script = `rules:
  - {step: side/plan, tasks: [{name: x, description: x}, {name: y, description: y}]}
  - {step: side/plan/x/do, turns: [{write: {x.txt: "made\\n"}, ${cent}}]}
  - {step: side/plan/y/do, turns: [{write: {y.txt: "made\\n"}, ${cent}}]}
  - {step: side/code, agent: claude-opus, turns: [{write: {code.txt: "right\\n"}, ${cent}}]}
  - {step: side/code, turns: [{write: {code.txt: "wrong\\n"}, sleep_ms: 20, ${cent}}]}
  - {step: side/code/retry.is-hard/judge, attempt: 1, turns: [{say: no, ${cent}}], verdict: {pass: false, comments: it is easy}}
  - {step: side/code/retry.is-hard/judge, turns: [{say: yes, ${cent}}], verdict: {pass: true}}
`;
const files = {
  ...tinyFiles,
  '.gump/workflows/side.yaml': workflow,
  '.gump/validators/is-hard.yaml': validator,
  'script.yaml': script,
};
const run = ['run', 'side', '--spec', 'spec.md', '--agent-script', 'script.yaml'];
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

const filesOf = (dir: string) => desk.git(dir, 'ls-tree', '-r', '--name-only', `gump/run-${runsIn(dir)[0]}`);
const agents = (dir: string) =>
  ofType(eventsOf(dir), 'step_started')
    .filter(({ step }) => step === 'side/code')
    .map(({ attempt, agent }) => `${attempt} ${agent}`);
const escalated = ['1 claude-sonnet', '2 claude-sonnet', '3 claude-opus'];

test.concurrent('a retry asks its validator, the trace says what it said, and the branches come together', async () => {
  const dir = await makeProject(desk, { name: 'calm', files });
  const { code, stdout, stderr } = await desk.gump(run, { cwd: dir });
  expect(code, stderr).toBe(0);
  expect(agents(dir)).toEqual(escalated);
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('[side/code]') && line.includes(' retry '));
  expect(lines).toEqual([
    '[side/code]                  retry    is-hard does not apply',
    '[side/code]                  retry    attempt 2',
    '[side/code]                  retry    is-hard applies',
    '[side/code]                  retry    attempt 3 — agent claude-opus',
  ]);
  expect((await filesOf(dir)).split('\n')).toEqual(expect.arrayContaining(['code.txt', 'x.txt', 'y.txt']));
  expect(stdout).toContain('cost: $0.07\n');
  const report = await desk.gump(['report'], { cwd: dir });
  expect(report.stdout).toContain('bash ✗');
  // Told as what it is, and as no gate.
  expect(report.stdout.split('\n').filter((line) => line.includes('is-hard'))).toEqual([
    expect.stringContaining('retry condition is-hard ✗ does not apply'),
    expect.stringContaining('retry condition is-hard ✓ applies'),
  ]);
});

test.concurrent('an agent of a condition that is not there is told before the run, and so is a missing validator', async () => {
  const dir = await makeProject(desk, {
    name: 'refused',
    files: { ...files, '.gump/validators/is-hard.yaml': validator.replace('claude-haiku', 'clod-haiku') },
  });
  const refused = await desk.gump(run, { cwd: dir });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('did you mean `claude-haiku`?'),
  ]);
  const typo = workflow.replace('validators/is-hard', 'validators/is-heard');
  const other = await makeProject(desk, {
    name: 'missing',
    files: { ...files, '.gump/workflows/side.yaml': typo },
  });
  const missing = await desk.gump(run, { cwd: other });
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining('there is no validator validators/is-heard'),
  ]);
  expect(missing.stderr).toContain('did you mean validators/is-hard?');
});

test.concurrent('killed again and again, it asks what it had asked, and loses no branch', async () => {
  const dir = await makeProject(desk, { name: 'killed', files });
  let kills = 0;
  let args: readonly string[] = run;
  for (let count = 6; ; count = eventsOf(dir).length + 13) {
    const { child, ended } = desk.start(args, { cwd: dir });
    let over = false;
    void ended.then(() => {
      over = true;
    });
    await awaitEvents(dir, (events) => over || events.length >= count);
    child.kill('SIGKILL');
    if ((await ended).signal !== 'SIGKILL') break;
    kills++;
    args = ['run', '--resume'];
  }
  const events = eventsOf(dir);
  expect(kills).toBeGreaterThan(1);
  expect(ofType(events, 'run_completed').map(({ status }) => status)).toEqual(['pass']);
  expect(blemishes(events, 3)).toEqual([]);
  expect(agents(dir)).toEqual(escalated);
  expect((await filesOf(dir)).split('\n')).toEqual(expect.arrayContaining(['code.txt', 'x.txt', 'y.txt']));
});
