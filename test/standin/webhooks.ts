import { createHmac, randomUUID } from 'node:crypto';
import { random } from './faults.ts';
import type { App, Delivery, Repository } from './records.ts';
import { repositoryJson } from './repos.ts';
import { nextId, nodeId } from './state.ts';
import { userJson } from './users.ts';
import type { Actor, World } from './world.ts';

/** GitHub waits this long for an answer. @source https://docs.github.com/webhooks (2026-11) */
const DELIVERY_TIMEOUT_MS = 10_000;

export interface Happening {
  readonly repository: Repository;
  readonly actor: Actor;
  readonly event: string;
  readonly action: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Only this App gets it (a button on its check run). */
  readonly onlyAppId?: number;
}

/** Sends a webhook to every App that asked for the event, and tells whoever runs workflows. */
export function emit(world: World, happening: Happening): void {
  const { repository, actor, event, action } = happening;
  const payload = {
    ...(action === null ? {} : { action }),
    repository: repositoryJson(world, repository),
    ...happening.payload,
    sender: userJson(world, actor.user),
  };
  for (const app of world.state.apps.values()) {
    if (app.webhook_url === null || !app.events.includes(event)) continue;
    if (happening.onlyAppId !== undefined && happening.onlyAppId !== app.id) continue;
    deliver(world, app, happening, payload);
  }
  const startsWorkflows = actor.kind !== 'job';
  for (const handler of world.eventHandlers) {
    handler({ event, action, repository, payload, actor: actor.user.login, startsWorkflows });
  }
}

function deliver(world: World, app: App, happening: Happening, shared: Record<string, unknown>): void {
  const installation = { id: app.installation_id, node_id: nodeId('MDIz', app.installation_id) };
  const delivery = newDelivery(world, app, {
    guid: randomUUID(),
    event: happening.event,
    action: happening.action,
    repository_id: happening.repository.id,
    redelivery: false,
    payload: { ...shared, installation },
  });
  send(world, app, delivery);
  if (world.faults.duplicateDeliveries) send(world, app, delivery);
}

/** Sends the same payload under the same GUID once more. */
export function redeliver(world: World, { id: _, ...old }: Delivery): void {
  const app = world.state.apps.get(old.app_id);
  if (app) send(world, app, newDelivery(world, app, { ...old, redelivery: true }));
}

type New = Pick<Delivery, 'guid' | 'event' | 'action' | 'repository_id' | 'redelivery' | 'payload'>;

function newDelivery(world: World, app: App, from: New): Delivery {
  const delivery: Delivery = {
    id: nextId(world.state, 'delivery'),
    guid: from.guid,
    app_id: app.id,
    event: from.event,
    action: from.action,
    repository_id: from.repository_id,
    installation_id: app.installation_id,
    redelivery: from.redelivery,
    payload: from.payload,
    delivered_at: new Date().toISOString(),
    status_code: 0,
    status: 'PENDING',
    duration: 0,
  };
  world.state.deliveries.push(delivery);
  return delivery;
}

function send(world: World, app: App, delivery: Delivery): void {
  // The payload is what the world looks like now, not when the request leaves.
  const body = JSON.stringify(delivery.payload);
  const waitMs = world.faults.reorderDeliveries ? random(world.faults) * 200 : 0;
  const work = new Promise((resolve) => setTimeout(resolve, waitMs)).then(() => post(app, delivery, body));
  world.pending.add(work);
  void work.finally(() => world.pending.delete(work));
}

async function post(app: App, delivery: Delivery, body: string): Promise<void> {
  const startedMs = performance.now();
  try {
    const answer = await fetch(app.webhook_url ?? '', {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/standin',
        'x-github-event': delivery.event,
        'x-github-delivery': delivery.guid,
        'x-github-hook-id': String(app.id),
        'x-github-hook-installation-target-type': 'integration',
        'x-github-hook-installation-target-id': String(app.id),
        'x-hub-signature-256': `sha256=${createHmac('sha256', app.webhook_secret).update(body).digest('hex')}`,
      },
    });
    await answer.arrayBuffer();
    delivery.status_code = answer.status;
    delivery.status = answer.ok ? 'OK' : answer.statusText || 'Invalid HTTP Response';
  } catch (error) {
    delivery.status = error instanceof DOMException ? 'timed out' : 'failed to connect to host';
  }
  delivery.duration = Math.round(performance.now() - startedMs) / 1000;
}

/** GitHub's `hook-delivery-item`. */
export function deliveryJson(delivery: Delivery): Record<string, unknown> {
  const { payload: _, app_id: __, ...item } = delivery;
  return { ...item, throttled_at: null };
}
