import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRun } from './runner/job-run.ts';
import { createRunnerFixture, type RunnerFixture, workflowPath } from './runner-fixture.ts';

let fixture: RunnerFixture | undefined;

/** A fresh runner; one at a time, ended by {@link close}. */
export async function open(options: Parameters<typeof createRunnerFixture>[0] = {}): Promise<RunnerFixture> {
  fixture = await createRunnerFixture(options);
  return fixture;
}

export async function close(): Promise<void> {
  await fixture?.close();
  fixture = undefined;
}

/** Commits the workflow, dispatches it, waits for its end; gives the last job. */
export async function run(
  workflow: string,
  inputs: Record<string, unknown> = {},
  files = {},
): Promise<JobRun> {
  const opened = fixture ?? (await open());
  await opened.commit({ [workflowPath]: workflow, ...files });
  await opened.dispatch(inputs);
  await opened.runner.idle();
  return lastJob();
}

/** All jobs of the runner that is open. */
export function jobs(): readonly JobRun[] {
  return fixture?.runner.jobs ?? [];
}

export function lastJob(): JobRun {
  const job = jobs().at(-1);
  if (job === undefined) throw new Error('no job was made');
  return job;
}

/** The environment that the action saw. */
export function seenEnv(job: JobRun): Record<string, string> {
  return JSON.parse(readFileSync(join(job.dir, 'temp', 'seen-env.json'), 'utf8'));
}

/** Waits until something is true, at most ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come true within ten seconds');
}

/** For the action's input `do`. */
export const waitForever = 'console.log("waiting"); await new Promise((done) => setTimeout(done, 60000));';

export function isWaiting(job: JobRun | undefined): boolean {
  return job?.log.includes('waiting') ?? false;
}

/** A workflow with one job of these steps. */
export function steps(lines: string): string {
  return `on: workflow_dispatch
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
${lines}
`;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
