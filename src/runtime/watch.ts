/** The clock beside an attempt: how long it takes, and how long it gives no sign of life. `decide` acts on what is written down. */
import type { AgentEffect } from '../engine/effect.ts';
import { locate } from '../engine/place.ts';
import { limits } from '../limits.ts';
import type { Guard } from '../workflow/workflow.ts';
import type { Stage } from './dependencies.ts';

export interface Watch {
  /** A sign of life. */
  alive(): void;
  stop(): void;
}

export interface Watched {
  readonly guard: Guard;
  /** When something last moved that the agent's stream does not show, as `performance.now` tells time. */
  readonly movedAtMs: () => number;
}

export function watchAttempt(stage: Stage, effect: AgentEffect, { guard, movedAtMs }: Watched): Watch {
  const maxMs = guard.maxTimeMs ?? limits.attemptTimeoutMs;
  const idleMs = guard.idleTimeoutMs ?? limits.idleTimeoutMs;
  let aliveAtMs = performance.now();
  const timer = setTimeout(() => {
    trigger(stage, effect, { guard: 'max_time', reason: `the agent still ran after ${seconds(maxMs)}` });
  }, maxMs);
  const stopListening = awaitSilence(
    idleMs,
    () => Math.max(aliveAtMs, movedAtMs()),
    () => {
      const reason = `the agent gave no sign of life for ${seconds(idleMs)}: it printed nothing, and no model answered it`;
      trigger(stage, effect, { guard: 'idle_timeout', reason });
    },
  );
  return {
    alive() {
      aliveAtMs = performance.now();
    },
    stop() {
      clearTimeout(timer);
      stopListening();
    },
  };
}

/** Calls `onSilence` once, when nothing was heard for so long. */
function awaitSilence(idleMs: number, heardAtMs: () => number, onSilence: () => void): () => void {
  let timer: NodeJS.Timeout;
  let look: NodeJS.Immediate | undefined;
  const wait = () => {
    const restMs = heardAtMs() + idleMs - performance.now();
    if (restMs <= 0) return onSilence();
    // An engine that was held up has not read yet what came meanwhile: that is read first.
    timer = setTimeout(() => {
      look = setImmediate(wait);
    }, restMs);
  };
  wait();
  return () => {
    clearTimeout(timer);
    clearImmediate(look);
  };
}

function trigger(
  stage: Stage,
  { path, attempt }: AgentEffect,
  { guard, reason }: { readonly guard: string; readonly reason: string },
): void {
  const fact = {
    ...{ type: 'guard_triggered' as const, step: path, attempt, guard },
    reason: `${guard}: ${reason}`,
  };
  stage.recorder
    // Its agent may be on the way to its end already.
    .emitBy((state) => (locate(stage.plan, state, path)?.step?.attempt?.guard ? [] : [fact]))
    // A failure to write is met by the next event of the attempt itself, which fails in the same way.
    .catch(() => undefined);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
