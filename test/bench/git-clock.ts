/** Times the git commands of this process from being started to being seen to end; the one long-lived reader is left out. */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Interval } from './interval.ts';

export interface GitClock {
  /** Of commands that have ended, in milliseconds of `performance.now`. */
  readonly intervals: readonly Interval[];
  stop(): void;
}

/** @source Node 24, diagnostics_channel: `child_process` carries `{process}`, before it is spawned (read 2026-11). */
export function watchGit(): GitClock {
  const intervals: Interval[] = [];
  const listen = (message: unknown) => {
    const { process: child } = message as { readonly process: ChildProcess };
    const startMs = performance.now();
    child.once('exit', () => {
      const isCommand = child.spawnargs[0] === 'git' && child.spawnargs[1] !== 'cat-file';
      if (isCommand) intervals.push({ startMs, endMs: performance.now() });
    });
  };
  subscribe('child_process', listen);
  return { intervals, stop: () => void unsubscribe('child_process', listen) };
}
