/**
 * Finds and ends what a child left behind: members of its group, whoever carries its mark in the environment (a child
 * that began a session of its own), and their descendants. Only Linux tells; elsewhere the group has to do.
 * What cleared its environment and was adopted by another process escapes; only a sandbox's PID namespace holds it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Brood {
  /** The group's id: the main child's process id. */
  readonly group: number;
  /** `NAME=value` as it stands in the environment. */
  readonly mark: string;
  /** When the main child started (`startOf`): nothing of the brood is older, so older environments are not read. */
  readonly since: number;
  /** True where the main child is a sandbox's keeper: when it ends, all in the sandbox are killed at once. */
  readonly enclosed: boolean;
}

/** When a process started, in clock ticks since boot; 0 where nobody can tell. For a child: before it can be collected. */
export function startOf(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  return parseStat(readQuietly(`/proc/${pid}/stat`)).start || 0;
}

/** Sends the signal to all that are left; says how many there were. A sandbox's keeper is only ever killed. */
export function signalSurvivors(brood: Brood, signal: NodeJS.Signals): number {
  const pids = survivors(brood);
  if (brood.enclosed && signal !== 'SIGKILL') {
    for (const pid of pids) if (pid !== brood.group) send(pid, signal);
    return pids.length;
  }
  // The group first, at once: what a member starts in between belongs to it and is hit too.
  const hit = send(-brood.group, signal);
  for (const pid of pids) send(pid, signal);
  return process.platform === 'linux' ? pids.length : Number(hit);
}

/** Waits until none is left, at most `timeoutMs`. True when none is. */
export async function awaitNone(brood: Brood, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    if (!anyLeft(brood)) return true;
    if (performance.now() >= end) return false;
    await sleep(pauseMs);
  }
}

/** Kills until none is left; gives up after `timeoutMs` (a process may hang in the kernel, or not be ours to kill). */
export async function killAll(brood: Brood, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (signalSurvivors(brood, 'SIGKILL') > 0 && performance.now() < end) await sleep(10);
}

/** Kills whoever carries the mark (`NAME=value`) in its environment, with all descendants; for what a lost engine left. */
export async function killMarked(mark: string, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  const carries = ({ pid }: ProcessEntry) => `\0${readEnviron(pid)}`.includes(`\0${mark}\0`);
  for (let pids = withDescendants(carries); pids.length > 0; pids = withDescendants(carries)) {
    for (const pid of pids) send(pid, 'SIGKILL');
    if (performance.now() >= end) return;
    await sleep(10);
  }
}

function anyLeft(brood: Brood): boolean {
  return process.platform === 'linux' ? survivors(brood).length > 0 : send(-brood.group, 0);
}

function survivors(brood: Brood): number[] {
  return withDescendants(({ pid, group, start }) => {
    return group === brood.group || (start >= brood.since && readEnviron(pid).includes(brood.mark));
  });
}

/** Process ids, without our own; empty where the system does not tell. */
function withDescendants(isOne: (entry: ProcessEntry) => boolean): number[] {
  if (process.platform !== 'linux') return [];
  const all = readProcesses();
  const found = new Set(all.filter(isOne).map(({ pid }) => pid));
  // Parents come before children only mostly (numbers wrap), so look until nothing is added.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly start: number;
}

function readProcesses(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const { state, parent, group, start } = parseStat(readQuietly(`/proc/${name}/stat`));
    // A zombie has ended already; whoever should collect it may never do so.
    if (state === '' || state === 'Z' || state === 'X') continue;
    entries.push({ pid: Number(name), parent, group, start });
  }
  return entries;
}

/** @source proc_pid_stat(5): `pid (comm) state ppid pgrp … starttime` (22nd); comm may hold anything, also `)` (read 2026-11). */
function parseStat(stat: string) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20);
  const [state = '', parent, group] = fields;
  return { state, parent: Number(parent), group: Number(group), start: Number(fields[19]) };
}

function readEnviron(pid: number): string {
  return readQuietly(`/proc/${pid}/environ`);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended in between, or belongs to somebody else.
    return '';
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
