/** Effects under way: each is started once, and ended when nobody wants it any more. */
import type { Effect } from '../engine/effect.ts';
import { GumpError } from '../errors.ts';
import type { Stage } from './dependencies.ts';
import { performAgent } from './perform-agent.ts';
import { performGate } from './perform-gate.ts';
import { performMerge } from './perform-merge.ts';

interface Running {
  readonly effect: Effect;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** What an effect throws is thrown by the next `dropUnwanted` or `dropBelow`: the world broke, and the loop ends. */
export function createFlights(stage: Stage) {
  const flights = new Map<string, Running>();
  let failure: unknown = null;
  let wake: () => void = () => undefined;

  function start(effect: Effect): void {
    const controller = new AbortController();
    const done = perform(stage, effect, controller.signal)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        flights.delete(effect.id);
        wake();
      });
    flights.set(effect.id, { effect, controller, done });
  }

  async function abort(running: readonly Running[]): Promise<void> {
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  async function drop(isUnwanted: (running: Running) => boolean): Promise<boolean> {
    const unwanted = [...flights.values()].filter(isUnwanted);
    await abort(unwanted);
    if (failure !== null) throw failure;
    return unwanted.length > 0;
  }

  return {
    size: () => flights.size,
    start(effects: readonly Effect[]): void {
      for (const effect of effects) if (!flights.has(effect.id)) start(effect);
    },
    /** What runs although nobody wants it any more (a guard, a limit) is ended before anything else is decided. */
    dropUnwanted(effects: readonly Effect[]): Promise<boolean> {
      const wanted = new Set(effects.map((effect) => effect.id));
      return drop(({ effect }) => !wanted.has(effect.id));
    },
    /** The same of what runs below a path, whatever is decided next. */
    dropBelow(paths: readonly string[]): Promise<boolean> {
      return drop(({ effect }) =>
        paths.some((path) => effect.kind !== 'record' && effect.path.startsWith(`${path}/`)),
      );
    },
    next: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    abortAll: () => abort([...flights.values()]),
  };
}

async function perform(stage: Stage, effect: Effect, signal: AbortSignal): Promise<void> {
  if (effect.kind === 'agent') return performAgent(stage, effect, signal);
  if (effect.kind === 'gate') return performGate(stage, effect, signal);
  if (effect.kind === 'merge') return performMerge(stage, effect);
  throw new GumpError(`nothing performs ${effect.id}`, { code: 'internal' });
}
