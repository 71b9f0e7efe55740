/** What never arrived, or was left unfinished by a crash: GitHub has kept it, and sends it again when it is asked. */
import type { Octokit } from '@octokit/rest';
import { commandsLeft, createClient, explain, limits } from '../src/index.ts';
import type { Log } from './log.ts';
import type { AppSettings } from './settings.ts';
import { createTokens } from './tokens.ts';
import { eventsHandled } from './webhook.ts';

/** Looks at once and then again and again; gives a way to stop that. 0: never. */
export function keepLooking(
  look: () => Promise<number>,
  { everyMs, log }: { readonly everyMs: number; readonly log: Log },
): () => void {
  if (everyMs === 0) return () => undefined;
  const once = (): void =>
    void look().catch((error: unknown) =>
      log.warn('GitHub was not asked for what was missed', { error: explain(error) }),
    );
  const timer = setInterval(once, everyMs);
  once();
  return () => clearInterval(timer);
}

/**
 * Has GitHub send again what failed everywhere, and the event behind each command that nobody finished. Several
 * replicas may do so at once: a delivery that comes twice changes nothing.
 * @throws what a request threw.
 */
export async function lookForMissed(settings: AppSettings, log: Log): Promise<number> {
  const tokens = createTokens(settings);
  const clientOf = (token: string): Octokit => {
    const say = (line: string): void => log.info(line);
    return createClient({ token, apiUrl: settings.apiUrl, userAgent: 'gump-app', log: say }).octokit;
  };
  const app = clientOf(await tokens.app());
  const now = Date.now();
  const known = await deliveries(app, now - limits.appLookBackMs);
  const wanted = new Set(failed(known));
  const span = { since: now - limits.appLookBackMs, until: now - limits.takeoverAfterMs };
  for (const installation of await installations(app)) {
    await apart(log, `installation ${installation}`, async () => {
      const client = clientOf(await tokens.installation(installation));
      for (const repository of await repositories(client)) {
        await apart(log, `${repository.owner}/${repository.repo}`, async () => {
          for (const { createdAt } of await commandsLeft(client, repository, span))
            for (const id of behind(known, { repository: repository.id, createdAt })) wanted.add(id);
        });
      }
    });
  }
  for (const id of wanted) {
    log.info('GitHub is asked to send an event again', { attempt: id });
    await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id });
  }
  return wanted.size;
}

/** One that cannot be read (uninstalled just now, without issues, a right taken away) must not keep the others waiting. */
async function apart(log: Log, what: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    log.warn('nobody looked for unfinished commands there', { in: what, error: explain(error) });
  }
}

interface Known {
  /** Of one attempt. */
  readonly id: number;
  /** The same at every attempt. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repository: number | null;
  readonly atMs: number;
  readonly isOk: boolean;
  /** On its way still. */
  readonly isPending: boolean;
}

/** Newest first. @source GitHub REST, "List deliveries for an app webhook": those of three days (2026-11) */
async function deliveries(app: Octokit, sinceMs: number): Promise<readonly Known[]> {
  const known: Known[] = [];
  const pages = app.paginate.iterator('GET /app/hook/deliveries', { per_page: 100 });
  for await (const { data } of pages) {
    for (const one of data)
      known.push({
        id: one.id,
        guid: one.guid,
        event: one.event,
        action: one.action,
        repository: one.repository_id,
        atMs: Date.parse(one.delivered_at),
        isOk: one.status_code >= 200 && one.status_code < 300,
        isPending: /pending/i.test(one.status),
      });
    const last = known.at(-1);
    if (!last || last.atMs < sinceMs || known.length >= limits.appLookDeliveriesMax) break;
  }
  return known.filter(({ event, atMs }) => atMs >= sinceMs && eventsHandled.includes(event));
}

/** One attempt of each event that no attempt of brought here, and that is not on its way. */
function failed(known: readonly Known[]): readonly number[] {
  const arrived = new Set(known.filter(({ isOk, isPending }) => isOk || isPending).map(({ guid }) => guid));
  return newest(known.filter(({ guid }) => !arrived.has(guid)));
}

/** The event of a command: GitHub does not tell which comment a delivery is about, but when it was made, and where. */
function behind(
  known: readonly Known[],
  { repository, createdAt }: { readonly repository: number; readonly createdAt: string },
): readonly number[] {
  const madeMs = Date.parse(createdAt);
  const guids = new Set(
    known
      .filter((one) => one.event === 'issue_comment' && one.action === 'created')
      .filter((one) => one.repository === repository)
      .filter(({ atMs }) => atMs >= madeMs - 1_000 && atMs <= madeMs + limits.appDeliveryMs)
      .map(({ guid }) => guid),
  );
  return newest(known.filter(({ guid }) => guids.has(guid)));
}

/** The newest attempt of each event that was not tried too often already. */
function newest(known: readonly Known[]): readonly number[] {
  const attempts = Map.groupBy(known, ({ guid }) => guid);
  return [...attempts.values()].flatMap((tries) => {
    const [latest] = tries;
    return latest && tries.length <= limits.appRedeliveriesMax ? [latest.id] : [];
  });
}

async function installations(app: Octokit): Promise<readonly number[]> {
  const all = await app.paginate('GET /app/installations', { per_page: 100 });
  return all.filter(({ suspended_at }) => !suspended_at).map(({ id }) => id);
}

interface Place {
  readonly id: number;
  readonly owner: string;
  readonly repo: string;
}

async function repositories(client: Octokit): Promise<readonly Place[]> {
  const all = await client.paginate('GET /installation/repositories', { per_page: 100 });
  return all
    .filter(({ archived, disabled }) => !archived && !disabled)
    .map(({ id, name, owner }) => ({ id, owner: owner.login, repo: name }));
}
