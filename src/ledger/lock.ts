/**
 * One engine per run. Each holder has a lock file of its own name, written first and only then compared with the
 * others: the later of two always sees the earlier, so at most one goes on, and taking over a dead one is a plain delete.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Disk, realDisk, systemCode, writeAll } from './disk.ts';

export interface Lock {
  /** Gives the run free; never rejects. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Clock ticks from boot to the process's start; 0 where the system does not tell. */
  readonly start: number;
  readonly host: string;
  readonly boot: string;
  /** The PID namespace in which `pid` counts. */
  readonly namespace: string;
}

const prefix = 'lock.';
const mine = new Set<string>();

/** Takes the folder for this process. @throws GumpError `ledger` naming the process that holds it. */
export async function takeLock(disk: Disk, folder: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    const name = await claim(disk, folder);
    const other = await liveHolder(disk, { folder, except: name }).catch(async (error: unknown) => {
      await giveUp(disk, folder, name);
      throw error;
    });
    if (other === null) return { release: () => giveUp(disk, folder, name) };
    await giveUp(disk, folder, name);
    if (attempt >= limits.lockAttemptsMax) throw refusal(folder, other);
    // Two that start at the same moment see each other; a random pause lets one of them through.
    await sleep(limits.lockPauseMsMin + Math.random() * limits.lockPauseMsMax);
  }
}

async function claim(disk: Disk, folder: string): Promise<string> {
  const self = thisProcess();
  const name = `${prefix}${self.pid}.${self.start}.${randomBytes(6).toString('hex')}`;
  mine.add(name);
  try {
    const file = await disk.create(join(folder, name));
    await writeAll(file, Buffer.from(`${JSON.stringify(self)}\n`)).finally(() => file.close());
    return name;
  } catch (error) {
    await giveUp(disk, folder, name);
    throw error;
  }
}

async function giveUp(disk: Disk, folder: string, name: string): Promise<void> {
  mine.delete(name);
  await disk.remove(join(folder, name)).catch(() => undefined);
}

/** Who works in a run's folder just now; null where nobody does. Nothing is changed. */
export async function engineIn(
  folder: string,
  disk: Disk = realDisk,
): Promise<{ readonly pid: number; readonly host: string } | null> {
  for (const name of await disk.list(folder)) {
    const holder = name.startsWith(prefix) ? await readHolder(disk, folder, name) : null;
    if (holder && isAlive(name, holder)) return { pid: holder.pid, host: holder.host };
  }
  return null;
}

async function liveHolder(
  disk: Disk,
  { folder, except }: { folder: string; except: string },
): Promise<{ name: string; holder: Holder } | null> {
  for (const name of await disk.list(folder)) {
    if (!name.startsWith(prefix) || name === except) continue;
    const holder = await readHolder(disk, folder, name);
    if (holder === null) continue;
    if (isAlive(name, holder)) return { name, holder };
    await disk.remove(join(folder, name)).catch(() => undefined);
  }
  return null;
}

/** Null where the lock has gone meanwhile. A lock without content (a crash just then) is told by its name. */
async function readHolder(disk: Disk, folder: string, name: string): Promise<Holder | null> {
  const [pid = 0, start = 0] = name.slice(prefix.length).split('.').map(Number);
  const named = { ...thisProcess(), pid, start };
  try {
    const content: unknown = JSON.parse((await disk.read(join(folder, name))).toString());
    return typeof content === 'object' && content !== null ? { ...named, ...content, pid, start } : named;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) return named;
    throw error;
  }
}

function isAlive(name: string, holder: Holder): boolean {
  const self = thisProcess();
  if (holder.boot !== self.boot && holder.host === self.host) return false;
  // Processes of another machine or container cannot be seen from here: believed to live.
  if (holder.boot !== self.boot || holder.namespace !== self.namespace) return true;
  if (holder.pid === self.pid && holder.start === self.start) return mine.has(name);
  return processExists(holder.pid) && startOf(holder.pid) === holder.start;
}

function processExists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    start: startOf(process.pid),
    host: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), ''),
    namespace: attempt(() => readlinkSync('/proc/self/ns/pid'), ''),
  };
}

/**
 * A process's start in clock ticks since boot; 0 where unknown. With it a number that was given again is told apart.
 * @source proc_pid_stat(5): field 22, counted behind the command's closing parenthesis (2026-11).
 */
function startOf(pid: number): number {
  return attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  }, 0);
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function refusal(folder: string, { name, holder }: { name: string; holder: Holder }): GumpError {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  const who = holder.pid === process.pid && where === '' ? 'this process' : `process ${holder.pid}${where}`;
  return new GumpError(`The run was not opened: ${who} is already working on it (${join(folder, name)}).`, {
    code: 'ledger',
    hint: 'Wait until it has ended or stop it; where it is certainly gone, delete that lock file.',
    retryable: true,
  });
}
