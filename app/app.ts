/** A delivery → the handlers: answered first, worked on afterwards, one event of an issue at a time. */
import {
  decideTrigger,
  describeRun,
  describeWorkflow,
  type EventOrder,
  type IncomingConfig,
  type Intent,
  launcher,
  limits,
  type Outcome,
  persist,
  planOfRecord,
  replayProblem,
} from '../src/index.ts';
import type { Clients } from './clients.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue.ts';
import type { AppSettings } from './settings.ts';

export interface AppParts {
  readonly settings: AppSettings;
  readonly queue: Queue;
  readonly log: Log;
  readonly clients: Clients;
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
  const { queue, log, settings } = parts;
  const config = configOf(settings);
  const work = { ...parts, config, claims: new Set<number>() };
  const put = (delivery: Delivery, place: Place): boolean => {
    const run = async (): Promise<void> => {
      const waitMs = (await handle(delivery, place, work))?.lookAgainAfterMs;
      if (waitMs !== undefined) setTimeout(() => put(delivery, place), waitMs + 1_000).unref();
    };
    return queue.add({ key: place.key, bytes: delivery.bytes, run });
  };
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
    if (put(delivery, { installationId, key: keyOf(intent) })) return 'accepted';
    log.warn('a delivery was put off: there is no room for it', { delivery: told, event: name });
    return 'full';
  };
}

interface Place {
  readonly installationId: number;
  readonly key: string;
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
  readonly claims: Set<number>;
}

/** Null where it was given up. */
async function handle(delivery: Delivery, place: Place, parts: WorkParts): Promise<Outcome | null> {
  const started = Date.now();
  const about = { delivery: delivery.id, event: delivery.name };
  const outcome = await persist({
    order: () => orderOf(delivery, place, parts),
    log: (message, fields) => parts.log.warn(message, { ...about, ...fields }),
  });
  if (outcome === null) return null;
  parts.log.info(outcome.detail, { ...about, done: outcome.done, ms: Date.now() - started });
  return outcome;
}

async function orderOf(delivery: Delivery, place: Place, parts: WorkParts): Promise<EventOrder> {
  const client = await parts.clients(place.installationId);
  const { id, name, payload } = delivery;
  const { config, claims } = parts;
  const dispatch = launcher(client);
  return { name, payload, delivery: id, client, config, dispatch, claims, log: () => undefined };
}

function configOf(settings: AppSettings): IncomingConfig {
  return {
    allowedAppIds: settings.allowedAppIds,
    self: { appIds: [settings.appId, settings.actionsAppId], userId: null },
    defaultWorkflow: settings.defaultWorkflow,
    serverUrl: settings.serverUrl,
    describeWorkflow,
    planOf: planOfRecord,
    replayProblem,
    describeRun,
    takeoverAfterMs: limits.takeoverAfterMs,
  };
}
