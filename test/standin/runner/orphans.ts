import { readdirSync, readFileSync } from 'node:fs';

/**
 * The name of the variable by which the runner finds what a job left behind.
 *
 * @source actions/runner, JobExtension: "Terminate orphan process" looks for RUNNER_TRACKING_ID (2026-11)
 */
export const trackingVariable = 'RUNNER_TRACKING_ID';

/** The ids of all processes that carry the job's marker in their environment (Linux; elsewhere none). */
export function processesOf(trackingId: string): readonly number[] {
  const marker = `${trackingVariable}=${trackingId}`;
  return processIds().filter((pid) => pid !== process.pid && environmentOf(pid).includes(marker));
}

/** Kills all processes of a job; returns those that it met. */
export function killProcessesOf(trackingId: string): readonly number[] {
  const met = new Set<number>();
  // A process that is being forked while we look is seen in the next round.
  for (let round = 0; round < 5; round += 1) {
    const found = processesOf(trackingId);
    if (found.length === 0) break;
    for (const pid of found) {
      met.add(pid);
      kill(pid);
    }
  }
  return [...met];
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
