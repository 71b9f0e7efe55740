/** A delivery → the handlers: answered first, worked on afterwards, one event of an issue at a time. */
import {
  answersForEvents,
  decideTrigger,
  type EventOrder,
  type IncomingConfig,
  type Intent,
  launcher,
  limits,
  type Outcome,
  persist,
  statusOf,
} from '../src/index.ts';
import type { Clients } from './clients.ts';
import type { Log } from './log.ts';
import { createPark } from './park.ts';
import type { Queue } from './queue.ts';
import { type AppSettings, selfOf } from './settings.ts';

export interface AppParts {
  readonly settings: AppSettings;
  readonly queue: Queue;
  readonly log: Log;
  readonly clients: Clients;
  /** Behind the first try of an event, doubled each time. */
  readonly backoffMs: number;
}

/** One delivery whose signature was right. */
export interface Delivery {
  /** GitHub's GUID: the same at every attempt. */
  readonly id: string;
  /** Without action, for example `issue_comment`. */
  readonly name: string;
  readonly payload: unknown;
  readonly bytes: number;
}

/** `full`: there is no room; GitHub keeps it as failed, and it is asked for again later. */
export type Accepted = 'ignored' | 'accepted' | 'full';

/** Looks at deliveries, and works on those that ask for something. */
export function createApp(parts: AppParts): (delivery: Delivery) => Accepted {
  const { log, settings } = parts;
  const config = configOf(settings);
  const put = workOn({ ...parts, config, claims: new Set<string>() });
  return (delivery) => {
    const { id: told, name, payload } = delivery;
    const intent = decideTrigger(name, payload, config, told);
    if (intent.kind === 'ignore') {
      log.debug(intent.reason, { delivery: told, event: name, done: 'ignored' });
      return 'ignored';
    }
    const installationId = installationOf(payload);
    if (installationId === null) {
      log.warn('a delivery without an installation was dropped', { delivery: told, event: name });
      return 'ignored';
    }
    const place = { installationId, key: keyOf(intent), sinceMs: Date.now() };
    if (put(delivery, place)) return 'accepted';
    log.warn('a delivery was put off: there is no room for it', { delivery: told, event: name });
    return 'full';
  };
}

/** Puts a delivery into the queue, and again and again when it is to be looked at again; false where there is no room. */
function workOn(work: WorkParts): (delivery: Delivery, place: Place) => boolean {
  const { queue, log, backoffMs } = work;
  const park = createPark({ itemsMax: limits.appQueueMax, bytesMax: limits.appQueueBytesMax });
  const patienceMs = limits.appPatienceMs * (backoffMs / limits.eventBackoffMs);
  const put = (delivery: Delivery, place: Place): boolean => {
    const run = async (): Promise<void> => {
      const waitMs = (await handle(delivery, place, work))?.lookAgainAfterMs;
      if (waitMs !== undefined) later(delivery, place, waitMs + backoffMs);
    };
    return queue.add({ key: place.key, bytes: delivery.bytes, run });
  };
  const later = (delivery: Delivery, place: Place, afterMs: number): void => {
    const { id, name: event, bytes } = delivery;
    const isLate = Date.now() + afterMs - place.sinceMs > patienceMs;
    const run = () => put(delivery, place) || later(delivery, place, afterMs);
    if (isLate || !park({ bytes, afterMs, run }))
      log.error('an event was given up: it was put off for too long, or too many were', {
        ...{ delivery: id, event },
      });
  };
  return put;
}

interface Place {
  readonly installationId: number;
  readonly key: string;
  /** When it came, in ms since 1970. */
  readonly sinceMs: number;
}

function keyOf(intent: Exclude<Intent, { kind: 'ignore' }>): string {
  if (intent.kind === 'queue') return `${intent.queue.owner}/${intent.queue.repo}@${intent.queue.commit}`;
  const issue = intent.kind === 'press' ? intent : intent.issue;
  return `${issue.owner}/${issue.repo}#${issue.number}`;
}

function installationOf(payload: unknown): number | null {
  const { installation } = payload as { readonly installation?: { readonly id?: unknown } };
  return typeof installation?.id === 'number' ? installation.id : null;
}

interface WorkParts extends AppParts {
  readonly config: IncomingConfig;
  readonly claims: Set<string>;
}

/** Null where it was given up. */
async function handle(delivery: Delivery, place: Place, parts: WorkParts): Promise<Outcome | null> {
  const started = Date.now();
  const about = { delivery: delivery.id, event: delivery.name };
  const { backoffMs } = parts;
  const outcome = await persist({
    backoffMs,
    order: (failed) => orderOf({ delivery, place, failed }, parts),
    log: (message, fields) => parts.log.warn(message, { ...about, ...fields }),
  });
  if (outcome === null) return null;
  parts.log.info(outcome.detail, { ...about, done: outcome.done, ms: Date.now() - started });
  return outcome;
}

interface Try {
  readonly delivery: Delivery;
  readonly place: Place;
  /** What the try before threw; null at the first. */
  readonly failed: unknown;
}

/** A token that GitHub does not take any more is not kept for the rest of its hour. */
async function orderOf({ delivery, place, failed }: Try, parts: WorkParts): Promise<EventOrder> {
  const client = await parts.clients(place.installationId, { refresh: statusOf(failed) === 401 });
  const { id, name, payload } = delivery;
  const { config, claims } = parts;
  const dispatch = launcher(client);
  return { name, payload, delivery: id, client, config, dispatch, claims, log: () => undefined };
}

function configOf(settings: AppSettings): IncomingConfig {
  return {
    allowedAppIds: settings.allowedAppIds,
    self: selfOf(settings),
    defaultWorkflow: settings.defaultWorkflow,
    serverUrl: settings.serverUrl,
    ...answersForEvents,
  };
}
