/** The command line as a person starts it: a process of its own, a home of its own, no git identity, nothing inherited. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const entry = join(import.meta.dirname, '../../src/cli/main.ts');
const compiled = join(import.meta.dirname, '../../node_modules/.cache/gump/compiled');

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Going {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** What came so far. */
  readonly heard: { stdout: string; stderr: string };
}

export interface Desk {
  /** A folder that is no repository. */
  readonly dir: string;
  /** The home of every process started here; no other process has it. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  start(args: readonly string[], options?: StartOptions): Going;
  gump(args: readonly string[], options?: StartOptions): Promise<Outcome>;
  git(dir: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written and closed; without it standard input is empty. */
  readonly stdin?: string;
  /** Standard input stays open; whoever has the child writes and closes it. */
  readonly open?: boolean;
  /** The whole command instead of `node <entry> …args`. */
  readonly command?: readonly string[];
}

export async function openDesk(name = 'gump-cli-'): Promise<Desk> {
  const dir = await mkdtemp(join(tmpdir(), name));
  const home = await mkdtemp(join(tmpdir(), `${name}home-`));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TMPDIR: home,
    LANG: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    // The second start of the program is much quicker, and most of a refusal's time is its start.
    NODE_COMPILE_CACHE: compiled,
  };
  const start = (args: readonly string[], options: StartOptions = {}): Going => {
    const [program = '', ...rest] = options.command ?? [process.execPath, entry, ...args];
    const child = spawn(program, rest, {
      cwd: options.cwd ?? dir,
      env: { ...env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined);
    if (!options.open) child.stdin?.end(options.stdin ?? '');
    const heard = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text) => (heard.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (heard.stderr += text));
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, ...heard }));
    });
    return { child, ended, heard };
  };
  return {
    dir,
    home,
    env,
    start,
    gump: (args, options) => start(args, options).ended,
    async git(cwd, ...args) {
      const { code, stdout, stderr } = await start([], { cwd, command: ['git', ...args] }).ended;
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
      return stdout.trim();
    },
    async remove() {
      for (const folder of [dir, home]) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
