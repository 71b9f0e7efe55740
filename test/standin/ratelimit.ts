import { Refusal } from './refusal.ts';
import type { Actor, World } from './world.ts';

/** @source https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api (2026-11) */
export interface Limits {
  jobRequestsPerHour: number;
  requestsPerHour: number;
  contentWritesPerMinute: number;
  contentWritesPerHour: number;
}

export function githubLimits(): Limits {
  return {
    jobRequestsPerHour: 1000,
    requestsPerHour: 5000,
    contentWritesPerMinute: 80,
    contentWritesPerHour: 500,
  };
}

export interface Spent {
  resetAtMs: number;
  used: number;
  writesAtMs: number[];
}

const HOUR_MS = 3_600_000;
const books = new WeakMap<World, Map<string, Spent>>();

/** Headers that tell the actor what is left of the hour. */
export function rateHeaders(world: World, actor: Actor): Record<string, string> {
  const { limit, used, remaining, reset } = rate(world, actor);
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': 'core',
  };
}

/** @returns counts and the reset in epoch seconds. */
export function rate(world: World, actor: Actor): Record<'limit' | 'used' | 'remaining' | 'reset', number> {
  const limit = actor.kind === 'job' ? world.limits.jobRequestsPerHour : world.limits.requestsPerHour;
  const { used, resetAtMs } = account(world, actor);
  return {
    limit,
    used: Math.min(used, limit),
    remaining: Math.max(0, limit - used),
    reset: Math.ceil(resetAtMs / 1000),
  };
}

/** Books one request. @throws Refusal 403 when the hour or the write limits are used up. */
export function spend(world: World, actor: Actor, isWrite: boolean): void {
  const spent = account(world, actor);
  spent.used += 1;
  const { limit, reset } = rate(world, actor);
  if (spent.used > limit) {
    throw new Refusal(403, `API rate limit exceeded for ${key(actor)}.`, {
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
    });
  }
  if (isWrite) spendWrite(world, spent);
}

function spendWrite(world: World, spent: Spent): void {
  const at = Date.now();
  spent.writesAtMs = spent.writesAtMs.filter((ms) => at - ms < HOUR_MS);
  const lastMinute = spent.writesAtMs.filter((ms) => at - ms < 60_000);
  const overMinute = lastMinute.length >= world.limits.contentWritesPerMinute;
  if (overMinute || spent.writesAtMs.length >= world.limits.contentWritesPerHour) {
    const oldest = (overMinute ? lastMinute[0] : spent.writesAtMs[0]) ?? at;
    const waitSeconds = Math.max(1, Math.ceil((oldest + (overMinute ? 60_000 : HOUR_MS) - at) / 1000));
    throw new Refusal(
      403,
      'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
      { headers: { 'retry-after': String(waitSeconds) } },
    );
  }
  spent.writesAtMs.push(at);
}

function account(world: World, actor: Actor): Spent {
  const book = books.get(world) ?? new Map<string, Spent>();
  books.set(world, book);
  const name = key(actor);
  const found = book.get(name);
  if (found && found.resetAtMs > Date.now()) return found;
  const fresh = { resetAtMs: Date.now() + HOUR_MS, used: 0, writesAtMs: found?.writesAtMs ?? [] };
  book.set(name, fresh);
  return fresh;
}

/** A job's limit is its repository's, an App's its installation's, a person's their own. */
function key(actor: Actor): string {
  if (actor.kind === 'job') return `repository ID ${actor.token?.repository_ids?.[0] ?? 0}`;
  if (actor.kind === 'installation') return `installation ID ${actor.app?.installation_id ?? 0}`;
  return `${actor.kind} ID ${actor.app?.id ?? actor.user.id}`;
}
