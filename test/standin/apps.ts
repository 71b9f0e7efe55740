import { randomBytes } from 'node:crypto';
import { addToken, grants, maySee } from './auth.ts';
import type { App, Permissions, Repository } from './records.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryJson } from './repos.ts';
import { type Answer, type Call, ok, page, type Route, route } from './router.ts';
import { convertManifest } from './setup.ts';
import { userJson } from './users.ts';
import { deliveryJson, redeliver } from './webhooks.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** GitHub's `integration`. */
export function appJson(world: World, app: App): Record<string, unknown> {
  return {
    id: app.id,
    slug: app.slug,
    node_id: app.node_id,
    client_id: app.client_id,
    owner: userJson(world, app.owner),
    name: app.name,
    description: null,
    external_url: world.url,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: app.created_at,
    updated_at: app.created_at,
    permissions: { metadata: 'read', ...app.permissions },
    events: app.events,
  };
}

/** GitHub's `installation`. */
export function installationJson(world: World, app: App): Record<string, unknown> {
  const id = app.installation_id;
  const account = [...world.state.repositories.values()][0]?.owner ?? app.owner;
  return {
    id,
    client_id: app.client_id,
    account: userJson(world, account),
    repository_selection: 'all',
    access_tokens_url: `${world.apiUrl}/app/installations/${id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: { metadata: 'read', ...app.permissions },
    events: app.events,
    created_at: app.created_at,
    updated_at: app.created_at,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

function ownApp(call: Call): App {
  if (!call.actor.app) throw notFound();
  return call.actor.app;
}

function ownInstallation(call: Call): App {
  const app = ownApp(call);
  if (call.values.installation_id !== app.installation_id) throw notFound();
  return app;
}

function createInstallationToken(call: Call): Answer {
  const { world, body } = call;
  const app = ownInstallation(call);
  const wanted = (body.permissions ?? {}) as Permissions;
  for (const [permission, level] of Object.entries(wanted)) {
    if (!grants(app.permissions, permission, level)) {
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
    }
  }
  const permissions = Object.keys(wanted).length > 0 ? wanted : app.permissions;
  const chosen = chosenRepositories(world, body);
  const token = addToken(
    world,
    {
      value: `ghs_${randomBytes(18).toString('hex')}`,
      kind: 'installation',
      user: app.bot,
      permissions,
      app_id: app.id,
      repository_ids: chosen?.map((repository) => repository.id) ?? null,
    },
    HOUR_MS,
  );
  return ok(
    {
      token: token.value,
      expires_at: token.expires_at,
      permissions: { metadata: 'read', ...permissions },
      repository_selection: chosen ? 'selected' : 'all',
      ...(chosen ? { repositories: chosen.map((repository) => repositoryJson(world, repository)) } : {}),
    },
    201,
  );
}

function chosenRepositories(world: World, body: Call['body']): Repository[] | null {
  const names = body.repositories as readonly string[] | undefined;
  const ids = body.repository_ids as readonly number[] | undefined;
  if (!names && !ids) return null;
  const all = [...world.state.repositories.values()];
  const chosen = all.filter(({ name, id }) => names?.includes(name) || ids?.includes(id));
  if (chosen.length < (names ?? ids ?? []).length) {
    throw invalid(
      [],
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return chosen;
}

function newApp(call: Call): Answer {
  const { world } = call;
  const made = convertManifest(world, String(call.values.code));
  const app = made && world.state.apps.get(made.appId);
  if (!made || !app) throw notFound();
  const { privateKeyPem: pem, webhookSecret, clientId } = made;
  return ok(
    {
      ...appJson(world, app),
      ...{ pem, webhook_secret: webhookSecret, client_id: clientId, client_secret: 'standin' },
    },
    201,
  );
}

/** Deliveries have no numbered pages: each names the delivery that the next one begins behind. */
function cursorPage(call: Call, items: readonly Record<string, unknown>[]): Answer {
  const { per_page: size = 30, cursor } = call.values;
  const from = cursor === undefined ? 0 : items.findIndex(({ id }) => `v1_${id}` === cursor) + 1;
  const slice = items.slice(from, from + Number(size));
  const url = new URL(call.url);
  url.searchParams.set('cursor', `v1_${slice.at(-1)?.id}`);
  const isLast = from + slice.length >= items.length;
  return { status: 200, body: slice, headers: isLast ? {} : { link: `<${url.href}>; rel="next"` } };
}

export const appRoutes: readonly Route[] = [
  route('POST', '/app-manifests/{code}/conversions', 'anybody', newApp),
  route('GET', '/app', 'app', (call) => {
    const app = ownApp(call);
    return ok({ ...appJson(call.world, app), installations_count: 1 });
  }),
  route('GET', '/app/installations', 'app', (call) =>
    page(call, [installationJson(call.world, ownApp(call))]),
  ),
  route('GET', '/app/installations/{installation_id}', 'app', (call) =>
    ok(installationJson(call.world, ownInstallation(call))),
  ),
  route('POST', '/app/installations/{installation_id}/access_tokens', 'app', createInstallationToken),
  route('GET', '/app/hook/deliveries', 'app', (call) => {
    const mine = call.world.state.deliveries.filter((delivery) => delivery.app_id === ownApp(call).id);
    return cursorPage(call, mine.toReversed().map(deliveryJson));
  }),
  route('POST', '/app/hook/deliveries/{delivery_id}/attempts', 'app', (call) => {
    const found = call.world.state.deliveries.find(
      (delivery) => delivery.id === call.values.delivery_id && delivery.app_id === ownApp(call).id,
    );
    if (!found) throw notFound();
    redeliver(call.world, found);
    return ok({}, 202);
  }),
  route('GET', '/installation/repositories', [['metadata', 'read']], (call) => {
    const { world, actor } = call;
    if (actor.kind !== 'installation')
      throw new Refusal(
        403,
        'You must authenticate with an installation access token in order to list repositories for an installation.',
      );
    const { repository_ids: ids } = actor.token ?? { repository_ids: null };
    const seen = [...world.state.repositories.values()].filter(
      (repository) => maySee(actor, repository) && (ids === null || ids.includes(repository.id)),
    );
    return page(
      call,
      seen.map((repository) => repositoryJson(world, repository)),
      (repositories, total_count) => ({
        total_count,
        repository_selection: ids ? 'selected' : 'all',
        repositories,
      }),
    );
  }),
];
