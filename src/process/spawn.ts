/** Runs a child process in a group of its own, within a deadline and an output limit, and leaves nothing of it running. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Capture, createCapture } from './capture.ts';
import { createLineSplitter } from './lines.ts';
import { awaitNone, type Brood, killAll, signalSurvivors, startOf } from './survivors.ts';

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
  const { child, since } = await start(options, mark);
  const brood: Brood = { group: child.pid ?? 0, mark, since };
  const stdout = createCapture(options.outputBytesMax);
  const stderr = createCapture(options.outputBytesMax);
  const exit = exitOf(child);
  const stop = createStop(brood, exit);
  const streams = [
    createReader({ ...options, stream: child.stdout, capture: stdout }, stop.because),
    createReader({ onOutput: options.onOutput, stream: child.stderr, capture: stderr }, stop.because),
  ];
  const release = watch(options, stop.because);
  const ended = await Promise.race([exit, stop.given]);
  release();
  await endRest(brood);
  await drain(streams);
  stop.rethrow();
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

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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

async function start(
  options: ProcessOptions,
  mark: string,
): Promise<{ readonly child: ChildProcess; readonly since: number }> {
  const [program, ...args] = options.command;
  if (!program) throw new GumpError('A process without a command was to be started', { code: 'internal' });
  const [name = '', value = ''] = mark.split('=');
  try {
    const child = spawn(program, args, {
      cwd: options.cwd,
      // A tree lies within the user's repository: with its own `.git` gone, git would find that one.
      env: { GIT_CEILING_DIRECTORIES: dirname(resolve(options.cwd)), ...options.env, [name]: value },
      detached: true,
      stdio: [options.onStart || given(options.stdin) ? 'pipe' : 'ignore', 'pipe', 'pipe'],
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
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const { deadlineMs } = options;
  const timer = deadlineMs === undefined ? undefined : setTimeout(() => stop('deadline'), deadlineMs);
  return () => {
    options.signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}

interface Reader {
  /** Settles at the end of the stream, or when it was given up. */
  readonly done: Promise<void>;
  /** When bytes last came, or a line was last being worked on (milliseconds of `performance.now`). */
  lastActiveAt(): number;
  giveUp(): void;
}

interface Reading {
  readonly stream: Readable | null;
  readonly capture: Capture;
  readonly onOutput?: ProcessOptions['onOutput'];
  readonly onLine?: ProcessOptions['onLine'];
}

function createReader(
  { stream, capture, onOutput, onLine }: Reading,
  stop: (reason: StopReason) => void,
): Reader {
  const splitter = createLineSplitter(limits.streamLineBytesMax);
  let lastActiveAt = performance.now();
  let busy = false;
  const tell = async (line: string) => {
    busy = true;
    const answer = onLine?.(line);
    if (answer) await answer;
    busy = false;
  };
  const read = async () => {
    for await (const chunk of stream ?? []) {
      lastActiveAt = performance.now();
      onOutput?.();
      capture.add(chunk);
      if (onLine) for (const line of splitter.push(chunk)) await tell(line);
      lastActiveAt = performance.now();
    }
    const last = onLine ? splitter.end() : null;
    if (last !== null) await tell(last);
  };
  let gaveUp = false;
  return {
    done: read().catch((error: unknown) => {
      if (!gaveUp) stop({ error });
      // What still comes is read and dropped, so that the child is not stuck while it is asked to end.
      stream?.on('error', () => undefined).resume();
    }),
    lastActiveAt: () => (busy ? performance.now() : lastActiveAt),
    giveUp: () => {
      gaveUp = true;
      stream?.destroy();
    },
  };
}

/** Reads what is still in the pipes. A stray process that nobody can find may hold them open: it is not waited for. */
async function drain(readers: readonly Reader[]): Promise<void> {
  const end = performance.now() + limits.drainMaxMs;
  await Promise.all(
    readers.map(async (reader) => {
      let done = false;
      const over = reader.done.then(() => {
        done = true;
      });
      const begun = performance.now();
      while (!done) {
        await Promise.race([over, sleep(20)]);
        const quietMs = performance.now() - Math.max(begun, reader.lastActiveAt());
        if (!done && (quietMs > limits.drainQuietMs || performance.now() > end)) {
          reader.giveUp();
          await over;
        }
      }
    }),
  );
}
