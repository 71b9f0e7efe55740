/** Webhook → handler: answered first, worked on afterwards, one event of an issue at a time. */
import type { Probot } from 'probot';
import {
  describeWorkflow,
  type EventOrder,
  explain,
  githubActionsAppId,
  type IncomingConfig,
  launcher,
  limits,
  type Outcome,
  persist,
  planOfRecord,
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

const events = ['issues', 'issue_comment', 'pull_request_review'] as const;

/** Registers the handlers on a Probot instance. */
export function register(probot: Probot, parts: AppParts): void {
  const { queue, log } = parts;
  const claims = new Set<number>();
  const accept = (key: string, delivery: Delivery): void =>
    queue.add(key, async () => {
      const outcome = await work(delivery, { ...parts, claims });
      if (outcome?.lookAgainAfterMs === undefined) return;
      setTimeout(() => accept(key, delivery), outcome.lookAgainAfterMs + 1_000).unref();
    });
  probot.on([...events], (context) => {
    const { id, name, payload } = context;
    const installationId = payload.installation?.id;
    const { number } = 'issue' in payload ? payload.issue : payload.pull_request;
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

/** Null where it was given up. */
async function work(delivery: Delivery, parts: WorkParts): Promise<Outcome | null> {
  const started = Date.now();
  const { id, name } = delivery;
  const outcome = await persist({
    order: () => orderOf(delivery, parts),
    log: (message, fields) => parts.log(message, { delivery: id, event: name, ...fields }),
  });
  if (outcome)
    parts.log(outcome.detail, { delivery: id, event: name, done: outcome.done, ms: Date.now() - started });
  return outcome;
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

function configOf(settings: AppSettings): IncomingConfig {
  return {
    allowedAppIds: settings.allowedAppIds,
    self: { appIds: [settings.appId, githubActionsAppId], userId: null },
    defaultWorkflow: settings.defaultWorkflow,
    serverUrl: settings.serverUrl,
    describeWorkflow,
    planOf: planOfRecord,
    takeoverAfterMs: limits.takeoverAfterMs,
  };
}
