/** Webhook → handler: answered first, worked on afterwards, one event of an issue at a time. */
import type { Probot } from 'probot';
import {
  describeWorkflow,
  type EventOrder,
  explain,
  GumpError,
  githubActionsAppId,
  giveUpEvent,
  handleEvent,
  type IncomingConfig,
  limits,
  type Outcome,
} from '../src/index.ts';
import type { Clients } from './clients.ts';
import { launcher } from './launcher.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue.ts';
import type { AppSettings } from './settings.ts';

export interface AppParts {
  readonly settings: AppSettings;
  readonly queue: Queue;
  readonly log: Log;
  readonly clients: Clients;
}

const events = ['issues', 'issue_comment'] as const;

/** Registers the handlers on a Probot instance. */
export function register(probot: Probot, parts: AppParts): void {
  const { queue, log } = parts;
  const claims = new Set<number>();
  const accept = (key: string, delivery: Delivery): void =>
    queue.add(key, async () => {
      const outcome = await persistently(delivery, { ...parts, claims });
      if (outcome?.lookAgainAfterMs === undefined) return;
      setTimeout(() => accept(key, delivery), outcome.lookAgainAfterMs + 1_000).unref();
    });
  probot.on([...events], (context) => {
    const { id, name, payload } = context;
    const installationId = payload.installation?.id;
    const { number } = payload.issue;
    if (installationId === undefined) {
      log('a delivery without an installation was dropped', { delivery: id, event: name });
      return;
    }
    accept(`${payload.repository.full_name}#${number}`, { installationId, name, payload, id });
  });
  probot.onError((error) => {
    log('a delivery was not handled', { error: explain(error) });
  });
}

interface Delivery {
  readonly installationId: number;
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

interface WorkParts extends AppParts {
  readonly claims: Set<number>;
}

async function orderOf({ installationId, name, payload }: Delivery, parts: WorkParts): Promise<EventOrder> {
  const client = await parts.clients(installationId);
  return {
    name,
    payload,
    client,
    config: configOf(parts.settings),
    dispatch: launcher(client),
    claims: parts.claims,
    log: () => undefined,
  };
}

async function work(delivery: Delivery, parts: WorkParts): Promise<Outcome> {
  const started = Date.now();
  const outcome = await handleEvent(await orderOf(delivery, parts));
  const { id, name } = delivery;
  parts.log(outcome.detail, { delivery: id, event: name, done: outcome.done, ms: Date.now() - started });
  return outcome;
}

function configOf(settings: AppSettings): IncomingConfig {
  return {
    allowedAppIds: settings.allowedAppIds,
    self: { appIds: [settings.appId, githubActionsAppId], userId: null },
    defaultWorkflow: settings.defaultWorkflow,
    serverUrl: settings.serverUrl,
    describeWorkflow,
    takeoverAfterMs: limits.takeoverAfterMs,
  };
}

/** GitHub takes an answered delivery for done, so what fails is tried again here; null where it was given up. */
async function persistently(delivery: Delivery, parts: WorkParts): Promise<Outcome | null> {
  for (const waitMs of [1_000, 2_000, 5_000, 10_000, 30_000, null]) {
    try {
      return await work(delivery, parts);
    } catch (error) {
      if (waitMs === null || isSettled(error)) {
        await giveUp(delivery, parts, error);
        return null;
      }
      parts.log('an event failed and is tried again', { delivery: delivery.id, error: explain(error) });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return null;
}

/** What a person or a limit of ours has to mend is the same at every try. */
function isSettled(error: unknown): boolean {
  return error instanceof GumpError && !error.retryable;
}

async function giveUp(delivery: Delivery, parts: WorkParts, error: unknown): Promise<void> {
  parts.log('an event was given up', { delivery: delivery.id, error: explain(error) });
  try {
    await giveUpEvent(await orderOf(delivery, parts), error);
  } catch (cause) {
    parts.log('nobody could be told that', { delivery: delivery.id, error: explain(cause) });
  }
}
