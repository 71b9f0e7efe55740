/** What people do in the demo: file an issue, label it, command the run, watch. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import type { JobRun } from '../runner/job-run.ts';
import { name, owner, type Town } from './town.ts';

export interface Story {
  readonly passed: boolean;
  readonly runId: string;
  /** The trace as it was printed, line by line. */
  readonly trace: readonly string[];
  readonly job: JobRun;
  readonly pages: Readonly<Record<string, string>>;
}

type Tell = (line: string) => void;

export async function playStory(town: Town, tell: Tell): Promise<Story> {
  const trace: string[] = [];
  const off = town.runner.onLog((_job, text) => {
    if (!isTrace(text)) return;
    trace.push(text);
    tell(text);
  });
  const { id, issue } = await startRun(town, tell);
  const job = await town.runner.ended(id);
  off();
  await town.app.idle();
  await town.standin.idle();
  return {
    passed: job.conclusion === 'success',
    runId: runIdOf(job),
    trace,
    job,
    pages: await pagesOf(town, issue),
  };
}

/** From the issue to the moment at which the Action's job exists. */
export async function startRun(
  town: Town,
  tell: Tell,
): Promise<{ readonly id: string; readonly issue: string }> {
  const { issue, number } = await fileIssue(town, tell);
  await command(town, number, tell);
  await until('the Action is started', async () => town.runner.jobs.length > 0);
  tell('');
  return { id: town.runner.jobs[0]?.id ?? '', issue };
}

async function fileIssue(town: Town, tell: Tell): Promise<{ issue: string; number: number }> {
  const reporter = personOf(town, town.tokens.reporter);
  const [heading = '', ...rest] = town.issueText.split('\n');
  const title = heading.replace(/^#\s*/, '');
  const { data } = await reporter.issues.create({ owner, repo: name, title, body: rest.join('\n').trim() });
  tell(`rita files issue #${data.number}: ${title}`);
  return { issue: data.html_url, number: data.number };
}

/** The Action says it in its outputs; empty where it never got that far. */
function runIdOf(job: JobRun): string {
  return job.stepOutputs.gump?.['run-id'] ?? '';
}

/** Labels the issue, waits for the spec, and says go. */
async function command(town: Town, issue_number: number, tell: Tell): Promise<void> {
  const maintainer = personOf(town, town.tokens.maintainer);
  const where = { owner, repo: name, issue_number };
  await maintainer.issues.addLabels({ ...where, labels: ['gump'] });
  tell('mara adds the label gump');
  await until('the App answers with the spec', async () => {
    const { data } = await maintainer.issues.listComments(where);
    return data.some((comment) => comment.body?.includes('/gump run'));
  });
  tell('the App answers with the spec');
  await maintainer.issues.createComment({ ...where, body: '/gump run' });
  tell('mara comments /gump run');
}

function isTrace(text: string): boolean {
  return text === '' || /^\[[^\]]+\] /.test(text) || /^Run (completed|resumed|paused)/.test(text);
}

async function pagesOf(town: Town, issue: string): Promise<Record<string, string>> {
  const { data } = await personOf(town, town.tokens.maintainer).pulls.list({
    owner,
    repo: name,
    state: 'all',
  });
  const [pull] = data;
  const repository = `${town.standin.url}/${owner}/${name}`;
  return {
    repository,
    issue,
    ...(pull ? { 'pull request': pull.html_url } : {}),
    actions: `${repository}/actions`,
  };
}

function personOf(town: Town, auth: string): Octokit {
  return new Octokit({ auth, baseUrl: town.standin.apiUrl });
}

async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs) {
    if (await met()) return;
    await sleep(50);
  }
  throw new Error(`waited 60 s in vain until ${what}`);
}
