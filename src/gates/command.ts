/** Runs the project's commands in the attempt's tree and tells how they ended. */
import path from 'node:path';
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { childEnvironment, markIn } from '../process/environment.ts';
import { type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { createDigest } from './digest.ts';
import { type Command, join, type Script, upwards } from './project.ts';

export interface CommandRun {
  readonly command: Command;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly sandbox?: Sandbox | null;
}

export interface CommandEnd {
  readonly ending: 'ok' | 'failed' | 'stopped';
  /** The last exit code; null where a signal or the deadline ended it. */
  readonly exitCode: number | null;
  /** What went wrong, a sentence without its output; empty for `ok`. */
  readonly cause: string;
  /** Standard output and error in their order, as plain text. */
  readonly output: string;
  /** The same with the command lines, for the log. */
  readonly log: string;
}

/** Runs the texts of the command one after the other; the first that fails is the end. */
export async function runCommand(run: CommandRun): Promise<CommandEnd> {
  const { command } = run;
  let output = '';
  let log = '';
  for (const { text, env } of command.texts) {
    const digest = createDigest(limits.gateLogBytesMax);
    const ended = await spawnText(run, { text, env, onLine: digest.add });
    if (typeof ended === 'string') return { ending: 'failed', exitCode: null, cause: ended, output, log };
    output += digest.text();
    log += `$ ${text}\n${digest.text()}`;
    const cause = causeOf(ended, run.timeoutMs);
    if (cause !== null) {
      const ending = ended.aborted ? 'stopped' : 'failed';
      return { ending, exitCode: ended.exitCode, cause: `\`${text}\` ${cause}`, output, log };
    }
  }
  return { ending: 'ok', exitCode: 0, cause: '', output, log };
}

/** How the text ended, or why it could not be started. */
async function spawnText(
  run: CommandRun,
  { text, env, onLine }: Script & { readonly onLine: (line: string) => void },
): Promise<ProcessResult | string> {
  const cwd = path.join(run.cwd, run.command.folder);
  try {
    return await spawnProcess({
      // One stream, so that a failing assertion and what was printed before it keep their order.
      command: ['sh', '-c', `exec 2>&1\n${text}`],
      cwd,
      env: { ...commandEnvironment(run), ...env },
      signal: run.signal,
      deadlineMs: run.timeoutMs,
      outputBytesMax: 0,
      onLine,
      sandbox: run.sandbox?.enclose({ cwd, access: 'read-write', write: [run.cwd] }) ?? null,
    });
  } catch (error) {
    return explain(error);
  }
}

function causeOf(ended: ProcessResult, timeoutMs: number): string | null {
  if (ended.aborted) return 'was stopped';
  if (ended.timedOut) return `did not end within ${Math.round(timeoutMs / 1000)} s ([validation] timeout)`;
  if (ended.exitCode === 0) return null;
  return ended.exitCode === null ? `was ended by ${ended.signal}` : `ended with exit code ${ended.exitCode}`;
}

/** R10: nothing of ours but paths and locale, tools of the project first. */
function commandEnvironment({ cwd, env, command }: CommandRun): Record<string, string> {
  const kept = childEnvironment(markIn(env), env, cwd);
  const folders = upwards(command.folder).flatMap((folder) => [
    path.join(cwd, join(folder, 'node_modules/.bin')),
    path.join(cwd, join(folder, '.venv/bin')),
  ]);
  const at = path.join(cwd, command.folder);
  return {
    ...kept,
    PATH: [...folders, kept.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(path.delimiter),
    PWD: at,
    INIT_CWD: at,
    CI: 'true',
    // A `.npmrc` of the attempt could name a shell that says yes to everything.
    npm_config_script_shell: '/bin/sh',
  };
}
