/** A town whose runs are short: one task, right at once. People act in it as on GitHub. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { name, openTown, owner, type Town, type TownOptions } from '../standin/demo/town.ts';
import type { JobRun } from '../standin/runner/job-run.ts';

export const where = { owner, repo: name } as const;

/** One task, `greeting`; `word` is what its function says, so that two runs can differ. */
export function shortScript(word = 'Hello'): string {
  return `rules:
  - step: decompose
    tasks:
      - {name: greeting, description: greeting gives a greeting, files: [src/greeting.js, test/greeting.test.js]}
  - step: decompose/greeting/converge
    turns:
      - say: I write the function and its test.
        write:
          src/greeting.js: |
            /** Greets somebody by name. */
            export function greeting(name) {
              return \`${word}, \${name}!\`;
            }
          test/greeting.test.js: |
            import assert from 'node:assert/strict';
            import { test } from 'node:test';
            import { greeting } from '../src/greeting.js';

            test('greets by name', () => {
              assert.equal(greeting('Ada'), '${word}, Ada!');
            });
        usage: {input_tokens: 8100, output_tokens: 900, cost: 0.04}
  - step: "**/review/*"
    verdict: {pass: true, comments: Meets the spec.}
  - step: decompose/*/smoke
    turns:
      - say: Nothing to fix.
`;
}

/** What stands in for a script that never gets its review passed. */
export function refusingScript(): string {
  return shortScript().replace(
    '{pass: true, comments: Meets the spec.}',
    '{pass: false, comments: No., findings: [{path: src/greeting.js, line: 2, severity: error, body: Not so.}]}',
  );
}

/** One task whose first attempt its review refuses: every kind of moment once, and nothing that waits. */
export function onceRefusedScript(): string {
  return shortScript().replace(
    '  - step: "**/review/*"\n',
    '  - step: "**/review/*"\n    attempt: 1\n    verdict: {pass: false, comments: Once more.}\n  - step: "**/review/*"\n',
  );
}

export interface People {
  readonly town: Town;
  readonly rita: Octokit;
  readonly mara: Octokit;
  /** Files the issue as rita and labels it as mara; gives its number when the App has answered. */
  fileIssue(options?: { readonly title?: string; readonly body?: string }): Promise<number>;
  /** A comment of mara's, or of whoever is given; resolves when the App has dealt with it. */
  say(issue: number, body: string, by?: Octokit): Promise<number>;
  /** Comments, and waits for the end of the job that this starts. */
  command(issue: number, body: string): Promise<JobRun>;
  settled(): Promise<void>;
}

export async function openShortTown(options: TownOptions = {}): Promise<People> {
  const town = await openTown({ agentScript: shortScript(), ...options });
  // Many short runs in a minute are the test's doing, not a run's.
  Object.assign(town.standin.limits, { contentWritesPerMinute: 1_000, contentWritesPerHour: 10_000 });
  return peopleOf(town);
}

export function peopleOf(town: Town): People {
  const person = (auth: string) =>
    new Octokit({
      auth,
      baseUrl: town.standin.apiUrl,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
  const [rita, mara] = [person(town.tokens.reporter), person(town.tokens.maintainer)];
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 2; round++) {
      await town.standin.idle();
      await town.app.idle();
    }
  };
  const people: People = {
    town,
    rita,
    mara,
    settled,
    async fileIssue({ title = 'Greeting', body = 'Greet by name.' } = {}) {
      const { data } = await rita.issues.create({ ...where, title, body });
      await mara.issues.addLabels({ ...where, issue_number: data.number, labels: ['gump'] });
      await settled();
      return data.number;
    },
    async say(issue, body, by = mara) {
      const { data } = await by.issues.createComment({ ...where, issue_number: issue, body });
      await settled();
      return data.id;
    },
    async command(issue, body) {
      const before = runJobs(town).length;
      await people.say(issue, body);
      const job = await newJob(town, before);
      const ended = await town.runner.ended(job.id);
      await settled();
      return ended;
    },
  };
  return people;
}

/** The jobs that work on runs, oldest first. */
export function runJobs({ runner }: Town): readonly JobRun[] {
  return runner.jobs.filter(({ jobKey }) => jobKey === 'run');
}

/** The job of a run that comes after so many; rejects when it does not come in time. */
export async function newJob(town: Town, before: number, timeoutMs = 10_000): Promise<JobRun> {
  for (const deadlineMs = performance.now() + timeoutMs; performance.now() < deadlineMs; await sleep(20)) {
    const job = runJobs(town)[before];
    if (job) return job;
  }
  throw new Error('no job was started');
}

/** Resolves when the job's log has a line like this; rejects when it ends without. */
export async function lineOf(town: Town, job: JobRun, pattern: RegExp): Promise<void> {
  if (job.log.some((line) => pattern.test(line))) return;
  await new Promise<void>((resolve, reject) => {
    const off = town.runner.onLog((id, line) => {
      if (id !== job.id || !pattern.test(line)) return;
      off();
      resolve();
    });
    void town.runner.ended(job.id).then(() => reject(new Error(`the job ended without ${pattern}`)));
  });
}

export function gitIn(town: Town, ...args: readonly string[]): string {
  return execFileSync('git', [`--git-dir=${town.gitDir}`, ...args], { encoding: 'utf8' }).trim();
}

/** The bodies of an issue's comments that are not people's, oldest first. */
export async function botComments({ rita }: People, issue: number): Promise<readonly string[]> {
  const { data } = await rita.issues.listComments({ ...where, issue_number: issue, per_page: 100 });
  return data.filter(({ user }) => user?.type === 'Bot').map(({ body }) => body ?? '');
}

/** Puts a file on a branch of the stand-in's repository, as a push of mara's would. */
export function pushFile(
  town: Town,
  branch: string,
  file: { readonly path: string; readonly text: string },
): string {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', [`--git-dir=${town.gitDir}`, ...args], {
      encoding: 'utf8',
      ...(input === undefined ? {} : { input }),
      env: { ...process.env, ...mara, GIT_INDEX_FILE: `${town.dir}/index-of-mara` },
    }).trim();
  const blob = git(['hash-object', '-w', '--stdin'], file.text);
  git(['read-tree', `refs/heads/${branch}`]);
  git(['update-index', '--add', '--cacheinfo', `100644,${blob},${file.path}`]);
  const parent = git(['rev-parse', `refs/heads/${branch}`]);
  const commit = git(['commit-tree', git(['write-tree']), '-p', parent, '-m', `docs: ${file.path}`]);
  git(['update-ref', `refs/heads/${branch}`, commit]);
  return commit;
}

/** The workflow file as earlier versions wrote it: nothing happens behind the job of a run. */
export function withoutJobBehind(town: Town): void {
  const path = '.github/workflows/gump.yml';
  const text = gitIn(town, 'show', `main:${path}`).replace(/\n {2}# Costs a runner only where[\s\S]*$/, '\n');
  pushFile(town, 'main', { path, text });
}

const mara = {
  GIT_AUTHOR_NAME: 'mara',
  GIT_AUTHOR_EMAIL: 'mara@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'mara',
  GIT_COMMITTER_EMAIL: 'mara@users.noreply.github.com',
} as const;
