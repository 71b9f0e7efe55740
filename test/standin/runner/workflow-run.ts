import { concurrencyOf, type createConcurrency } from './concurrency.ts';
import { asText, evaluate, isTruthy, type JobStanding, type Json } from './expression.ts';
import { runJob } from './job.ts';
import { type Conclusion, type JobRecord, timestamp } from './job-run.ts';
import { expandMatrix } from './matrix.ts';
import type { PreparedRun } from './run-request.ts';
import { type JobSession, type RunnerParts, runScope } from './session.ts';
import type { JobDefinition, WorkflowFile } from './workflow-file.ts';

export interface JobResult {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One attempt of a workflow run, with the ways in which it tells what happens. */
export interface RunExecution {
  readonly parts: RunnerParts;
  readonly run: PreparedRun;
  readonly workflow: WorkflowFile;
  readonly concurrency: ReturnType<typeof createConcurrency>;
  /** Results of jobs that a rerun does not repeat. */
  readonly reused: ReadonlyMap<string, JobResult>;
  /** Aborts the whole run. */
  readonly cancel: AbortController;
  /** Makes a queued record; its controller cancels that one job. */
  createJob(definition: JobDefinition, matrix: Readonly<Record<string, Json>>): JobHandle;
  onStarted(): void;
}

export interface JobHandle {
  readonly record: JobRecord;
  readonly cancel: AbortController;
  readonly write: (line: string) => void;
  started(session: JobSession): void;
  ended(): void;
}

/** Runs all jobs of a workflow in the order of their needs; resolves with the run's conclusion. */
export async function executeRun(execution: RunExecution): Promise<Conclusion> {
  const { workflow, parts, run, cancel, concurrency } = execution;
  const handles = placeholders(execution);
  const slot = concurrency.enter({
    ...concurrencyOf(parts.packages, workflow.concurrency, runScope(parts, rootOf(execution), 'success'), {
      repository: run.repository,
      otherwise: `run ${run.runId} ${run.runAttempt}`,
    }),
    cancel: () => cancel.abort(),
  });
  try {
    if (!(await turnOrAbort(slot.turn, cancel.signal))) {
      for (const handle of handles.values()) endUnstarted(handle, 'cancelled');
      return 'cancelled';
    }
    execution.onStarted();
    const results = await runAllJobs(execution, handles);
    return cancel.signal.aborted ? 'cancelled' : worstOf(results);
  } finally {
    slot.release();
  }
}

/** Jobs without a matrix are visible from the beginning, queued. */
function placeholders(execution: RunExecution): ReadonlyMap<string, JobHandle> {
  const { workflow, reused } = execution;
  const plain = workflow.jobs.filter((job) => job.strategy === undefined && !reused.has(job.id));
  return new Map(plain.map((job) => [job.id, execution.createJob(job, {})]));
}

async function runAllJobs(
  execution: RunExecution,
  handles: ReadonlyMap<string, JobHandle>,
): Promise<readonly JobResult[]> {
  const { workflow, reused } = execution;
  const ends = new Map<string, Promise<JobResult>>();
  const endOf = (id: string): Promise<JobResult> => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    const definition = workflow.jobs.find((job) => job.id === id);
    const before = reused.get(id);
    // The parser has refused unknown needs and circles.
    const end =
      before !== undefined || definition === undefined
        ? Promise.resolve(before ?? { result: 'skipped' as const, outputs: {} })
        : runDefinition(execution, definition, { handle: handles.get(id), endOf });
    ends.set(id, end);
    return end;
  };
  return Promise.all(workflow.jobs.map((job) => endOf(job.id)));
}

interface DefinitionContext {
  readonly handle: JobHandle | undefined;
  readonly endOf: (id: string) => Promise<JobResult>;
}

async function runDefinition(
  execution: RunExecution,
  definition: JobDefinition,
  context: DefinitionContext,
): Promise<JobResult> {
  const { parts } = execution;
  const ancestors = await Promise.all(ancestorsOf(execution.workflow, definition).map(context.endOf));
  const needs: Record<string, Json> = {};
  for (const id of definition.needs) needs[id] = { ...(await context.endOf(id)) };
  const scope = runScope(parts, { ...rootOf(execution), needs }, standingAfter(execution, ancestors));
  try {
    if (!isTruthy(evaluate(parts.packages, definition.condition, scope))) {
      const result = execution.cancel.signal.aborted ? 'cancelled' : 'skipped';
      endUnstarted(context.handle ?? execution.createJob(definition, {}), result);
      return { result, outputs: {} };
    }
    return await runCombinations(execution, definition, { handle: context.handle, needs });
  } catch (error) {
    const handle = context.handle ?? execution.createJob(definition, {});
    handle.write(`##[error]${error instanceof Error ? error.message : String(error)}`);
    endUnstarted(handle, 'failure');
    return { result: 'failure', outputs: {} };
  }
}

interface CombinationContext {
  readonly handle: JobHandle | undefined;
  readonly needs: Readonly<Record<string, Json>>;
}

