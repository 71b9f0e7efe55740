/** Starts a child process, in its sandbox where it is to have one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { GumpError } from '../errors.ts';
import { findProgram } from './program.ts';
import type { ProcessOptions } from './spawn.ts';
import { startOf } from './survivors.ts';

/** Settles once it runs. @throws GumpError `process` when it cannot be started. */
export async function startProcess(
  options: ProcessOptions,
  mark: string,
): Promise<{ readonly child: ChildProcess; readonly since: number }> {
  const [program] = options.command;
  if (!program) throw new GumpError('A process without a command was to be started', { code: 'internal' });
  try {
    const [file = '', ...args] = commandOf(options);
    const child = spawn(file, args, {
      cwd: options.sandbox ? '/' : options.cwd,
      env: environmentOf(options, mark),
      detached: true,
      stdio: [
        options.onStart || given(options.stdin) ? 'pipe' : 'ignore',
        'pipe',
        'pipe',
        ...(options.sandbox ? ['pipe' as const] : []),
      ],
    });
    const since = startOf(child.pid);
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    // From here on an error is a signal that could not be sent, or input that nobody wants.
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    if (options.onStart && child.stdin) options.onStart(child.stdin);
    else if (given(options.stdin)) child.stdin?.end(options.stdin);
    return { child, since };
  } catch (cause) {
    throw notStarted(program, options.cwd, cause);
  }
}

/** A sandbox cannot tell a program that is not there from one that ends badly, so it is looked for before. */
function commandOf({ command, cwd, env, sandbox }: ProcessOptions): readonly string[] {
  const [name = '', ...args] = command;
  if (!sandbox) return command;
  const program = findProgram(name, env.PATH ?? '', cwd);
  if (program === null) throw new Error(`spawn ${name} ENOENT`);
  return sandbox.wrap([program, ...args]);
}

function environmentOf(
  { cwd, env, sandbox }: ProcessOptions,
  mark: string,
): Readonly<Record<string, string>> {
  const [name = '', value = ''] = mark.split('=');
  // A tree lies within the user's repository: with its own `.git` gone, git would find that one.
  const own = { GIT_CEILING_DIRECTORIES: dirname(resolve(cwd)), ...env };
  return { ...(sandbox ? sandbox.environment(own) : own), [name]: value };
}

function given(stdin: ProcessOptions['stdin']): stdin is string | Uint8Array {
  return stdin !== undefined && stdin !== 'ignore';
}

function notStarted(program: string, cwd: string, cause: unknown): GumpError {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (!existsSync(cwd)) {
    return new GumpError(`${program} was not started: its folder ${cwd} does not exist`, {
      code: 'process',
      cause,
    });
  }
  const hint = /ENOENT/.test(why) ? `Install ${program}, or see that it is on the PATH.` : undefined;
  return new GumpError(`${program} was not started in ${cwd}: ${why}`, {
    code: 'process',
    cause,
    ...(hint && { hint }),
  });
}

/** The sandbox was not made, so the command did not begin. */
export function notEnclosed({ command, cwd }: ProcessOptions, stderr: string): GumpError {
  const said = stderr.trim().split('\n').slice(0, 3).join('\n') || 'it did not say why';
  return new GumpError(
    `${command[0]} was not started in ${cwd}, for its sandbox could not be made: ${said}`,
    {
      code: 'process',
      cause: said,
      hint: 'Without a sandbox it runs with `--sandbox off`: then it can read and change what your user can.',
    },
  );
}
