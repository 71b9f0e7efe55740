/** On GitHub, configuration is what the default branch says: never what a proposed branch says. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blemishes } from './github-facts.ts';
import {
  botComments,
  gitIn,
  newJob,
  openShortTown,
  type People,
  pushFile,
  runJobs,
  where,
} from './github-town.ts';

const short = `name: short
steps:
  - name: decompose
    type: split
    prompt: "Split {spec}"
    gate: [schema]
    each:
      - name: converge
        type: code
        prompt: "{task.description}"
        agent: mine
        gate: [test]
`;

const config = `default_agent = "fast"
[github]
workflow = "short"
[budget]
max_budget = 7
max_parallel = 3
[agents.mine]
command = ["my-agent"]
[agents.fast]
family = "claude"
`;

/** What somebody would like to be in force. */
const proposed = `[github]
workflow = "implement-spec"
[budget]
max_budget = 1000
[validation]
test = "echo the tests of develop; exit 0"
`;

let people: People;
beforeAll(async () => {
  people = await openShortTown({ files: { 'gump.toml': config, '.gump/workflows/short.yaml': short } });
  const { town } = people;
  gitIn(town, 'branch', 'develop', 'main');
  pushFile(town, 'develop', { path: 'gump.toml', text: proposed });
  pushFile(town, 'develop', { path: '.gump/workflows/short.yaml', text: 'name: broken\n' });
}, 60_000);
afterAll(() => people.town.close());

interface Started {
  readonly type: string;
  readonly workflow: string;
  readonly settings: Record<string, unknown>;
}

/** The first fact of a run, from the ledger that its job pushed. */
function started(run: string): Started {
  const [first = ''] = gitIn(people.town, 'show', `refs/gump/runs/${run}:manifest.ndjson`).split('\n');
  return JSON.parse(first);
}

const issue = { number: 0 };

test('the spec comment tells the workflow, agents and budget of gump.toml', async () => {
  issue.number = await people.fileIssue();
  const [comment] = await botComments(people, issue.number);
  expect(comment).toContain('**Workflow** `short` · **agents** `mine` · **budget** $7.00');
}, 60_000);

test('a run on another branch goes by the default branch, with the gate commands of the commit that it starts on', async () => {
  const job = await people.command(issue.number, '/gump run base=develop');
  expect(job.conclusion, job.log.join('\n')).toBe('success');
  const run = job.stepOutputs.gump?.['run-id'] ?? '';
  const { workflow, settings } = started(run);
  expect(workflow).toBe('short');
  expect(settings).toEqual({
    default_agent: 'fast',
    agent: null,
    max_budget: null,
    max_parallel: 3,
    pause_after: null,
    protected: expect.arrayContaining(['.github/workflows', '.gump', 'gump.toml', 'CODEOWNERS']),
    budget: { max_budget: 7 },
    agents: { mine: { command: ['my-agent'] }, fast: { family: 'claude' } },
  });
  expect(job.summary).toContain('of $7.00');
  // What the gate's command printed is kept beside the ledger.
  expect(gitIn(people.town, 'grep', '-h', 'the tests of develop', `refs/gump/runs/${run}`)).not.toBe('');
  expect(await blemishes(people.town)).toEqual([]);
}, 60_000);

test('what a command names stands before gump.toml', async () => {
  const job = await people.command(issue.number, '/gump run implement-spec max-budget=3 max-parallel=1');
  expect(job.conclusion, job.log.join('\n')).toBe('success');
  expect(started(job.stepOutputs.gump?.['run-id'] ?? '')).toMatchObject({
    workflow: 'implement-spec',
    settings: { max_budget: 3, max_parallel: 1 },
  });
}, 60_000);

