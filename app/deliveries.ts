/** What GitHub has kept of its deliveries to this App: which came, which did not, and which may have been left. */
import type { Octokit } from '@octokit/rest';
import { type CommandLeft, limits } from '../src/index.ts';
import { acceptedStatus, eventsHandled } from './webhook.ts';

/** One attempt. */
export interface Known {
  readonly id: number;
  /** Of the event: the same at every attempt. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repository: number | null;
  readonly atMs: number;
  readonly isOk: boolean;
  /** Somebody has begun to work on it. */
  readonly isAccepted: boolean;
  /** On its way still. */
  readonly isPending: boolean;
}

/** Newest first. @source GitHub REST, "List deliveries for an app webhook": those of three days (2026-11) */
export async function listDeliveries(app: Octokit, sinceMs: number): Promise<readonly Known[]> {
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
        isAccepted: one.status_code === acceptedStatus,
        isPending: /pending/i.test(one.status),
      });
    const last = known.at(-1);
    if (!last || last.atMs < sinceMs || known.length >= limits.appLookDeliveriesMax) break;
  }
  return known.filter(({ event, atMs }) => atMs >= sinceMs && eventsHandled.includes(event));
}

/** One attempt of each event that no attempt of brought here, and that is not on its way. */
export function failed(known: readonly Known[]): readonly Known[] {
  const arrived = new Set(known.filter(({ isOk, isPending }) => isOk || isPending).map(({ guid }) => guid));
  return newest(known.filter(({ guid }) => !arrived.has(guid)));
}

/** The event of a command: GitHub does not tell which comment a delivery is about, but when it was made, and where. */
export function behind(
  known: readonly Known[],
  { repository, createdAt, act }: { readonly repository: number } & Pick<CommandLeft, 'createdAt' | 'act'>,
): readonly Known[] {
  const madeMs = Date.parse(act?.tickedAt ?? createdAt);
  const action = act ? 'edited' : 'created';
  const guids = new Set(
    known
      .filter((one) => one.repository === repository)
      .filter(({ guid, event, action: told, atMs }) => {
        if (act?.delivery) return guid === act.delivery;
        // GitHub tells whole seconds: what was made may seem younger than its delivery.
        const isThen = atMs >= madeMs - 1_000 && atMs <= madeMs + limits.appDeliveryMs;
        return event === 'issue_comment' && told === action && isThen;
      })
      .map(({ guid }) => guid),
  );
  return newest(known.filter(({ guid }) => guids.has(guid)));
}

/**
 * What a process may have died over: accepted at last before the newest event that anybody has taken. An event may leave no
 * trace before it is done (a label, a tick, a press, a review), and how long nobody listened is not known.
 */
export function maybeLeft(known: readonly Known[]): readonly Known[] {
  const lastMs = Math.max(...known.filter(({ isOk }) => isOk).map(({ atMs }) => atMs));
  const since = known.filter(({ atMs, isAccepted }) => isAccepted && atMs >= lastMs - limits.appPatienceMs);
  const pending = new Set(known.filter(({ isPending }) => isPending).map(({ guid }) => guid));
  const guids = new Set(since.map(({ guid }) => guid).filter((guid) => !pending.has(guid)));
  return newest(known.filter(({ guid }) => guids.has(guid))).slice(0, limits.appAgainMax);
}

/** The newest attempt of each event that was not tried too often already. */
function newest(known: readonly Known[]): readonly Known[] {
  const attempts = Map.groupBy(known, ({ guid }) => guid);
  return [...attempts.values()].flatMap((tries) => {
    const [latest] = tries;
    return latest && tries.length <= limits.appRedeliveriesMax ? [latest] : [];
  });
}
