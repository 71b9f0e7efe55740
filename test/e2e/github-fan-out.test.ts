import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { Event } from '../../src/index.ts';
import { fanOutWorkflow } from '../action/fan-out-page.ts';
import { startRun } from '../standin/demo/story.ts';
import { openTown, type Town } from '../standin/demo/town.ts';
import type { JobRun } from '../standin/runner/job-run.ts';
import { blemishes, checksOn, endedAttempts, eventsOf, launches } from './github-facts.ts';
import { botComments, gitIn, lineOf, peopleOf, pushFile } from './github-town.ts';

/** Two splits whose tasks run side by side: the first fans out, the second does not any more. */
const workflow = `name: implement-spec
max_budget: 10
steps:
  - name: cut
    type: split
    parallel: true
    get: {prompt: "Split {spec}"}
    run: {agent: claude-opus}
    each:
      - name: write
        type: code
        get: {prompt: "{task.description}"}
        run: {agent: claude-sonnet}
        gate: [{bash: "test -d made"}]
      - name: polish
        type: code
        get: {prompt: polish}
        run: {agent: claude-sonnet}
  - name: more
    type: split
    parallel: true
    get: {prompt: "Split more"}
    run: {agent: claude-opus}
    each:
      - {name: write, type: code, get: {prompt: "{task.description}"}, run: {agent: claude-sonnet}}
`;
const script = (sleepMs: number) => `rules:
  - step: cut
    tasks: [{name: quick, description: q}, {name: slow, description: s}, {name: other, description: o}]
  - step: cut/slow/write
    turns: [{write: {made/slow: "slow\\n"}, usage: {input_tokens: 1000, output_tokens: 100, cost: 0.5}}]
  - step: cut/slow/polish
    turns: [{sleep_ms: ${sleepMs}, write: {made/polished: "polished\\n"}}]
  - step: cut/quick/write
    turns: [{write: {made/quick: "quick\\n"}, usage: {input_tokens: 1000, output_tokens: 100, cost: 0.25}}]
  - step: cut/other/write
    turns: [{write: {made/other: "other\\n"}}]
  - step: cut/*/polish
    turns: [{say: nothing to do}]
  - step: more
    tasks: [{name: five, description: f}, {name: six, description: s}]
  - step: more/five/write
    turns: [{write: {made/five: "five\\n"}}]
  - step: more/six/write
    turns: [{write: {made/six: "six\\n"}}]
`;
const files = { '.gump/workflows/implement-spec.yaml': workflow };
const runId = 'issue-1-1002';
const made = ['five', 'other', 'polished', 'quick', 'six', 'slow'].map((name) => `made/${name}`);

const towns: Town[] = [];
afterAll(async () => {
  for (const town of towns) await town.close();
});

async function open(sleepMs: number, fansOut: boolean): Promise<Town> {
  const agentScript = script(sleepMs);
  const town = await openTown({ agentScript, files, ...(fansOut ? { changeWorkflow: fanOutWorkflow } : {}) });
  towns.push(town);
  return town;
}

async function settled(town: Town): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await town.runner.idle();
    await town.app.idle();
    await town.standin.idle();
  }
}

/** The job's row, whatever state it is in: `run`, `task (cut/slow)`, `join`. */
function job(town: Town, name: string): JobRun {
  const found = town.runner.jobs.findLast((one) => one.name === name);
  if (!found) throw new Error(`no job ${name}: ${town.runner.jobs.map((one) => one.name).join(', ')}`);
  return found;
}

/** What people find at the end. */
async function endOf(town: Town) {
  const dump = await town.standin.dump();
  const head = gitIn(town, 'rev-parse', 'refs/heads/gump/issue-1');
  const { state, draft, title } = dump.pulls[0] ?? {};
  const events = await eventsOf(town, runId);
  return {
    made: gitIn(town, 'ls-tree', head, 'made/').split('\n'),
    checks: checksOn(dump.check_runs, head),
    // How often the check `gump` moves on is a question of time.
    gates: dump.check_runs
      .filter(({ name }) => name !== 'gump')
      .map(({ name, conclusion }) => `${name} ${conclusion}`)
      .sort(),
    pull: { state, draft, title },
    sides: [1, 2, 3].map((task) => gitIn(town, 'ls-tree', `gump/issue-1-task-${task}`, 'made/')),
    launches: [...launches(events)].sort(),
    cost: events.flatMap((event) => (event.type === 'run_completed' ? [event.cost] : [])),
  };
}

function filesOf(town: Town): readonly string[] {
  return gitIn(town, 'ls-tree', '--name-only', 'gump/issue-1', 'made/').split('\n');
}

