import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { afterEach, expect, test } from 'vitest';
import { playStory } from '../standin/demo/story.ts';
import { openTown, type Town, type TownOptions } from '../standin/demo/town.ts';

const script = readFileSync(join(import.meta.dirname, '../fixtures/demo/agent-script.yaml'), 'utf8').replace(
  /^ +sleep_ms: \d+\n/gm,
  '',
);
const quiet = () => undefined;
let town: Town;

afterEach(async () => {
  await town.close();
});

async function open(options: TownOptions = {}): Promise<void> {
  town = await openTown({ agentScript: script, ...options });
}

test('with a token that may not write, gates are told in log and summary, and the exit code is the verdict', async () => {
  await open({ jobPermissions: { contents: 'read', issues: 'read' } });
  const story = await playStory(town, quiet);
  const dump = await town.standin.dump();
  expect(story.job.conclusion).toBe('success');
  expect(dump.check_runs).toEqual([]);
  expect(dump.pulls).toEqual([]);
  expect(dump.refs.map(({ ref }) => ref)).not.toContain('refs/heads/gump/issue-1');
  expect(story.job.summary).toContain('converge');
  expect(story.job.annotations.map(({ message }) => message).join('\n')).toMatch(/review|trimmed/);
  expect(story.trace.at(-1)).toMatch(/^Run completed: pass/);
  expect(town.standin.violations).toEqual([]);
}, 120_000);

test('a run that cannot pass ends the job red, with a draft pull request and the check gump failed', async () => {
  await open({ agentScript: script.replace('attempt: 2\n    session: resumed', 'attempt: 99') });
  const story = await playStory(town, quiet);
  const dump = await town.standin.dump();
  expect(story.job.conclusion).toBe('failure');
  expect(dump.pulls).toEqual([expect.objectContaining({ draft: true })]);
  expect(
    dump.check_runs.filter(({ name, conclusion }) => name === 'gump' && conclusion === 'failure'),
  ).toHaveLength(1);
  expect(dump.check_runs.filter(({ status }) => status !== 'completed')).toEqual([]);
  expect(town.standin.violations).toEqual([]);
}, 120_000);

test('somebody without write permission gets one sentence, however often they ask, and nothing runs', async () => {
  await open();
  const rita = new Octokit({ auth: town.tokens.reporter, baseUrl: town.standin.apiUrl });
  const where = { owner: 'acme', repo: 'phrasebook' };
  const { data: issue } = await rita.issues.create({ ...where, title: 'Greeting', body: 'Greet by name.' });
  for (let times = 0; times < 3; times++) {
    await rita.issues.createComment({ ...where, issue_number: issue.number, body: '/gump run' });
    await settled();
  }
  const { data: comments } = await rita.issues.listComments({ ...where, issue_number: issue.number });
  const replies = comments.filter(({ user }) => user?.login === 'gump[bot]');
  expect(replies).toHaveLength(1);
  expect(
    replies[0]?.body
      ?.replace(/<!--.*?-->/g, '')
      .trim()
      .split(/(?<=\.)\s/),
  ).toHaveLength(1);
  expect(town.runner.jobs).toEqual([]);
  expect((await town.standin.dump()).check_runs).toEqual([]);
}, 60_000);

test('no token of anybody is in any file that the run left on disk', async () => {
  await open();
  await playStory(town, quiet);
  const tokens = [...town.standin.state.tokens.keys(), 'PRIVATE KEY-----'];
  expect(tokens.length).toBeGreaterThan(3);
  const forms = tokens.flatMap((token) => [token, Buffer.from(`x-access-token:${token}`).toString('base64')]);
  const found = forms.filter((form) => grep(form, town.dir));
  expect(found).toEqual([]);
  const git = execFileSync('git', [`--git-dir=${town.gitDir}`, 'log', '--all', '--format=%B', '-p'], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  expect(forms.filter((form) => git.includes(form))).toEqual([]);
}, 120_000);

async function settled(): Promise<void> {
  await town.standin.idle();
  await town.app.idle();
  await town.standin.idle();
}

/** True when a file below the folder holds the text. */
function grep(text: string, dir: string): boolean {
  try {
    execFileSync('grep', ['-rqaF', '--', text, dir]);
    return true;
  } catch {
    return false;
  }
}
