/** Commands that act on a run, with the real Action on a runner. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blemishes, eventsOf } from './github-facts.ts';
import {
  botComments,
  gitIn,
  lineOf,
  newJob,
  openShortTown,
  type People,
  runJobs,
  shortScript,
  where,
} from './github-town.ts';

const asking = `name: asking
steps:
  - name: make
    type: code
    prompt: "Make {spec}"
    agent: claude-sonnet
    hitl: after_gate
    gate:
      - bash: test -d src
`;
const script = `${shortScript()}  - step: make
    turns:
      - say: Made.
        write: {src/made.js: "export const made = true;\\n"}
        usage: {input_tokens: 10, output_tokens: 5, cost: 0.01}
  - step: slow
    turns:
      - say: This takes its time.
        sleep_ms: 60000
`;
const slow = asking.replace('name: asking', 'name: slow').replace('name: make', 'name: slow');

let people: People;
beforeAll(async () => {
  const files = { '.gump/workflows/asking.yaml': asking, '.gump/workflows/slow.yaml': slow };
  people = await openShortTown({ agentScript: script, files });
}, 60_000);
afterAll(async () => {
  await people.town.close();
});

const answersTo = (events: Awaited<ReturnType<typeof eventsOf>>) =>
  events.flatMap((event) => (event.type === 'hitl_resumed' ? [event] : []));

test('a yes and a no are in the ledger under the name of who said it, and each is for its own question', async () => {
  const { town } = people;
  const issue = await people.fileIssue();
  const paused = await people.command(issue, '/gump run asking');
  expect(paused.stepOutputs.gump?.status).toBe('paused');
  const run = paused.stepOutputs.gump?.['run-id'] ?? '';
  expect((await botComments(people, issue))[0]).toContain('/gump approve');

  const rejected = await people.command(issue, '/gump reject the name is wrong');
  expect(rejected.stepOutputs.gump).toMatchObject({ status: 'fail', 'run-id': run });
  expect(answersTo(await eventsOf(town, run))).toMatchObject([
    { approved: false, by: 'mara', reason: 'the name is wrong' },
  ]);

  const again = await people.command(issue, '/gump resume');
  expect(again.stepOutputs.gump?.status).toBe('paused');
  const approved = await people.command(issue, '/gump approve');
  expect(approved.stepOutputs.gump).toMatchObject({ status: 'pass', 'run-id': run });
  expect(answersTo(await eventsOf(town, run)).at(-1)).toMatchObject({ approved: true, by: 'mara' });
  await people.say(issue, '/gump approve');
  expect((await botComments(people, issue)).at(-1)).toContain('does not ask a person: it has passed');
  expect(await blemishes(town)).toEqual([]);
}, 90_000);

test('a replay is a run of its own, on a branch of its own, and leaves the other as it was', async () => {
  const { town } = people;
  const before = gitIn(town, 'rev-parse', 'refs/heads/gump/issue-1');
  const job = await people.command(1, '/gump replay make');
  const run = job.stepOutputs.gump?.['run-id'] ?? '';
  expect(job.stepOutputs.gump).toMatchObject({ status: 'paused' });
  expect(run).toMatch(/^issue-1-\d+-replay$/);
  const events = await eventsOf(town, run);
  expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['run_started', 'run_replayed']);
  expect(await people.command(1, '/gump approve')).toMatchObject({ conclusion: 'success' });
  const branch = `refs/heads/gump/issue-1-replay-${run.split('-')[2]}`;
  expect(gitIn(town, 'show', `${branch}:src/made.js`)).toContain('made = true');
  expect(gitIn(town, 'rev-parse', 'refs/heads/gump/issue-1')).toBe(before);
  await people.say(1, '/gump replay mke');
  expect((await botComments(people, 1)).at(-1)).toContain('did you mean make?');
  expect((await blemishes(town)).filter((line) => !/^\d+ /.test(line))).toEqual([]);
}, 90_000);

test('a stop ends the run under way and what waits behind it, and leaves no check open', async () => {
  const { town } = people;
  const issue = await people.fileIssue({ title: 'Slow' });
  const before = runJobs(town).length;
  await people.say(issue, '/gump run slow');
  const running = await newJob(town, before);
  await lineOf(town, running, /running/);
  await people.say(issue, '/gump run');
  const waiting = await newJob(town, before + 1);
  await people.say(issue, '/gump stop');
  const [stopped, removed] = await Promise.all([running, waiting].map(({ id }) => town.runner.ended(id)));
  await people.settled();
  expect(stopped?.conclusion).toBe('cancelled');
  expect(removed?.conclusion).toBe('cancelled');
  expect(removed?.log).toEqual([]);
  const run = `issue-${issue}-${stopped?.stepOutputs.gump?.['run-id']?.split('-').at(-1)}`;
  expect((await eventsOf(town, run)).at(-1)?.type).toBe('run_interrupted');
  const { data } = await people.rita.checks
    .listForRef({ ...where, ref: `gump/issue-${issue}` })
    .catch(() => ({
      data: { check_runs: [] },
    }));
  expect(data.check_runs.filter(({ status }) => status !== 'completed')).toEqual([]);
  expect((await blemishes(town)).filter((line) => !/^\d+ /.test(line))).toEqual([]);
}, 90_000);

test('three commands at once run one after another in their order, beside those of another issue', async () => {
  const { town } = people;
  const [issue, other] = [await people.fileIssue({ title: 'One' }), await people.fileIssue({ title: 'Two' })];
  const before = runJobs(town).length;
  for (const body of ['/gump run asking', '/gump run asking', '/gump run asking'])
    await people.say(issue, body);
  await people.say(other, '/gump run asking');
  const jobs = await Promise.all([0, 1, 2, 3].map((at) => newJob(town, before + at)));
  const ended = await Promise.all(jobs.map(({ id }) => town.runner.ended(id)));
  await people.settled();
  expect(ended.map(({ stepOutputs }) => stepOutputs.gump?.status)).toEqual(Array(4).fill('paused'));
  const [first, second, third, beside] = ended;
  expect((second?.startedAt ?? '') >= (first?.completedAt ?? 'z')).toBe(true);
  expect((third?.startedAt ?? '') >= (second?.completedAt ?? 'z')).toBe(true);
  expect((beside?.startedAt ?? 'z') < (third?.completedAt ?? '')).toBe(true);
  // Two issues have two pull requests.
  expect((await blemishes(town)).filter((line) => !/^\d+ /.test(line))).toEqual([]);
}, 120_000);