test('tasks on machines of their own end as they do on one, and the second split runs where they come together', async () => {
  const [one, three] = await Promise.all([open(0, false), open(0, true)]);
  await Promise.all([startRun(one, () => undefined), startRun(three, () => undefined)]);
  await Promise.all([settled(one), settled(three)]);
  const jobs = three.runner.jobs.map(({ name, conclusion }) => `${name} ${conclusion}`);
  expect(jobs).toEqual(
    expect.arrayContaining([
      ...['run success', 'join success'],
      ...['task (cut/quick) success', 'task (cut/slow) success', 'task (cut/other) success'],
    ]),
  );
  expect(job(three, 'task (cut/slow)').log.join('\n')).not.toMatch(/quick|other/);
  expect(job(three, 'join').log.join('\n')).toContain('[more/task-1/write]');
  const [here, there] = await Promise.all([endOf(one), endOf(three)]);
  expect(here.made.map((line) => line.split('\t')[1])).toEqual(made);
  expect(there).toEqual(here);
  expect(await blemishes(three)).toEqual([]);
}, 180_000);

test('machines that are lost cost only what was under way on them, also the one on which the branches come together', async () => {
  const town = await open(3_000, true);
  await startRun(town, () => undefined);
  const slow = await jobNamed(town, 'task (cut/slow)');
  await lineOf(town, slow, /polish\] +running/);
  let survived: readonly Event[] = [];
  for (; !launches(survived).includes('cut/slow/polish#1'); await sleep(100))
    survived = branchEvents(town, 2);
  town.runner.kill(slow.id, 'SIGKILL', { tree: true });
  const joining = await jobNamed(town, 'join');
  await lineOf(town, joining, /^Run resumed/);
  town.runner.kill(joining.id, 'SIGKILL', { tree: true });
  await settled(town);
  const ends = town.runner.jobs.map(({ name, conclusion }) => `${name} ${conclusion}`);
  expect(ends.slice(0, 3)).toEqual(['run success', 'join failure', 'after success']);
  expect(ends).toContain('task (cut/slow) failure');
  expect(job(town, 'run').conclusion).toBe('success');
  const events = await eventsOf(town, runId);
  expect([...endedAttempts(survived)]).toContain('cut/slow/write#1');
  const twice = launches(events).filter((id, index, all) => all.indexOf(id) !== index);
  expect(twice).toEqual(['cut/slow/polish#1']);
  expect(filesOf(town)).toEqual(made);
  expect(await blemishes(town)).toEqual([]);
}, 180_000);

test('a stop ends every machine, and a resume takes in what they had done', async () => {
  const town = await open(600_000, true);
  await startRun(town, () => undefined);
  const slow = await jobNamed(town, 'task (cut/slow)');
  await lineOf(town, slow, /polish\] +running/);
  for (const name of ['quick', 'other'])
    await town.runner.ended((await jobNamed(town, `task (cut/${name})`)).id);
  const people = peopleOf(town);
  const told = (await botComments(people, 1)).join('\n');
  expect(told).toMatch(
    /⏳ \*\*Running\*\*[\s\S]*3 branches go on in jobs of their own; each may spend \$3\.33/,
  );
  await people.say(1, '/gump stop');
  await settled(town);
  expect(job(town, 'task (cut/slow)').conclusion).toBe('cancelled');
  expect(job(town, 'after').conclusion).toBe('success');
  const stopped = await eventsOf(town, runId);
  expect(stopped.at(-1)?.type).toBe('run_interrupted');
  const done = endedAttempts(stopped);
  expect([...done]).toEqual(expect.arrayContaining(['cut/quick/polish#1', 'cut/slow/write#1']));
  // Nothing is merged yet: there is nothing that a pull request could show.
  expect(await blemishes(town)).toEqual(['0 pull requests', '0 status comments on the pull request']);

  pushFile(town, 'main', { path: '.gump/demo-agents.yaml', text: script(0) });
  await people.command(1, '/gump resume');
  await settled(town);
  const events = await eventsOf(town, runId);
  expect(events.at(-1)).toMatchObject({ type: 'run_completed', status: 'pass' });
  expect(launches(events.slice(stopped.length)).filter((id) => done.has(id))).toEqual([]);
  expect(filesOf(town)).toEqual(made);
}, 180_000);

/** As soon as it is there. */
async function jobNamed(town: Town, name: string): Promise<JobRun> {
  for (;;) {
    const found = town.runner.jobs.find((one) => one.name === name);
    if (found) return found;
    await sleep(50);
  }
}

function branchEvents(town: Town, number: number): readonly Event[] {
  const refs = gitIn(town, 'for-each-ref', '--format=%(refname)', `refs/gump/branches/${runId}`).split('\n');
  const ref = refs.find((one) => one.endsWith(`-${number}`));
  if (ref === undefined) return [];
  const lines = gitIn(town, 'show', `${ref}:manifest.ndjson`).split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Event);
}
