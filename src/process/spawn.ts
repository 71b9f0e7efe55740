/** Runs a child process in a group of its own, within a deadline and an output limit, and leaves nothing of it running. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';
import { createCapture } from './capture.ts';
import type { Enclosure } from './enclosure.ts';
import { type Exit, exitInside, statusOf } from './exit.ts';
import { createReader, drain } from './reader.ts';
import { notEnclosed, startProcess } from './start.ts';
import { awaitNone, type Brood, killAll, signalSurvivors } from './survivors.ts';

export interface ProcessOptions {
  /** Program and arguments; never a shell's line (that would be `['bash', '-c', line]`). */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment (environment.ts); a mark of ours is added, and git looks for no repository above `cwd`. */
  readonly env: Readonly<Record<string, string>>;
  /** Text or bytes to be read, or nothing at all (default). */
  readonly stdin?: string | Uint8Array | 'ignore';
  readonly signal?: AbortSignal;
  /** From the start; default none. */
  readonly deadlineMs?: number;
  /** What is kept of stdout and of stderr, each, head and tail. */
  readonly outputBytesMax: number;
  /** Called with the child's standard input, which then stays open until it is ended; `stdin` is not read. */
  readonly onStart?: (stdin: Writable) => void;
  /** Called whenever something comes on stdout or stderr, before it is looked into. */
  readonly onOutput?: (() => void) | undefined;
  /** Called in order for each line of stdout; the stream waits for it. What it throws ends the process and is thrown. */
  readonly onLine?: (line: string) => Promise<void> | void;
  /** Of a line's bytes: false for one that is dropped before it is decoded; absent: all are wanted. */
  readonly wantsLine?: (line: Buffer) => boolean;
  /** What the process can see and write; null or absent: all that our user can. */
  readonly sandbox?: Enclosure | null;
}

export interface ProcessResult {
  /** Null when a signal ended it, or it was never started because of an abort. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  readonly durationMs: number;
}

/**
 * Settles when the child and all that it started have ended, whatever the exit code.
 * @throws GumpError `process` when the program cannot be started.
 */
export async function spawnProcess(options: ProcessOptions): Promise<ProcessResult> {
  const startedAt = performance.now();
  if (options.signal?.aborted) return neverStarted();
  const mark = `GUMP_MARK=${randomBytes(12).toString('hex')}`;
  const { child, since } = await startProcess(options, mark);
  const brood: Brood = { group: child.pid ?? 0, mark, since, enclosed: options.sandbox != null };
  const stdout = createCapture(options.outputBytesMax);
  const stderr = createCapture(options.outputBytesMax);
  const status = createCapture(limits.sandboxStatusBytesMax);
  const exit = exitOf(child);
  const stop = createStop(brood, exit);
  const streams = [
    createReader({ ...options, stream: child.stdout, capture: stdout, onError: stop.because }),
    createReader({
      ...{ onOutput: options.onOutput, stream: child.stderr, capture: stderr },
      onError: stop.because,
    }),
    createReader({ stream: statusOf(child), capture: status, onError: stop.because }),
  ];
  const release = watch(options, stop.because);
  const left = await Promise.race([exit, stop.given]);
  release();
  await endRest(brood);
  await drain(streams);
  stop.rethrow();
  const inside = options.sandbox && left ? exitInside(left, status.text()) : left;
  if (left && !inside && stop.reason() === null) throw notEnclosed(options, stderr.text());
  const ended = inside ?? left;
  return {
    exitCode: ended?.code ?? null,
    signal: ended === null ? 'SIGKILL' : ended.signal,
    stdout: stdout.text(),
    stderr: stderr.text(),
    stdoutTruncated: stdout.truncated(),
    stderrTruncated: stderr.truncated(),
    timedOut: stop.reason() === 'deadline',
    aborted: stop.reason() === 'abort',
    durationMs: Math.round(performance.now() - startedAt),
  };
}

type StopReason = 'deadline' | 'abort' | { readonly error: unknown };

function neverStarted(): ProcessResult {
  return {
    exitCode: null,
    signal: null,
    stdout: '',
    stderr: '',
    stdoutTruncated: false,
    stderrTruncated: false,
    timedOut: false,
    aborted: true,
    durationMs: 0,
  };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Ends the process for the first reason that is given; `given` settles with the exit, or null should even a kill not work. */
function createStop(brood: Brood, exit: Promise<Exit>) {
  let first: StopReason | null = null;
  let settle: (ended: Promise<Exit | null>) => void = () => undefined;
  const givenUp = new Promise<Exit | null>((resolve) => {
    settle = resolve;
  });
  return {
    given: givenUp,
    reason: () => first,
    because: (reason: StopReason) => {
      if (first !== null) return;
      first = reason;
      settle(terminate(brood, exit));
    },
    rethrow: () => {
      if (typeof first === 'object' && first !== null) throw first.error;
    },
  };
}

/** Asks, waits, then kills. */
async function terminate(brood: Brood, exit: Promise<Exit>): Promise<Exit | null> {
  signalSurvivors(brood, 'SIGTERM');
  if (!(await awaitNone(brood, limits.killGraceMs))) await killAll(brood, limits.killGraceMs);
  return Promise.race([exit, sleep(limits.killGraceMs, null, { ref: false })]);
}

/** The main child has ended; what it left gets a moment to end by itself (a `tee` that empties its pipe), then it is ended. */
async function endRest(brood: Brood): Promise<void> {
  if (await awaitNone(brood, limits.strayGraceMs)) return;
  signalSurvivors(brood, 'SIGTERM');
  if (await awaitNone(brood, limits.killGraceMs)) return;
  await killAll(brood, limits.killGraceMs);
}

function watch(options: ProcessOptions, stop: (reason: StopReason) => void): () => void {
  const onAbort = () => stop('abort');
  // What was aborted while the process started tells it to nobody who listens later.
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const { deadlineMs } = options;
  const timer = deadlineMs === undefined ? undefined : setTimeout(() => stop('deadline'), deadlineMs);
  return () => {
    options.signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}