async function runCombinations(
  execution: RunExecution,
  definition: JobDefinition,
  context: CombinationContext,
): Promise<JobResult> {
  const { parts } = execution;
  const root = { ...rootOf(execution), needs: context.needs };
  const strategy = evaluate(parts.packages, definition.strategy, runScope(parts, root, 'success'));
  const settings = strategySettings(strategy);
  const combinations = expandMatrix(strategy);
  const handles = combinations.map((matrix) => context.handle ?? execution.createJob(definition, matrix));
  const waiting = combinations.map((matrix, index) => ({ matrix, handle: handles[index] }));
  const results: JobResult[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next?.handle !== undefined; next = waiting.shift()) {
      const result = await runOne(execution, definition, {
        ...root,
        matrix: next.matrix,
        handle: next.handle,
      });
      results.push(result);
      if (result.result === 'failure' && settings.failFast)
        for (const handle of handles) handle.cancel.abort();
    }
  };
  await Promise.all(Array.from({ length: settings.parallelMax || combinations.length }, work));
  return { result: worstOf(results), outputs: Object.assign({}, ...results.map((one) => one.outputs)) };
}

interface OneJob extends CombinationContext {
  readonly matrix: Readonly<Record<string, Json>>;
  readonly handle: JobHandle;
}

async function runOne(execution: RunExecution, definition: JobDefinition, one: OneJob): Promise<JobResult> {
  const { parts, run, workflow, concurrency } = execution;
  const { handle, needs, matrix } = one;
  const { record } = handle;
  const outlives = outlivesCancel(execution, definition, { needs, matrix });
  const cancelled = AbortSignal.any([handle.cancel.signal, ...(outlives ? [] : [execution.cancel.signal])]);
  const assignment = { run, workflow, definition, record, needs, matrix, cancelled, write: handle.write };
  const scope = runScope(parts, assignment, 'success');
  record.name = asText(evaluate(parts.packages, definition.name, scope)) || record.name;
  const slot = concurrency.enter({
    ...concurrencyOf(parts.packages, definition.concurrency, scope, {
      repository: run.repository,
      otherwise: `job ${record.id}`,
    }),
    cancel: () => handle.cancel.abort(),
  });
  try {
    if (!(await turnOrAbort(slot.turn, cancelled))) {
      endUnstarted(handle, 'cancelled');
      return { result: 'cancelled', outputs: {} };
    }
    await runJob(parts, assignment, (session) => handle.started(session));
    handle.ended();
  } finally {
    slot.release();
  }
  const excused = isTruthy(evaluate(parts.packages, definition.continueOnError, scope));
  const conclusion = record.conclusion ?? 'failure';
  return { result: conclusion === 'failure' && excused ? 'success' : conclusion, outputs: record.outputs };
}

/**
 * A job whose condition also holds in a cancelled run goes on there.
 *
 * @source docs, "Canceling a workflow": the conditions of jobs that run are looked at again (2026-11)
 */
function outlivesCancel(
  { parts, run, workflow }: RunExecution,
  definition: JobDefinition,
  { needs, matrix }: Pick<OneJob, 'needs' | 'matrix'>,
): boolean {
  const scope = runScope(parts, { run, workflow, needs, matrix }, 'cancelled');
  return isTruthy(evaluate(parts.packages, definition.condition, scope));
}

/** True when it is our turn, false when the run or job was cancelled before. */
async function turnOrAbort(turn: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const aborted = new Promise<false>((resolve) =>
    signal.addEventListener('abort', () => resolve(false), { once: true }),
  );
  return Promise.race([turn.then(() => true), aborted]);
}

function endUnstarted(handle: JobHandle, conclusion: Conclusion): void {
  const { record } = handle;
  if (record.status === 'completed') return;
  record.status = 'completed';
  record.conclusion = conclusion;
  record.completedAt = timestamp();
  handle.ended();
}

function rootOf(execution: RunExecution) {
  return { run: execution.run, workflow: execution.workflow, needs: {}, matrix: {} };
}

function ancestorsOf(workflow: WorkflowFile, definition: JobDefinition): readonly string[] {
  const found = new Set<string>();
  const visit = (ids: readonly string[]): void => {
    for (const id of ids) {
      if (found.has(id)) continue;
      found.add(id);
      visit(workflow.jobs.find((job) => job.id === id)?.needs ?? []);
    }
  };
  visit(definition.needs);
  return [...found];
}

function standingAfter(execution: RunExecution, ancestors: readonly JobResult[]): JobStanding {
  if (execution.cancel.signal.aborted) return 'cancelled';
  return worstOf(ancestors);
}

function worstOf(results: readonly JobResult[]): Conclusion {
  const has = (result: Conclusion): boolean => results.some((one) => one.result === result);
  if (has('failure')) return 'failure';
  if (has('cancelled')) return 'cancelled';
  return results.length > 0 && results.every((one) => one.result === 'skipped') ? 'skipped' : 'success';
}

function strategySettings(strategy: Json): { readonly failFast: boolean; readonly parallelMax: number } {
  if (strategy === null || typeof strategy !== 'object' || Array.isArray(strategy)) {
    return { failFast: true, parallelMax: 0 };
  }
  const record = strategy as { readonly [key: string]: Json };
  return { failFast: record['fail-fast'] !== false, parallelMax: Number(record['max-parallel'] ?? 0) };
}
