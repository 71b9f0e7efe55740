/** Runs git. No shell, no prompt, no inherited `GIT_*`, no hook; every call is counted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';

export type Environment = Readonly<Record<string, string>>;

export interface GitOptions {
  readonly cwd: string;
  /** The whole environment; one of `engineEnvironment` and `userEnvironment`, with additions. */
  readonly env: Environment;
  readonly stdin?: string | Uint8Array;
  /** Exit codes that are no failure; default only 0. */
  readonly okCodes?: readonly number[];
  /** What is kept of stdout, from the start; the rest is read and thrown away. Default 256 MiB. */
  readonly outputBytesMax?: number;
  readonly timeoutMs?: number;
}

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Settings of every git command, whoever's repository it is: nothing of a configuration may start a program. */
const fixedSettings: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['core.quotePath', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['commit.gpgSign', 'false'],
  ['advice.detachedHead', 'false'],
];

let processes = 0;

/** How many git processes this process has started. */
export function gitProcesses(): number {
  return processes;
}

/** The environment of commands on our own git directories: no configuration but that directory's. */
export function engineEnvironment(additions: Environment = {}): Environment {
  return {
    ...plainEnvironment(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    ...configurationVariables(fixedSettings),
    ...additions,
  };
}

/** The environment of commands on the user's repository: the user's configuration counts, their hooks and monitors do not run. */
export function userEnvironment(additions: Environment = {}): Environment {
  const kept: Record<string, string> = {};
  for (const name of ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM', 'XDG_CONFIG_HOME']) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return { ...plainEnvironment(), ...kept, ...configurationVariables(fixedSettings), ...additions };
}

/**
 * Settings for one command as `GIT_CONFIG_COUNT/KEY/VALUE`, in front of them the fixed ones:
 * unlike `git -c` they are not in the process list.
 * @source git-config(1), "GIT_CONFIG_COUNT", git 2.31 and later (read 2026-11).
 */
export function withSettings(
  env: Environment,
  settings: readonly (readonly [string, string])[],
): Environment {
  return { ...env, ...configurationVariables([...fixedSettings, ...settings]) };
}

function configurationVariables(settings: readonly (readonly [string, string])[]): Environment {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}

function plainEnvironment(): Environment {
  const variables: Record<string, string> = {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_EDITOR: 'true',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_MERGE_AUTOEDIT: 'no',
  };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'USER', 'SystemRoot']) {
    const value = process.env[name];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/**
 * Runs one git command to its end.
 * @throws GumpError `git` when it cannot be started, ends with a code that is not allowed, or passes its time limit.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const result = await collect(startGit(args, options), args, options);
  if ((options.okCodes ?? [0]).includes(result.exitCode)) return result;
  throw new GumpError(`git ${args[0] ?? ''} did not succeed in ${options.cwd}: ${reason(result)}`, {
    code: 'git',
    cause: { args, exitCode: result.exitCode, stderr: result.stderr },
  });
}

/** The command's stdout as text, without the last line ending. */
export async function gitText(args: readonly string[], options: GitOptions): Promise<string> {
  return (await runGit(args, options)).stdout.toString('utf8').replace(/\n$/, '');
}

/** Starts git with pipes on all three streams; for long-lived commands. */
export function startGit(args: readonly string[], options: GitOptions): ChildProcess {
  processes += 1;
  return spawn('git', args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Splits `-z` output. */
export function splitNul(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

function collect(child: ChildProcess, args: readonly string[], options: GitOptions): Promise<GitResult> {
  const stdout = keepHead(options.outputBytesMax ?? limits.gitOutputBytesMax);
  const stderr = keepHead(limits.gitErrorBytesMax);
  child.stdout?.on('data', stdout.add);
  child.stderr?.on('data', stderr.add);
  // A command may end before it has read its input: what it says about that is in its exit code.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin ?? '');
  const timeoutMs = options.timeoutMs ?? limits.gitTimeoutMs;
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(notStarted(args, options.cwd, cause));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) reject(tooLate(args, timeoutMs));
      else resolve({ exitCode: code ?? -1, stdout: stdout.bytes(), stderr: stderr.bytes().toString('utf8') });
    });
  });
}

function keepHead(bytesMax: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  return {
    add: (chunk: Buffer) => {
      const part = kept + chunk.length > bytesMax ? chunk.subarray(0, bytesMax - kept) : chunk;
      if (part.length > 0) chunks.push(part);
      kept += part.length;
    },
    bytes: () => Buffer.concat(chunks),
  };
}

function reason(result: GitResult): string {
  const said = result.stderr.trim() || result.stdout.subarray(0, 2000).toString('utf8').trim();
  return said || `exit code ${result.exitCode}`;
}

function notStarted(args: readonly string[], cwd: string, cause: Error): GumpError {
  return new GumpError(`git ${args[0] ?? ''} could not be started in ${cwd}: ${cause.message}`, {
    code: 'git',
    hint: 'Install git 2.38 or newer and see that it is on the PATH.',
    cause,
  });
}

function tooLate(args: readonly string[], timeoutMs: number): GumpError {
  return new GumpError(
    `git ${args[0] ?? ''} was ended after ${Math.round(timeoutMs / 1000)} s without a result`,
    {
      code: 'git',
      retryable: true,
    },
  );
}
