/** A change of what says what runs on GitHub: stopped, asked for, and made once somebody has said yes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passSecond } from '../standin/state.ts';
import { blemishes, eventsOf } from './github-facts.ts';
import { botComments, gitIn, openShortTown, type People, shortScript, where } from './github-town.ts';

const report =
  '<testsuite name=\\"s\\"><testcase file=\\"src/made.js\\" line=\\"1\\" name=\\"is made\\"><failure message=\\"not whole\\"/></testcase></testsuite>';
const workflow = (name: string): string => `name: ${name}
steps:
  - name: ${name}
    type: code
    prompt: "Make {spec}"
    agent: claude-sonnet
    gate:
      - bash: "test -f src/whole.js || { mkdir -p reports; echo '${report}' > reports/unit.xml; exit 1; }"
    retry: [{attempt: 2, prompt: "Once more: {error}"}, {exit: 3}]
`;
const turn = (step: string, attempt: number, path: string, more = ''): string => `
  - step: ${step}
    attempt: ${attempt}
    turns:
      - say: Made.
        write: {${path}: "max = ${attempt}\\n"${more}}
        usage: {input_tokens: 10, output_tokens: 5, cost: 0.01}`;
const made = ', src/made.js: "export const made = true;\\n"';
const whole = `${made}, src/whole.js: "export {};\\n"`;
const toml = 'gump.toml';
const file = '.github/workflows/more.yml';
const script = [
  shortScript().trimEnd(),
  ...[turn('settings', 1, toml, made), turn('settings', 2, 'src/made.js'), turn('settings', 3, toml, whole)],
  ...[turn('ci', 1, file, made), turn('ci', 2, file, whole), turn('ci', 3, file, whole)],
].join('');

let people: People;
beforeAll(async () => {
  const files = {
    '.gump/workflows/settings.yaml': workflow('settings'),
    '.gump/workflows/ci.yaml': workflow('ci'),
  };
  people = await openShortTown({ agentScript: script, files });
}, 60_000);
afterAll(async () => {
  await people.town.close();
});

test('a yes lets the run change gump.toml, and what a gate wrote into a report stands on its line', async () => {
  const { town } = people;
  const issue = await people.fileIssue();
  const paused = await people.command(issue, '/gump run settings');
  expect(paused.stepOutputs.gump).toMatchObject({ status: 'paused', 'pull-request': '' });
  const [asking] = await botComments(people, issue);
  for (const part of [
    '⏸ **Waiting for a person**',
    'it changed gump.toml',
    '- [ ] approve <!-- gump:box approve -->',
  ])
    expect(asking).toContain(part);
  expect(gitIn(town, 'log', '--all', '--format=%H', '--', 'gump.toml', 'src/made.js')).toBe('');

  const approved = await people.command(issue, '/gump approve');
  const run = paused.stepOutputs.gump?.['run-id'] ?? '';
  expect(approved.stepOutputs.gump).toMatchObject({ status: 'pass', 'run-id': run, 'pull-request': '2' });
  expect(gitIn(town, 'show', 'gump/issue-1:gump.toml')).toBe('max = 3');
  expect(gitIn(town, 'show', 'main:.github/workflows/gump.yml')).not.toBe('');
  const answers = (await eventsOf(town, run)).filter(({ type }) => type === 'hitl_resumed');
  expect(answers).toMatchObject([{ approved: true, by: 'mara' }]);

  const { check_runs: checks } = await town.standin.dump();
  const failed = checks.find(({ conclusion }) => conclusion === 'failure');
  expect(failed?.name).toBe('gump / settings / bash');
  const { data } = await people.rita.checks.listAnnotations({ ...where, check_run_id: Number(failed?.id) });
  expect(data).toMatchObject([{ path: 'src/made.js', start_line: 1, message: 'is made\nnot whole' }]);
  expect(await blemishes(town)).toEqual([]);
}, 60_000);

test("a yes to a workflow file costs nothing where the job's token could not push it, and the run goes on asking", async () => {
  const issue = await people.fileIssue();
  const paused = await people.command(issue, '/gump run ci');
  expect(paused.stepOutputs.gump?.status).toBe('paused');
  expect((await botComments(people, issue))[0]).toContain("can never be pushed with the job's own token");
  const run = paused.stepOutputs.gump?.['run-id'] ?? '';
  const before = await eventsOf(people.town, run);
  const approved = await people.command(issue, '/gump approve');
  expect(approved.conclusion).toBe('failure');
  expect(await eventsOf(people.town, run)).toEqual(before);
  const [told] = await botComments(people, issue);
  for (const part of [
    'the run was not gone on with: .github/workflows/more.yml',
    '`GUMP_PUSH_TOKEN`',
    '⏸ **Waiting',
  ])
    expect(told).toContain(part);
  // A job that was started in the second of a command is taken for its own, and that of the yes has ended at once.
  passSecond();
  const rejected = await people.command(issue, '/gump reject by hand, please');
  expect(rejected.stepOutputs.gump?.status).toBe('fail');
}, 60_000);
