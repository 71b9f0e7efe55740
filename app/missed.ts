/** What never arrived, or was left unfinished by a crash: GitHub has kept it, and sends it again when it is asked. */
import type { Octokit } from '@octokit/rest';
import { commandsLeft, createClient, explain, limits } from '../src/index.ts';
import { behind, failed, type Known, listDeliveries, maybeLeft } from './deliveries.ts';
import type { Log } from './log.ts';
import { type AppSettings, selfOf } from './settings.ts';
import { createTokens } from './tokens.ts';

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
 * Has GitHub send again what failed everywhere, the event behind each command that nobody finished, and for a process that has
 * just started what another one may have died over. Several replicas may do so at once: a delivery that comes twice changes
 * nothing. Gives the number of events.
 * @throws what a request threw.
 */
export async function lookForMissed(
  { settings, log }: { readonly settings: AppSettings; readonly log: Log },
  { isFirst }: { readonly isFirst: boolean },
): Promise<number> {
  const tokens = createTokens(settings);
  const clientOf = (token: string): Octokit => {
    const say = (line: string): void => log.info(line);
    return createClient({ token, apiUrl: settings.apiUrl, userAgent: 'gump-app', log: say }).octokit;
  };
  const app = clientOf(await tokens.app());
  const known = await listDeliveries(app, Date.now() - limits.appLookBackMs);
  const wanted = new Map(failed(known).map((one) => [one.guid, one]));
  for (const installation of await installations(app)) {
    await apart(log, `installation ${installation}`, async () => {
      const client = clientOf(await tokens.installation(installation));
      for (const one of await behindCommands(client, known, { settings, log })) wanted.set(one.guid, one);
    });
  }
  for (const one of wanted.values()) await askFor(one, { app, log });
  return wanted.size + (isFirst ? await askForLeft({ app, log, asked: new Set(wanted.keys()) }) : 0);
}

/** The events of commands that nobody finished, in all repositories of an installation. */
async function behindCommands(
  client: Octokit,
  known: readonly Known[],
  { settings, log }: { readonly settings: AppSettings; readonly log: Log },
): Promise<readonly Known[]> {
  const now = Date.now();
  const span = { since: now - limits.appLookBackMs, until: now - limits.takeoverAfterMs };
  const found: Known[] = [];
  for (const repository of await repositories(client)) {
    await apart(log, `${repository.owner}/${repository.repo}`, async () => {
      const left = await commandsLeft(client, { ...repository, self: selfOf(settings) }, span);
      for (const one of left) found.push(...behind(known, { ...one, repository: repository.id }));
    });
  }
  return found;
}

interface Asking {
  readonly app: Octokit;
  readonly log: Log;
}

async function askFor({ id, event, action }: Known, { app, log }: Asking): Promise<void> {
  log.info('GitHub is asked to send an event again', { attempt: id, event, action });
  await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id });
}

/** Of replicas that start at the same moment each asks for a few, chosen by chance, and sees then what others have asked for. */
async function askForLeft({
  app,
  log,
  asked,
}: Asking & { readonly asked: ReadonlySet<string> }): Promise<number> {
  const mine = new Set(asked);
  let before: ReadonlySet<number> | null = null;
  for (;;) {
    const known = await listDeliveries(app, Date.now() - limits.appLookBackMs);
    before ??= new Set(known.map(({ id }) => id));
    const left = maybeLeft(known).filter(({ id, guid }) => before?.has(id) && !mine.has(guid));
    if (left.length === 0) return mine.size - asked.size;
    for (const one of byChance(left).slice(0, limits.appAgainAtOnce)) {
      mine.add(one.guid);
      await askFor(one, { app, log });
    }
  }
}

function byChance<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** One that cannot be read (uninstalled just now, without issues, a right taken away) must not keep the others waiting. */
async function apart(log: Log, what: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    log.warn('nobody looked for unfinished commands there', { in: what, error: explain(error) });
  }
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
