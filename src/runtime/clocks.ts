/** Time limits interrupt what is running: the run's own, and those of called workflows. The decisions are in the engine. */
import { hasTimedCalls, timedCalls } from '../engine/timed-calls.ts';
import type { Fact } from '../events/event.ts';
import type { Stage } from './dependencies.ts';

export interface Clocks {
  /** To be called whenever the state may have changed: calls begin and end. */
  sync(): void;
  stop(): void;
}

export function startClocks(stage: Stage): Clocks {
  const run = watchRun(stage);
  const calls = new Map<string, NodeJS.Timeout>();
  const isTimed = hasTimedCalls(stage.plan.nodes);
  const drop = (path: string) => {
    clearTimeout(calls.get(path));
    calls.delete(path);
  };
  return {
    sync() {
      if (!isTimed) return;
      const open = timedCalls(stage.plan, stage.state());
      for (const path of calls.keys()) if (!open.some((call) => call.path === path)) drop(path);
      for (const { path, maxMs, leftMs } of open) {
        if (own(stage, path)) continue;
        // Set anew each time: the time between two engines does not count, and a path may be called again.
        drop(path);
        const fact = { type: 'budget_exceeded', scope: 'call', step: path } as const;
        calls.set(path, tellAfter(stage, leftMs, { ...fact, kind: 'time', max: maxMs, current: maxMs }));
      }
    },
    stop() {
      clearTimeout(run);
      for (const path of calls.keys()) drop(path);
    },
  };
}

/** Told already: the call is being ended. */
function own(stage: Stage, path: string): boolean {
  return Object.hasOwn(stage.state().overdrawn, path);
}

function watchRun(stage: Stage): NodeJS.Timeout | undefined {
  const maxMs = stage.plan.limits.maxTimeoutMs;
  if (maxMs === null) return undefined;
  const leftMs = Math.max(0, maxMs - stage.state().activeMs);
  return tellAfter(stage, leftMs, {
    type: 'budget_exceeded',
    scope: 'run',
    kind: 'time',
    max: maxMs,
    current: maxMs,
  });
}

function tellAfter(stage: Stage, ms: number, fact: Fact): NodeJS.Timeout {
  return setTimeout(() => {
    // A ledger that cannot be written fails the run at the next event of its own.
    stage.recorder.emit(fact).catch(() => undefined);
  }, ms);
}
