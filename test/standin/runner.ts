import { Refusal } from './refusal.ts';
import { readActionFile } from './runner/action-file.ts';
import { type CancelTimes, githubCancelTimes } from './runner/child.ts';
import { createConcurrency } from './runner/concurrency.ts';
import type { RunnerRepository } from './runner/event-payload.ts';
import { loadGithubPackages } from './runner/github-packages.ts';
import { createJobBook } from './runner/job-book.ts';
import type { Conclusion, JobRun, Status } from './runner/job-run.ts';
import { killProcessesOf } from './runner/orphans.ts';
import { type PreparedWorkflow, prepareRun } from './runner/prepare-run.ts';
import type { RunRequest } from './runner/run-request.ts';
import type { RunnerParts } from './runner/session.ts';
import { executeRun, type JobResult } from './runner/workflow-run.ts';

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

interface KnownRun extends PreparedWorkflow {
  readonly controller: AbortController;
  going: boolean;
}

/** A job runner that starts the Action's real bundle as GitHub's runner does. */
export function createRunner(options: RunnerOptions): Runner {
  const parts = loadParts(options);
  // Reported by the first start; without this a runner that is never used would end the process.
  parts.catch(() => undefined);
  const book = createJobBook(options.dir);
  const concurrency = createConcurrency();
  const runs = new Map<number, KnownRun>();
  const pending = new Set<Promise<unknown>>();
  let closed = false;
  let order: Promise<unknown> = Promise.resolve();

  const execute = async (known: KnownRun, reused: ReadonlyMap<string, JobResult>): Promise<void> => {
    const { run, workflow, controller } = known;
    const change = (status: Status, conclusion: Conclusion | null): void =>
      options.onRunChange?.(run.runId, { status, conclusion });
    known.going = true;
    change('queued', null);
    let conclusion: Conclusion = 'failure';
    try {
      conclusion = await executeRun({
        parts: await parts,
        run,
        workflow,
        concurrency,
        reused,
        cancel: controller,
        createJob: (definition, matrix) => book.create({ run, workflow, definition, matrix }),
        onStarted: () => change('in_progress', null),
      });
    } finally {
      known.going = false;
      change('completed', conclusion);
    }
  };
  const follow = (work: Promise<void>): void => {
    const settled = work.catch((error: unknown) => {
      book.say('', `##[error]The run ended by a defect of the runner: ${String(error)}`);
    });
    pending.add(settled);
    void settled.finally(() => pending.delete(settled));
  };

  const admit = async (request: RunRequest): Promise<void> => {
    if (closed) throw new Refusal(503, 'The runner is closed.');
    const { packages } = await parts;
    const prepared = await prepareRun(packages, options.standin, { request, count: runs.size });
    const controller = new AbortController();
    const { runId } = prepared.run;
    const known = { ...prepared, controller, going: true };
    runs.set(runId, known);
    if (request.signal?.aborted) controller.abort();
    // A rerun has a controller of its own.
    request.signal?.addEventListener('abort', () => runs.get(runId)?.controller.abort());
    follow(execute(known, new Map()));
  };

  return {
    jobs: book.jobs,
    async start(request) {
      // One after another: the order of the requests decides who waits for whom.
      const mine = order.then(() => admit(request));
      order = mine.catch(() => undefined);
      await mine;
    },
    async idle() {
      while (pending.size > 0) await Promise.all(pending);
    },
    ended: (jobId) => book.ended(jobId),
    cancel: (jobId) => book.find(jobId).cancel.abort(),
    kill(jobId, signal = 'SIGKILL', how = {}) {
      const { record, session } = book.find(jobId);
      if (session === undefined) return false;
      if (how.tree !== true) return session.child?.signal(signal) ?? false;
      record.lost = true;
      killProcessesOf(session.trackingId);
      return true;
    },
    async rerun(jobId) {
      const { record } = book.find(jobId);
      const known = runs.get(record.runId);
      if (known === undefined) throw new Refusal(404, `There is no run ${record.runId}.`);
      if (known.going) throw new Refusal(403, 'This workflow is already running');
      const again = withDependents(known, record.jobKey);
      const reused = new Map(
        book.jobs
          .filter((job) => job.runId === record.runId && !again.has(job.jobKey))
          .map((job) => [job.jobKey, { result: job.conclusion ?? 'failure', outputs: job.outputs }]),
      );
      const run = { ...known.run, runAttempt: known.run.runAttempt + 1 };
      const next = { ...known, run, controller: new AbortController(), going: true };
      runs.set(record.runId, next);
      follow(execute(next, reused));
      // The queued records are there when the next turn of the loop begins.
      await parts;
    },
    onLog: (listener) => book.onLog(listener),
    async close() {
      closed = true;
      for (const known of runs.values()) known.controller.abort();
      for (const { record, session } of book.running()) {
        record.lost = true;
        if (session !== undefined) killProcessesOf(session.trackingId);
      }
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

async function loadParts(options: RunnerOptions): Promise<RunnerParts> {
  const packages = await loadGithubPackages();
  const { standin } = options;
  return {
    packages,
    server: { url: standin.url, apiUrl: standin.apiUrl, graphqlUrl: standin.graphqlUrl },
    bundle: options.bundle,
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

function withDependents(known: KnownRun, jobKey: string): ReadonlySet<string> {
  const found = new Set([jobKey]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const job of known.workflow.jobs) if (job.needs.some((id) => found.has(id))) found.add(job.id);
  }
  return found;
}
