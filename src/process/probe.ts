/**
 * Tries the sandbox before anything relies on it: a write that must be denied, a connection that must be denied, and a
 * write that must succeed, for a sandbox in which nothing works would deny the others too.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Enclosure } from './enclosure.ts';
import { shown } from './mounts.ts';
import { findProgram } from './program.ts';
import { type Mount, sandboxArguments } from './sandbox.ts';
import { type ProcessResult, spawnProcess } from './spawn.ts';
import { temporaryFolderHint, temporaryFolderProblem } from './temporary.ts';

export type Probe =
  | {
      readonly usable: true;
      /** Absolute, so that no folder of a PATH decides what encloses it. */
      readonly program: string;
      /** As people know it: `bubblewrap 0.8.0`. */
      readonly name: string;
      /** As in `SandboxRequest`. */
      readonly closed: boolean;
    }
  | { readonly usable: false; readonly reason: string; readonly hint: string };

export interface ProbeOptions {
  /** What every sandbox of this machine shows. */
  readonly mounts: readonly Mount[];
  /** Where `bwrap` is looked for: a PATH. Default: that of this process. */
  readonly searchPath?: string;
  readonly platform?: NodeJS.Platform;
}

/** Never rejects: what goes wrong is the reason why there is no sandbox. */
export async function probeSandbox(options: ProbeOptions): Promise<Probe> {
  const { searchPath = process.env.PATH ?? '', platform = process.platform } = options;
  if (platform !== 'linux') {
    return unusable(
      `bubblewrap runs on Linux, and this is ${platform}`,
      'run it in a Linux container or machine',
    );
  }
  const program = findProgram('bwrap', searchPath);
  if (program === null) return unusable('bubblewrap is not installed', installHint);
  const shut = temporaryFolderProblem();
  if (shut !== null) return unusable(`it cannot be tried, for ${shut}`, temporaryFolderHint);
  const [name, tried] = await Promise.all([
    versionOf(program),
    tryOut({ ...options, program, closed: true }),
  ]);
  if (tried === null) return { usable: true, program, name, closed: true };
  // Older than 0.8.0, or a container that does not let it count user namespaces.
  const again = await tryOut({ ...options, program, closed: false });
  return again === null ? { usable: true, program, name, closed: false } : explainRefusal(name, again);
}

const installHint =
  'install it: `sudo apt-get install bubblewrap` (Debian, Ubuntu) or `sudo dnf install bubblewrap` (Fedora)';

function unusable(reason: string, hint: string): Probe {
  return { usable: false, reason, hint };
}

interface Trial {
  readonly program: string;
  readonly mounts: readonly Mount[];
  readonly closed: boolean;
}

/** Null where all was as it must be, else what was not. */
async function tryOut(trial: Trial): Promise<string | null> {
  const dir = mkdtempSync(join(tmpdir(), 'gump-probe-'));
  const server = createServer((socket) => socket.destroy());
  try {
    for (const name of ['shut', 'open', 'secret']) mkdirSync(join(dir, name));
    let reached = false;
    server.on('connection', () => {
      reached = true;
    });
    await say(attempts(await listen(server)), enclosureIn(dir, trial));
    const did = (file: string) => existsSync(join(dir, file));
    if (!did('open/done')) return 'nothing could be done in it';
    if (did('shut/written')) return 'a write that it should have denied was carried out';
    if (did('open/seen')) return 'a folder that it should have hidden could be seen';
    return reached || did('open/connected') ? 'a connection that it should have denied was made' : null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function enclosureIn(dir: string, { program, mounts, closed }: Trial): Enclosure {
  const cwd = realpathSync(join(dir, 'open'));
  const all = [...mounts, ...shown('read', join(dir, 'shut')), ...shown('write', cwd)];
  const args = sandboxArguments({ mounts: all, cwd, network: 'none', closed });
  return { wrap: (command) => [program, ...args, ...command], environment: (env) => env };
}

/** What bubblewrap said, where it was that which failed. */
function reasonOf(error: unknown): string {
  if (error instanceof GumpError && typeof error.cause === 'string') return error.cause;
  return error instanceof Error ? error.message : String(error);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** What is tried inside. `bash` can connect and starts in a moment; where there is none, Node does it. */
function attempts(port: number): readonly string[] {
  if (existsSync('/bin/bash')) {
    const connect = `(: > /dev/tcp/127.0.0.1/${port}) && : > connected`;
    const see = '[ -e ../secret ] && : > seen';
    return ['/bin/bash', '-c', `: > ../shut/written; ${see}; ${connect}; : > done`];
  }
  const program = `
    const { existsSync, writeFileSync: write } = require('node:fs');
    try { write('../shut/written', '') } catch {}
    if (existsSync('../secret')) write('seen', '');
    const socket = require('node:net').connect(${port}, '127.0.0.1', () => { write('connected', ''); socket.destroy() });
    socket.on('error', () => undefined).on('close', () => write('done', ''));`;
  return [process.execPath, '-e', program];
}

async function versionOf(program: string): Promise<string> {
  const told = await say([program, '--version']).catch(() => null);
  return told?.stdout.trim() || 'bubblewrap';
}

async function say(command: readonly string[], sandbox: Enclosure | null = null): Promise<ProcessResult> {
  const result = await spawnProcess({
    command,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    deadlineMs: limits.sandboxProbeTimeoutMs,
    outputBytesMax: limits.sandboxStatusBytesMax,
    sandbox,
  });
  if (result.timedOut) throw new Error(`it did not end within ${limits.sandboxProbeTimeoutMs / 1000} s`);
  return result;
}

/** What bubblewrap says is about system calls; what a person can do is in the settings of the kernel. */
function explainRefusal(name: string, said: string): Probe {
  const [line = ''] = said.split('\n');
  const reason = `${name} does not work here: ${line}`;
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') return unusable(reason, appArmorHint);
  if (setting('kernel/unprivileged_userns_clone') === '0')
    return unusable(reason, 'allow user namespaces: `sudo sysctl kernel.unprivileged_userns_clone=1`');
  if (setting('user/max_user_namespaces') === '0')
    return unusable(reason, 'allow user namespaces: `sudo sysctl user.max_user_namespaces=15000`');
  return unusable(
    reason,
    'a container has to allow it: `docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …`',
  );
}

/**
 * Ubuntu lets only programs with a profile make user namespaces.
 * @source ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces (read 2026-11)
 */
const appArmorHint =
  "AppArmor denies it user namespaces; give it a profile: `printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' | sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap`";

function setting(name: string): string {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    // The kernel has no such setting.
    return '';
  }
}
