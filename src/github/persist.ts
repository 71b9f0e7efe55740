/** Handles an event until it is done: GitHub takes what was delivered for done, so what fails is tried again here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { giveUpEvent, handleEvent } from './handle.ts';
import type { EventOrder, Outcome } from './incoming.ts';

export interface PersistOptions {
  /** Made anew for every try: a token lasts for an hour only. The promise rejects where there is none to be had. */
  readonly order: () => Promise<EventOrder>;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Behind the first try, doubled each time; default: limits.eventBackoffMs. */
  readonly backoffMs?: number;
}

/** Null where it was given up, which is said on the issue where somebody waits. Never rejects. */
export async function persist(options: PersistOptions): Promise<Outcome | null> {
  const { order, log, backoffMs = limits.eventBackoffMs } = options;
  for (let tries = 1; ; tries++) {
    try {
      return await handleEvent(await order());
    } catch (error) {
      if (tries >= limits.eventTriesMax || isSettled(error)) {
        await giveUp(options, error);
        return null;
      }
      log('an event failed and is tried again', { error: explain(error) });
      await sleep(backoffMs * 2 ** (tries - 1));
    }
  }
}

/** What a person or a limit of ours has to mend is the same at every try. */
function isSettled(error: unknown): boolean {
  return error instanceof GumpError && !error.retryable;
}

async function giveUp({ order, log }: PersistOptions, error: unknown): Promise<void> {
  log('an event was given up', { error: explain(error) });
  try {
    await giveUpEvent(await order(), error);
  } catch (cause) {
    log('nobody could be told that', { error: explain(cause) });
  }
}
