import { Refusal } from '../refusal.ts';
import type { RunChange, RunnerStandin } from '../runner.ts';
import { createConcurrency } from './concurrency.ts';
import type { JobBook } from './job-book.ts';
import type { Conclusion, JobRun, Status } from './job-run.ts';
import { type PreparedWorkflow, prepareRun } from './prepare-run.ts';
import type { RunRequest } from './run-request.ts';
import type { RunnerParts } from './session.ts';
import { executeRun, type JobResult } from './workflow-run.ts';

export interface RunBookOptions {
  readonly parts: Promise<RunnerParts>;
  readonly standin: RunnerStandin;
  readonly jobs: JobBook;
  readonly onRunChange: (runId: number, change: RunChange) => void;
}

/** All workflow runs of a runner: started one after another, executed beside each other. */
export interface RunBook {
  start(request: RunRequest): Promise<void>;
  /** Starts the next attempt with this job and those that need it. */
  rerun(job: JobRun): Promise<void>;
  /** Takes no more requests and cancels what goes on. */
  refuseAndCancel(): void;
  /** Resolves when nothing is being started, queued or running any more. */
  idle(): Promise<void>;
}

interface KnownRun extends PreparedWorkflow {
  readonly controller: AbortController;
  going: boolean;
}

export function createRunBook(options: RunBookOptions): RunBook {
  const { parts, standin, jobs } = options;
  const execute = createExecutor(options);
  const runs = new Map<number, KnownRun>();
  const pending = new Set<Promise<unknown>>();
  let closed = false;
  let order: Promise<unknown> = Promise.resolve();

  const go = (known: KnownRun, reused: ReadonlyMap<string, JobResult>): void => {
    runs.set(known.run.runId, known);
    const work = execute(known, reused).catch((error: unknown) => {
      process.stderr.write(`runner: run ${known.run.runId} ended by a defect: ${String(error)}\n`);
    });
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };
  const admit = async (request: RunRequest): Promise<void> => {
    if (closed) throw new Refusal(503, 'The runner is closed.');
    const { packages } = await parts;
    const prepared = await prepareRun(packages, standin, { request, count: runs.size });
    const known = { ...prepared, controller: new AbortController(), going: true };
    if (request.signal?.aborted) known.controller.abort();
    // A rerun has a controller of its own.
    request.signal?.addEventListener('abort', () => runs.get(prepared.run.runId)?.controller.abort());
    go(known, new Map());
  };

  return {
    async start(request) {
      // The order of the requests decides who waits for whom.
      const mine = order.then(() => admit(request));
      order = mine.catch(() => undefined);
      await mine;
    },
    async rerun(job) {
      if (closed) throw new Refusal(503, 'The runner is closed.');
      const known = runs.get(job.runId);
      if (known === undefined) throw new Refusal(404, `There is no run ${job.runId}.`);
      if (known.going) throw new Refusal(403, 'This workflow is already running');
      const run = { ...known.run, runAttempt: known.run.runAttempt + 1 };
      const next = { ...known, run, controller: new AbortController(), going: true };
      go(next, resultsWithout(jobs.jobs, job.runId, withDependents(known, job.jobKey)));
      // The executor waits for the same promise before it makes the queued records.
      await parts;
    },
    refuseAndCancel() {
      closed = true;
      for (const known of runs.values()) known.controller.abort();
    },
    async idle() {
      for (let seen: unknown; seen !== order || pending.size > 0; ) {
        seen = order;
        await Promise.all([order, ...pending]);
      }
    },
  };
}

type Executor = (known: KnownRun, reused: ReadonlyMap<string, JobResult>) => Promise<void>;

function createExecutor({ parts, jobs, onRunChange }: RunBookOptions): Executor {
  const concurrency = createConcurrency();
  return async (known, reused) => {
    const { run, workflow, controller } = known;
    const change = (status: Status, conclusion: Conclusion | null): void =>
      onRunChange(run.runId, { status, conclusion });
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
        createJob: (definition, matrix) => jobs.create({ run, workflow, definition, matrix }),
        onStarted: () => change('in_progress', null),
      });
    } finally {
      known.going = false;
      change('completed', conclusion);
    }
  };
}

/** What the jobs of a run that are not repeated have ended with, in their latest attempt. */
function resultsWithout(
  jobs: readonly JobRun[],
  runId: number,
  again: ReadonlySet<string>,
): ReadonlyMap<string, JobResult> {
  const kept = jobs.filter((job) => job.runId === runId && !again.has(job.jobKey));
  return new Map(
    kept.map((job) => [job.jobKey, { result: job.conclusion ?? 'failure', outputs: job.outputs }]),
  );
}

function withDependents(known: KnownRun, jobKey: string): ReadonlySet<string> {
  const found = new Set([jobKey]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const job of known.workflow.jobs) if (job.needs.some((id) => found.has(id))) found.add(job.id);
  }
  return found;
}
