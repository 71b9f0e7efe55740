import { readdirSync, readFileSync } from 'node:fs';

/**
 * The name of the variable by which the runner finds what a job left behind.
 *
 * @source actions/runner, JobExtension: "Terminate orphan process" looks for RUNNER_TRACKING_ID (2026-11)
 */
export const trackingVariable = 'RUNNER_TRACKING_ID';

/**
 * The ids of a job's living processes (Linux; elsewhere none): those with the job's marker in their environment,
 * those in the session of one of them, and all descendants, which may have been given a clean environment.
 */
function processesOf(trackingId: string): readonly number[] {
  const marker = `${trackingVariable}=${trackingId}`;
  const all = processTable();
  const marked = all.filter(({ pid }) => environmentOf(pid).includes(marker));
  const sessions = new Set(marked.map((entry) => entry.session));
  sessions.delete(sessionOf(process.pid));
  const found = new Set(marked.map((entry) => entry.pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const entry of all) {
      if (found.has(entry.parent) || sessions.has(entry.session)) found.add(entry.pid);
    }
  }
  return [...found];
}

/** Kills all processes of a job; returns those that it met. */
export function killProcessesOf(trackingId: string): readonly number[] {
  let met = processesOf(trackingId);
  // Who is stopped starts nothing more: after a look that finds nobody new, all are known.
  for (let known = -1; known !== met.length; ) {
    known = met.length;
    for (const pid of met) signal(pid, 'SIGSTOP');
    met = [...new Set([...met, ...processesOf(trackingId)])];
  }
  for (const pid of met) signal(pid, 'SIGKILL');
  return met;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

function processTable(): readonly ProcessEntry[] {
  return processIds().flatMap((pid) => {
    const [state, parent, , session] = statOf(pid);
    const isOurs = pid !== process.pid && state !== undefined && state !== 'Z' && state !== '';
    return isOurs ? [{ pid, parent: Number(parent), session: Number(session) }] : [];
  });
}

function sessionOf(pid: number): number {
  return Number(statOf(pid)[3]);
}

/** State, parent, process group, session, … */
function statOf(pid: number): readonly string[] {
  const stat = read(`/proc/${pid}/stat`);
  // The name of the program stands in brackets and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 1);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): readonly string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

/** A file of a process; empty when the process ended meanwhile or is not ours. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
