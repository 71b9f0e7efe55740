/** Webhook → handler: answered first, worked on afterwards, one event of an issue at a time. */
import type { Probot } from 'probot';
import {
  describeWorkflow,
  explain,
  githubActionsAppId,
  handleEvent,
  type IncomingConfig,
  limits,
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
  probot.on([...events], (context) => {
    const { id, name, payload } = context;
    const installationId = payload.installation?.id;
    const { number } = payload.issue;
    const key = `${payload.repository.full_name}#${number}`;
    if (installationId === undefined) {
      log('a delivery without an installation was dropped', { delivery: id, event: name });
      return;
    }
    queue.add(key, async () => {
      await persistently(async () => await work({ installationId, name, payload, id }, parts), parts);
    });
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

async function work({ installationId, id, name, payload }: Delivery, parts: AppParts): Promise<void> {
  const { settings, log } = parts;
  const client = await parts.clients(installationId);
  const started = Date.now();
  const outcome = await handleEvent({
    name,
    payload,
    client,
    config: configOf(settings),
    dispatch: launcher(client),
    log: () => undefined,
  });
  log(outcome.detail, { delivery: id, event: name, done: outcome.done, ms: Date.now() - started });
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

/** GitHub takes an answered delivery for done, so what fails is tried again here. */
async function persistently(attempt: () => Promise<void>, { log }: AppParts): Promise<void> {
  for (const waitMs of [1_000, 10_000, null]) {
    try {
      await attempt();
      return;
    } catch (error) {
      log(waitMs === null ? 'an event was given up' : 'an event failed and is tried again', {
        error: explain(error),
      });
      if (waitMs !== null) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
