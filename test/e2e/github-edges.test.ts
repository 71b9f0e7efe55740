/** Repositories that are not as most are: what happens there is sensible, and told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { blemishes } from './github-facts.ts';
import {
  botComments,
  gitIn,
  lineOf,
  newJob,
  openShortTown,
  type People,
  pushFile,
  runJobs,
  shortScript,
  where,
  withoutJobBehind,
} from './github-town.ts';

let people: People;
afterEach(() => people.town.close());

test('an archived repository: no event starts anything, and a job that starts there ends before an agent is paid', async () => {
  people = await openShortTown();
  const { town } = people;
  const issue = await people.fileIssue();
  const before = (await town.standin.dump()).comments.length;
  await people.say(issue, 'One moment.');
  const repository = town.standin.state.repositories.get(`${where.owner}/${where.repo}`);
  const jobs = runJobs(town).length;
  const commented = people.say(issue, '/gump run');
  const job = await newJob(town, jobs);
  Object.assign(repository ?? {}, { archived: true });
  const ended = await town.runner.ended(job.id);
  Object.assign(repository ?? {}, { archived: false });
  await commented;
  expect(ended.exitCode).toBe(2);
  expect(ended.log.join('\n')).toMatch(/is archived: nothing can be pushed or shown/);
  expect(ended.log.join('\n')).not.toMatch(/running {2}\(/);
  expect((await town.standin.dump()).comments.length).toBe(before + 2);
  expect(town.standin.violations).toEqual([]);
}, 60_000);

test('a rule that wants signed commits on the work branch breaks the run off, with the two ways out of it', async () => {
  people = await openShortTown();
  const { town } = people;
  const issue = await people.fileIssue();
  const hook = `${town.gitDir}/hooks/update`;
  const before = readFileSync(hook, 'utf8');
  const said = 'error: GH006: Protected branch update failed. Commits must have verified signatures.';
  writeFileSync(
    hook,
    before.replace('case "$ref" in', `case "$ref" in\n  refs/heads/gump/*) echo "${said}" >&2; exit 1 ;;`),
  );
  expect((await people.command(issue, '/gump run')).conclusion).toBe('failure');
  const [status] = await botComments(people, issue);
  expect(status).toContain('exempt branches named gump/* from it');
  expect(status).toContain('Squash the pull request when you merge');
}, 60_000);

test('a default branch that is renamed in mid-run: the resumed run opens its pull request into the new one', async () => {
  people = await openShortTown({
    agentScript: shortScript().replace('    turns:', '    turns:\n      - sleep_ms: 60000'),
  });
  const { town } = people;
  withoutJobBehind(town);
  const issue = await people.fileIssue();
  const jobs = runJobs(town).length;
  const commented = people.say(issue, '/gump run');
  const job = await newJob(town, jobs);
  await lineOf(town, job, /converge\] +running/);
  town.runner.kill(job.id, 'SIGKILL', { tree: true });
  await town.runner.ended(job.id);
  await commented;
  gitIn(town, 'branch', '-m', 'main', 'trunk');
  const repository = town.standin.state.repositories.get(`${where.owner}/${where.repo}`);
  Object.assign(repository ?? {}, { default_branch: 'trunk' });
  pushFile(town, 'trunk', { path: '.gump/demo-agents.yaml', text: shortScript() });
  const resumed = await people.command(issue, '/gump resume');
  expect(resumed.conclusion, resumed.log.join('\n')).toBe('success');
  const [pull] = (await people.rita.pulls.list({ ...where, state: 'all' })).data;
  expect(pull).toMatchObject({ draft: false, base: { ref: 'trunk' } });
  expect(await blemishes(town)).toEqual([]);
}, 90_000);

test('in a merge queue the check gump says of the group what it said of the pull request, once', async () => {
  people = await openShortTown();
  const { town, mara } = people;
  const issue = await people.fileIssue();
  expect((await people.command(issue, '/gump run')).conclusion).toBe('success');
  const [pull] = (await people.rita.pulls.list({ ...where, state: 'open' })).data;
  const group = await queued(people, pull?.number ?? 0, 2);
  expect(await checksOn(people, group)).toEqual([['gump', 'success']]);

  pushFile(town, 'main', { path: 'a.txt', text: 'a\n' });
  gitIn(town, 'branch', 'feature', 'main');
  pushFile(town, 'feature', { path: 'b.txt', text: 'b\n' });
  const made = await mara.pulls.create({ ...where, title: 'By hand', head: 'feature', base: 'main' });
  expect(await checksOn(people, await queued(people, made.data.number, 1))).toEqual([['gump', 'success']]);
  expect(town.standin.violations).toEqual([]);
}, 90_000);

/** What a queue does: a commit of its own on a branch of its own, and the wish for checks; gives the commit. */
async function queued({ town, settled }: People, pull: number, deliveries: number): Promise<string> {
  const head = gitIn(town, 'rev-parse', `refs/pull/${pull}/head`);
  const tree = gitIn(town, 'rev-parse', `${head}^{tree}`);
  const who = ['-c', 'user.name=queue', '-c', 'user.email=queue@example.com'];
  const commit = gitIn(town, ...who, 'commit-tree', tree, '-p', 'main', '-p', head, '-m', `queue ${pull}`);
  const ref = `refs/heads/gh-readonly-queue/main/pr-${pull}-${head}`;
  gitIn(town, 'update-ref', ref, commit);
  for (let delivery = 0; delivery < deliveries; delivery++) {
    const repository = `${where.owner}/${where.repo}`;
    town.standin.requestGroupChecks({ repository, headSha: commit, headRef: ref });
    await settled();
  }
  return commit;
}

async function checksOn({ rita }: People, ref: string): Promise<unknown> {
  const { data } = await rita.checks.listForRef({ ...where, ref });
  return data.check_runs.map(({ name, conclusion }) => [name, conclusion]);
}
