/** Handles an event until it is done: GitHub takes what was delivered for done, so what fails is tried again here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { failureOf } from './api/failure.ts';
import { statusOf } from './api/rest.ts';
import { giveUpEvent, handleEvent } from './handle.ts';
import type { EventOrder, Outcome } from './incoming.ts';

export interface PersistOptions {
  /**
   * Made anew for every try, and told what the one before it threw: a token lasts for an hour only, and may be taken away. The
   * promise rejects where there is none to be had.
   */
  readonly order: (failed: unknown) => Promise<EventOrder>;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Behind the first try, doubled each time; default: limits.eventBackoffMs. */
  readonly backoffMs?: number;
}

/**
 * Null where it was given up, which is said on the issue where somebody waits. Where GitHub cannot be reached for so long, not
 * even to say that, it is put off: the host looks again, or gives it up. Never rejects.
 */
export async function persist(options: PersistOptions): Promise<Outcome | null> {
  const { order, log, backoffMs = limits.eventBackoffMs } = options;
  let failed: unknown = null;
  for (let tries = 1; ; tries++) {
    try {
      return await handleEvent(await order(failed));
    } catch (error) {
      if (tries >= limits.eventTriesMax || isSettled(error)) return await giveUp(options, error);
      failed = error;
      log('an event failed and is tried again', { error: explain(error) });
      await sleep(backoffMs * 2 ** (tries - 1));
    }
  }
}

/** What a person or a limit of ours has to mend is the same at every try. */
function isSettled(error: unknown): boolean {
  return error instanceof GumpError && !error.retryable;
}

async function giveUp(options: PersistOptions, error: unknown): Promise<Outcome | null> {
  const { order, log } = options;
  try {
    const isTold = await giveUpEvent(await order(error), error);
    if (!isTold && maybeLater(error)) return putOff(options, error);
    log('an event was given up', { error: explain(error), told: isTold });
  } catch (cause) {
    if (maybeLater(cause)) return putOff(options, cause);
    log('an event was given up, and nobody could be told', { error: explain(error), cause: explain(cause) });
  }
  return null;
}

/** True for what only time mends: a GitHub that does not answer, or answers no more for now. */
function maybeLater(error: unknown): boolean {
  if (error instanceof GumpError) return error.retryable;
  const { kind } = failureOf(error, Date.now());
  return kind === 'throttled' || (kind === 'unknown' && statusOf(error) !== null);
}

function putOff({ backoffMs = limits.eventBackoffMs }: PersistOptions, error: unknown): Outcome {
  const { waitMs, message } = failureOf(error, Date.now());
  const lookAgainAfterMs = Math.max(waitMs ?? 0, backoffMs * 2 ** limits.eventTriesMax);
  return { done: 'put off', detail: `GitHub cannot be reached for this: ${message}`, lookAgainAfterMs };
}
