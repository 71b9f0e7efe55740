import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import type { Json } from './expression.ts';
import { type JobRecord, type JobRun, timestamp } from './job-run.ts';
import type { PreparedRun } from './run-request.ts';
import type { JobSession } from './session.ts';
import type { JobDefinition, WorkflowFile } from './workflow-file.ts';
import type { JobHandle } from './workflow-run.ts';

/** A job as the runner keeps it: its record, how to cancel it, and its session while it runs. */
export interface BookedJob extends JobHandle {
  readonly record: JobRecord;
  session: JobSession | undefined;
}

export interface NewJob {
  readonly run: PreparedRun;
  readonly workflow: WorkflowFile;
  readonly definition: JobDefinition;
  readonly matrix: Readonly<Record<string, Json>>;
}

/** All jobs of a runner and those who listen to their logs. */
export interface JobBook {
  readonly jobs: readonly JobRun[];
  create(job: NewJob): BookedJob;
  /** @throws Refusal (404) when there is no such job */
  find(jobId: string): BookedJob;
  running(): readonly BookedJob[];
  ended(jobId: string): Promise<JobRun>;
  onLog(listener: (jobId: string, line: string) => void): () => void;
  say(jobId: string, line: string): void;
}

export function createJobBook(dir: string): JobBook {
  const jobs: JobRecord[] = [];
  const booked = new Map<string, BookedJob & { readonly end: Promise<void> }>();
  const listeners = new Set<(jobId: string, line: string) => void>();
  const say = (jobId: string, line: string): void => {
    for (const listener of listeners) listener(jobId, line);
  };
  const find = (jobId: string) => {
    const job = booked.get(jobId);
    if (job === undefined) throw new Refusal(404, `There is no job ${jobId}.`);
    return job;
  };
  return {
    jobs,
    say,
    find,
    create(job) {
      const record = newRecord(String(jobs.length + 1), dir, job);
      const { promise: end, resolve } = Promise.withResolvers<void>();
      const handle = {
        record,
        end,
        session: undefined as JobSession | undefined,
        cancel: new AbortController(),
        write: (line: string) => {
          record.log.push(line);
          say(record.id, line);
        },
        started(session: JobSession) {
          handle.session = session;
        },
        ended() {
          handle.session = undefined;
          resolve();
        },
      };
      jobs.push(record);
      booked.set(record.id, handle);
      return handle;
    },
    running: () => [...booked.values()].filter((job) => job.record.status !== 'completed'),
    async ended(jobId) {
      const job = find(jobId);
      await job.end;
      return job.record;
    },
    onLog(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function newRecord(id: string, dir: string, { run, workflow, definition, matrix }: NewJob): JobRecord {
  const values = Object.values(matrix).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : value,
  );
  return {
    id,
    runId: run.runId,
    runNumber: run.runNumber,
    runAttempt: run.runAttempt,
    repository: run.repository,
    workflowPath: workflow.path,
    workflowName: workflow.name,
    jobKey: definition.id,
    name: values.length === 0 ? definition.id : `${definition.id} (${values.join(', ')})`,
    matrix,
    eventName: run.eventName,
    ref: run.ref,
    sha: run.sha,
    actor: run.actor,
    inputs: run.inputTexts,
    status: 'queued',
    conclusion: null,
    createdAt: timestamp(),
    startedAt: null,
    completedAt: null,
    steps: [],
    log: [],
    annotations: [],
    outputs: {},
    stepOutputs: {},
    summary: '',
    exitCode: null,
    dir: join(dir, `job-${id}`),
    lost: false,
  };
}
