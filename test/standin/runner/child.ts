import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export interface Child {
  readonly pid: number | undefined;
  /** The exit code, 128 + n for signal n, 127 when the program could not be started; never rejects. */
  readonly ended: Promise<number>;
  /** To the main process alone; false when it is gone. */
  signal(signal: NodeJS.Signals): boolean;
}

/** What a child left open may delay the step's end by this much. */
const outputGraceMs = 2_000;

/** Starts a program in a process group of its own and hands over what it prints, line by line. */
export function startChild(command: ChildCommand): Child {
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const drained = Promise.all([
    readLines(child.stdout, command.onLine),
    readLines(child.stderr, command.onLine),
  ]);
  const exited = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      command.onLine(`##[error]${command.file} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  const ended = exited.then(async (exitCode) => {
    // A process that outlives its parent may hold the pipes open for ever.
    await Promise.race([drained, sleep(outputGraceMs, undefined, { ref: false })]);
    child.stdout.destroy();
    child.stderr.destroy();
    return exitCode;
  });
  return { pid: child.pid, ended, signal: (signal) => child.kill(signal) };
}

export interface CancelTimes {
  /** From SIGINT to SIGTERM. */
  readonly sigintMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly sigtermMs: number;
}

/** @source actions/runner, ProcessInvoker: 7.5 s after SIGINT, 2.5 s after SIGTERM (2026-11) */
export const githubCancelTimes: CancelTimes = { sigintMs: 7_500, sigtermMs: 2_500 };

/** Ends a child as GitHub's runner does: SIGINT, SIGTERM, then everything at once. */
export async function cancelChild(child: Child, times: CancelTimes, killAll: () => void): Promise<void> {
  const endsWithin = (ms: number): Promise<boolean> =>
    Promise.race([child.ended.then(() => true), sleep(ms, false, { ref: false })]);
  child.signal('SIGINT');
  if (await endsWithin(times.sigintMs)) return;
  child.signal('SIGTERM');
  if (await endsWithin(times.sigtermMs)) return;
  child.signal('SIGKILL');
  killAll();
  await child.ended;
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  });
  await new Promise<void>((resolve) => stream.once('close', resolve));
  rest += decoder.end();
  if (rest !== '') onLine(rest);
}
