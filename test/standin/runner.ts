import { dirname } from 'node:path';
import { readActionFile } from './runner/action-file.ts';
import { type CancelTimes, githubCancelTimes } from './runner/child.ts';
import type { RunnerRepository } from './runner/event-payload.ts';
import { loadGithubPackages } from './runner/github-packages.ts';
import { type BookedJob, createJobBook } from './runner/job-book.ts';
import type { Conclusion, JobRun, Status } from './runner/job-run.ts';
import { killProcessesOf } from './runner/orphans.ts';
import { createRunBook } from './runner/run-book.ts';
import type { RunRequest } from './runner/run-request.ts';
import type { RunnerParts } from './runner/session.ts';

/** What the runner needs of the stand-in. */
export interface RunnerStandin {
  readonly url: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly state: { readonly repositories: ReadonlyMap<string, RunnerRepository> };
  createJobToken(repository: string, permissions: Readonly<Record<string, 'read' | 'write'>>): string;
  revokeToken(token: string): void;
}

export interface RunnerOptions {
  readonly standin: RunnerStandin;
  /** Path of action/dist/index.js. */
  readonly bundle: string;
  /** Path of action.yml. */
  readonly actionYml: string;
  /** Each job gets a folder in it. */
  readonly dir: string;
  /** Default: the Node that runs us. */
  readonly nodePath?: string;
  /** Added to what every step sees, below `env:` of the workflow. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** The name in `uses: owner/NAME@ref` that means the bundle; default `gump`. `./` means it too. */
  readonly actionName?: string;
  /** Default: GitHub's 7.5 s and 2.5 s. */
  readonly cancelTimes?: CancelTimes;
  /** For workflows without `permissions:`; default: contents and packages may be read. */
  readonly defaultPermissions?: Readonly<Record<string, 'read' | 'write'>>;
  /** Told about each change of a run, for the stand-in's own list of workflow runs. */
  readonly onRunChange?: (runId: number, change: RunChange) => void;
}

export interface RunChange {
  readonly status: Status;
  readonly conclusion: Conclusion | null;
}

export interface Runner {
  /** All jobs of all attempts, oldest first; live. */
  readonly jobs: readonly JobRun[];
  /**
   * Starts a workflow and returns once its jobs are queued.
   *
   * @throws Refusal when GitHub would not have started it (no such workflow, trigger, ref or input)
   */
  start(request: RunRequest): Promise<void>;
  /** Resolves when nothing is queued or running any more. */
  idle(): Promise<void>;
  /** Resolves with the job once it is completed. */
  ended(jobId: string): Promise<JobRun>;
  /** Cancels a job as GitHub does: SIGINT, SIGTERM, SIGKILL; steps with `always()` still run. */
  cancel(jobId: string): void;
  /**
   * Sends a signal to the main process of the running step; the job goes on from there. With `tree`
   * everything of the job is killed at once and no further step runs, as when a machine vanishes.
   * False when nothing was running.
   */
  kill(jobId: string, signal?: NodeJS.Signals, options?: { readonly tree?: boolean }): boolean;
  /** Runs a job and those that need it again, as the next attempt of the same run. @throws Refusal (403) while the run goes on */
  rerun(jobId: string): Promise<void>;
  /** Hands over each masked line of a log; returns how to stop that. */
  onLog(listener: (jobId: string, line: string) => void): () => void;
  /** Kills everything and waits for its end. */
  close(): Promise<void>;
}

/** A job runner that starts the Action's real bundle as GitHub's runner does. */
export function createRunner(options: RunnerOptions): Runner {
  const parts = loadParts(options);
  // Reported by the first start; without this a runner that is never used would end the process.
  parts.catch(() => undefined);
  const jobs = createJobBook(options.dir);
  const { standin, onRunChange } = options;
  const runs = createRunBook({ parts, standin, jobs, onRunChange: onRunChange ?? (() => undefined) });
  return {
    jobs: jobs.jobs,
    start: (request) => runs.start(request),
    idle: () => runs.idle(),
    ended: (jobId) => jobs.ended(jobId),
    cancel: (jobId) => jobs.find(jobId).cancel.abort(),
    kill(jobId, signal = 'SIGKILL', how = {}) {
      const job = jobs.find(jobId);
      if (job.session === undefined) return false;
      if (how.tree !== true) return job.session.child?.signal(signal) ?? false;
      loseJob(job);
      return true;
    },
    rerun: (jobId) => runs.rerun(jobs.find(jobId).record),
    onLog: (listener) => jobs.onLog(listener),
    async close() {
      runs.refuseAndCancel();
      for (const job of jobs.running()) loseJob(job);
      await runs.idle();
    },
  };
}

/** What happens to a job when its machine vanishes. */
function loseJob({ record, session }: BookedJob): void {
  record.lost = true;
  if (session !== undefined) killProcessesOf(session.trackingId);
}

async function loadParts(options: RunnerOptions): Promise<RunnerParts> {
  const packages = await loadGithubPackages();
  const { standin } = options;
  return {
    packages,
    server: { url: standin.url, apiUrl: standin.apiUrl, graphqlUrl: standin.graphqlUrl },
    bundle: options.bundle,
    actionDir: dirname(options.actionYml),
    action: await readActionFile(packages, options.actionYml),
    actionName: options.actionName ?? 'gump',
    nodePath: options.nodePath ?? process.execPath,
    extraEnv: options.extraEnv ?? {},
    cancelTimes: options.cancelTimes ?? githubCancelTimes,
    createToken: (repository, permissions) => standin.createJobToken(repository, permissions),
    revokeToken: (token) => standin.revokeToken(token),
    defaultPermissions: options.defaultPermissions ?? { contents: 'read', packages: 'read' },
  };
}
