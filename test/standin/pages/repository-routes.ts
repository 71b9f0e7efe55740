import type { JobRun } from '../runner/job-run.ts';
import { actionsPage } from './actions-page.ts';
import { checkRunPage } from './check-run-page.ts';
import { commitPage } from './commit-page.ts';
import { parseDiff } from './diff.ts';
import { filePage, treePage } from './file-page.ts';
import {
  branchesOf,
  commitDiffOf,
  commitOf,
  commitsBetween,
  fileOf,
  pathsOf,
  pullDiffOf,
  recentCommitsOf,
} from './git-data.ts';
import { loadRepository, type PagesStandin, type PullData, type RepositoryData } from './github-data.ts';
import type { Html } from './html.ts';
import { issuePage } from './issue-page.ts';
import { jobRunPage } from './job-run-page.ts';
import type { Answer, JobRuns } from './pages.ts';
import { pullChecksPage } from './pull-checks-page.ts';
import { pullCommitsPage } from './pull-commits-page.ts';
import { pullFilesPage } from './pull-files-page.ts';
import { pullPage } from './pull-page.ts';
import { issuesPage, pullsPage, repositoryPage } from './repository-page.ts';

export interface RepositoryRequest {
  readonly standin: PagesStandin;
  readonly runs: JobRuns;
  /** The decoded parts of the path; the first two are owner and name. */
  readonly parts: readonly string[];
}

interface Visit {
  readonly repository: RepositoryData;
  readonly jobs: readonly JobRun[];
  /** After owner, name and the page's word. */
  readonly rest: readonly string[];
}

/** Seconds until a page loads itself again while a job is going on. */
const refreshSeconds = 3;

/** The page of a repository at an address; undefined when there is none. */
export async function repositoryAnswer(request: RepositoryRequest): Promise<Answer | undefined> {
  const { standin, runs, parts } = request;
  const [owner = '', name = '', word = '', ...rest] = parts;
  const repository = await loadRepository(standin, `${owner}/${name}`);
  const route = Object.hasOwn(routes, word) ? routes[word] : undefined;
  if (repository === undefined || route === undefined) return undefined;
  const jobs = runs.jobs.filter((job) => job.repository === repository.name);
  const answer = await route({ repository, jobs, rest });
  if (answer === undefined || 'redirect' in answer) return answer;
  const isBusy = jobs.some((job) => job.status !== 'completed');
  return { ...answer, repository: repository.name, ...(isBusy ? { refreshSeconds } : {}) };
}

type Route = (visit: Visit) => Answer | undefined | Promise<Answer | undefined>;

const routes: Readonly<Record<string, Route>> = {
  '': async ({ repository }) => ({
    title: 'Overview',
    section: 'code',
    body: repositoryPage(repository, await branchesOf(repository.gitDir)),
  }),
  issues: issueRoute,
  pulls: ({ repository }) => ({ title: 'Pull requests', section: 'pulls', body: pullsPage(repository) }),
  pull: pullRoute,
  commit: commitRoute,
  runs: ({ repository, rest }) => {
    const check = repository.checkRuns.find((run) => run.id === Number(rest[0]));
    return check && { title: check.name, section: 'pulls', body: checkRunPage(repository, check) };
  },
  actions: actionsRoute,
  tree: treeRoute,
  blob: blobRoute,
};

function issueRoute({ repository, rest }: Visit): Answer | undefined {
  if (rest[0] === undefined) return { title: 'Issues', section: 'issues', body: issuesPage(repository) };
  const number = Number(rest[0]);
  const issue = repository.issues.find((item) => item.number === number);
  if (issue !== undefined) {
    return { title: `${issue.title} #${number}`, section: 'issues', body: issuePage(repository, issue) };
  }
  const isPull = repository.pulls.some((item) => item.number === number);
  return isPull ? { redirect: `${repository.url}/pull/${number}` } : undefined;
}

