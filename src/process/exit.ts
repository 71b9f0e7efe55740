/** How a process ended, seen through the sandbox that it may have been in. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { statusDescriptor } from './sandbox.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What bubblewrap tells of itself; null where there is no sandbox. */
export function statusOf({ stdio }: ChildProcess): Readable | null {
  const stream = stdio[statusDescriptor];
  return stream instanceof Readable ? stream : null;
}

/**
 * The command's own end, from that of bubblewrap and from what it told; null where the command never began.
 * @source bwrap(1) 0.8.0: `exit-code` is told only once the command was executed (tried 2026-11)
 */
export function exitInside(exit: Exit, status: string): Exit | null {
  if (exit.code === null) return exit;
  return /"exit-code"/.test(status) ? { code: exit.code, signal: null, ...signalled(exit.code) } : null;
}

/** Signals that end a program from outside, or for its own defect: no program gives these codes by itself. */
const fatal = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'] as const;

/** Like a shell, a sandbox tells a signal as 128 and its number. Others (143) may be a program's own way to end. */
function signalled(code: number): Partial<Exit> {
  const signal = fatal.find((name) => constants.signals[name] === code - 128);
  return signal ? { code: null, signal } : {};
}