test('what gump.yml sets reaches the workflow as it stands; a run without it is refused before a job starts', async () => {
  const { town } = people;
  const asking = short.replace('"{task.description}"', '"{feature}: {task.description}"');
  pushFile(town, 'main', { path: '.gump/workflows/asking.yaml', text: asking });
  const jobs = runJobs(town).length;
  await people.say(issue.number, '/gump run asking');
  expect((await botComments(people, issue.number)).join('\n')).toContain(
    '`{feature}` can never have a value here',
  );
  expect(runJobs(town).length).toBe(jobs);
  const plain = gitIn(town, 'show', 'main:.github/workflows/gump.yml');
  const text = plain.replace(
    '          issue:',
    '          set: "feature={spec} = ${{ inputs.command }}"\n          issue:',
  );
  pushFile(town, 'main', { path: '.github/workflows/gump.yml', text: `${text}\n` });
  const job = await people.command(issue.number, '/gump run asking');
  expect(job.conclusion, job.log.join('\n')).toBe('success');
  expect(started(job.stepOutputs.gump?.['run-id'] ?? '').settings.set).toEqual({ feature: '{spec} = run' });
  pushFile(town, 'main', { path: '.github/workflows/gump.yml', text: `${plain}\n` });
}, 60_000);

/** By GitHub's API, so that GitHub has seen who did it. */
async function commitAsMara(branch: string, file: { readonly path: string; readonly content: string }) {
  const { git } = people.mara;
  const parent = gitIn(people.town, 'rev-parse', branch);
  const blob = { ...file, mode: '100644', type: 'blob' } as const;
  const tree = await git.createTree({ ...where, base_tree: parent, tree: [blob] });
  const commit = await git.createCommit({
    ...where,
    message: 'edit',
    tree: tree.data.sha,
    parents: [parent],
  });
  await git.updateRef({ ...where, ref: `heads/${branch}`, sha: commit.data.sha });
}

test('a run that somebody starts by hand takes the spec and the choices that its command would take', async () => {
  const { town } = people;
  const body = '---\nworkflow: implement-spec\nmax-budget: 3\n---\nGreet by name.';
  const number = await people.fileIssue({ body });
  const path = `specs/${number}-greeting/spec.md`;
  const text = gitIn(town, 'show', `gump/spec-${number}:${path}`).replace('max-budget: 3', 'max-budget: 2');
  await commitAsMara(`gump/spec-${number}`, { path, content: `${text}\nGreet politely.\n` });
  const before = runJobs(town).length;
  await people.mara.actions.createWorkflowDispatch({
    ...{ owner: 'acme', repo: 'phrasebook', workflow_id: 'gump.yml', ref: 'main' },
    inputs: { command: 'run', issue: String(number), 'run-id': 'with-choices' },
  });
  const job = await town.runner.ended((await newJob(town, before)).id);
  await people.settled();
  expect(job.conclusion, job.log.join('\n')).toBe('success');
  expect(started('with-choices')).toMatchObject({ workflow: 'implement-spec', settings: { max_budget: 2 } });
  expect(gitIn(town, 'show', 'refs/gump/runs/with-choices:spec.md')).toContain('Greet politely.');
}, 60_000);

test('a broken gump.toml refuses the command with its place, and no job is started', async () => {
  const { town } = people;
  const jobs = runJobs(town).length;
  pushFile(town, 'main', { path: 'gump.toml', text: '[budget]\nmax_bugdet = 3\n' });
  await people.say(issue.number, '/gump run');
  const said = (await botComments(people, issue.number)).join('\n');
  expect(said).toContain('gump.toml:2:1: error: unknown key `max_bugdet` in [budget]');
  expect(runJobs(town).length).toBe(jobs);
}, 60_000);

test('a job that is started all the same refuses it before anything happens', async () => {
  const { town } = people;
  const before = runJobs(town).length;
  await people.mara.actions.createWorkflowDispatch({
    ...{ owner: 'acme', repo: 'phrasebook', workflow_id: 'gump.yml', ref: 'main' },
    inputs: { command: 'run', issue: String(issue.number), 'run-id': 'by-hand' },
  });
  const { id } = await newJob(town, before);
  const job = await town.runner.ended(id);
  expect(job.conclusion).toBe('failure');
  expect(job.log.join('\n')).toContain('unknown key `max_bugdet`');
  expect(gitIn(town, 'for-each-ref', 'refs/gump/runs/by-hand')).toBe('');
}, 60_000);