async function pullRoute({ repository, rest }: Visit): Promise<Answer | undefined> {
  const number = Number(rest[0]);
  const pull = repository.pulls.find((item) => item.number === number);
  if (pull === undefined) {
    const isIssue = repository.issues.some((item) => item.number === number);
    return isIssue ? { redirect: `${repository.url}/issues/${number}` } : undefined;
  }
  const body = await pullBody(repository, pull, rest[1]);
  return body && { title: `${pull.title} #${number}`, section: 'pulls', body };
}

async function pullBody(
  repository: RepositoryData,
  pull: PullData,
  tab: string | undefined,
): Promise<Html | undefined> {
  const { gitDir } = repository;
  // The base branch may have moved on; a merged one holds the head. The commit it began from tells.
  const commits = await commitsBetween(gitDir, pull.base.sha, pull.head.sha);
  const view = { repository, pull, commits };
  if (tab === undefined) return pullPage(view);
  if (tab === 'commits') return pullCommitsPage(view);
  if (tab === 'checks') return pullChecksPage(view);
  if (tab !== 'files') return undefined;
  return pullFilesPage(view, parseDiff(await pullDiffOf(gitDir, pull.base.sha, pull.head.sha)));
}

async function commitRoute({ repository, rest }: Visit): Promise<Answer | undefined> {
  const sha = rest[0] ?? '';
  const commit = /^[0-9a-f]{4,40}$/.test(sha) ? await commitOf(repository.gitDir, sha) : undefined;
  if (commit === undefined) return undefined;
  const files = parseDiff(await commitDiffOf(repository.gitDir, commit));
  return { title: commit.subject, section: 'code', body: commitPage(repository, commit, files) };
}

function actionsRoute({ repository, jobs, rest }: Visit): Answer | undefined {
  if (rest[0] === undefined) {
    return { title: 'Actions', section: 'actions', body: actionsPage(repository.url, jobs) };
  }
  const ofRun = jobs.filter((job) => job.runId === Number(rest[1]));
  const [first] = ofRun;
  if (rest[0] !== 'runs' || first === undefined) return undefined;
  const title = `${first.workflowName} #${first.runNumber}`;
  return { title, section: 'actions', body: jobRunPage(repository.url, ofRun) };
}

async function treeRoute({ repository, rest }: Visit): Promise<Answer | undefined> {
  const { gitDir, url } = repository;
  const place = await placeOf(gitDir, rest);
  if (place === undefined || place.path !== '') return undefined;
  const [paths, commits] = await Promise.all([
    pathsOf(gitDir, place.sha),
    recentCommitsOf(gitDir, place.sha),
  ]);
  return {
    title: place.ref,
    section: 'code',
    body: treePage({ repositoryUrl: url, ref: place.ref, paths, commits }),
  };
}

async function blobRoute({ repository, rest }: Visit): Promise<Answer | undefined> {
  const { gitDir, url } = repository;
  const place = await placeOf(gitDir, rest);
  const content = place && (await fileOf(gitDir, place.sha, place.path));
  if (place === undefined || content === undefined) return undefined;
  const { ref, path } = place;
  return { title: path, section: 'code', body: filePage({ repositoryUrl: url, ref, path, content }) };
}

/** Splits `gump/spec-1/docs/a.md` into a branch or commit and a path: branch names hold slashes too. */
async function placeOf(
  gitDir: string,
  parts: readonly string[],
): Promise<{ readonly ref: string; readonly sha: string; readonly path: string } | undefined> {
  const whole = parts.join('/');
  const branches = await branchesOf(gitDir);
  const branch = branches.find(({ name }) => whole === name || whole.startsWith(`${name}/`));
  if (branch !== undefined) {
    return { ref: branch.name, sha: branch.sha, path: whole.slice(branch.name.length + 1) };
  }
  const [name = '', ...path] = parts;
  const commit = /^[0-9a-f]{7,40}$/.test(name) ? await commitOf(gitDir, name) : undefined;
  return commit && { ref: name, sha: commit.sha, path: path.join('/') };
}
