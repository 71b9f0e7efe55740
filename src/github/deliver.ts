/**
 * The loop that makes GitHub show the view: one request after another, verdicts before progress, each thing once,
 * and nothing that GitHub answers can reach the run (R6).
 */
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import { failureOf } from './failure.ts';
import type { GithubView } from './view.ts';

export type AreaName = 'checks' | 'comments' | 'reviews' | 'pull request';

/** Lower goes first. */
export const rank = { look: 0, open: 1, verdict: 2, end: 3, progress: 4, copy: 5 } as const;

/** One thing that GitHub should show. */
export interface Job {
  readonly key: string;
  /** What of it matters; a job that was done is done again only when this changes. */
  readonly digest: string;
  readonly rank: number;
  /** Not before this time; 0: at once. */
  readonly dueAtMs: number;
  /** For messages: what GitHub does not show if this fails. */
  readonly what: string;
  run(tries: Tries): Promise<void>;
}

export interface Tries {
  /** Failed tries before this one. */
  readonly count: number;
  /** The last one got no answer: it may have been carried out. */
  readonly doubt: boolean;
}

export interface Area {
  readonly name: AreaName;
  /** Everything that should be there as things stand; what was done already may be among it. */
  jobs(view: GithubView, moment: Moment): readonly Job[];
}

export interface Moment {
  readonly nowMs: number;
  /** Nothing more will happen: everything is due. */
  readonly closing: boolean;
  readonly published: ReadonlySet<string>;
  /** The newest commit of the run's line that is pushed; null where there is none, the base included. */
  readonly head: string | null;
  /** Writes that only show movement and may still be made. */
  readonly progressLeft: number;
  /** Writes that the run may still make before it leaves out what is only convenient. */
  readonly writesLeft: number;
}

export interface LoopOptions {
  readonly areas: readonly Area[];
  /** The view now; null before the run is opened. */
  readonly view: (closing: boolean) => GithubView | null;
  readonly published: ReadonlySet<string>;
  readonly writes: () => number;
  readonly log: (line: string) => void;
  readonly retryBaseMs: number;
  readonly closeTimeoutMs: number;
}

export interface Loop {
  /** Something has changed. */
  wake(): void;
  close(): Promise<void>;
  readonly off: ReadonlySet<AreaName>;
}

/** Between an event and a look at what it changes. */
const coalesceMs = 50;

interface Trouble {
  count: number;
  doubt: boolean;
  notBeforeMs: number;
}

export function createLoop(options: LoopOptions): Loop {
  const off = new Set<AreaName>();
  const done = new Map<string, string>();
  const forbidden = new Set<string>();
  const troubles = new Map<string, Trouble>();
  const writesBefore = options.writes();
  let progressUsed = 0;
  let broken = 0;
  let pausedUntilMs = 0;
  let closing = false;
  let running: Promise<void> | null = null;
  let isStale = false;
  let timer: NodeJS.Timeout | null = null;
  let deadlineMs = Number.POSITIVE_INFINITY;

  const wake = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    isStale = true;
    if (running) return;
    const end = (): void => {
      running = null;
      if (isStale) wake();
    };
    running = work().then(end, (error: unknown) => {
      isStale = false;
      options.log(`GitHub is not told what happens until the next event: ${explain(error)}`);
      end();
    });
  };

  async function work(): Promise<void> {
    // Events of the same moment are told together, and looking at them must not slow the engine down.
    await new Promise((resolve) => setTimeout(resolve, closing ? 0 : coalesceMs));
    for (;;) {
      const nowMs = Date.now();
      isStale = false;
      if (nowMs >= deadlineMs) return;
      const open = pending(nowMs);
      const next = nowMs < pausedUntilMs ? undefined : open.find((one) => startsAtMs(one.job) <= nowMs);
      if (next) await attempt(next);
      else if (closing && open.length > 0) await rest(open, nowMs);
      else return sleepUntil(open, nowMs);
    }
  }

  function pending(nowMs: number): readonly { area: AreaName; job: Job }[] {
    const view = options.view(closing);
    if (!view) return [];
    const now = momentOf(view, nowMs);
    return options.areas
      .filter((area) => !off.has(area.name))
      .flatMap((area) => area.jobs(view, now).map((job) => ({ area: area.name, job })))
      .filter(({ job }) => done.get(job.key) !== job.digest && !isHopeless(job))
      .sort((a, b) => a.job.rank - b.job.rank);
  }

  function momentOf(view: GithubView, nowMs: number): Moment {
    const head = view.line.findLast((commit) => options.published.has(commit)) ?? null;
    const progressLeft = Math.max(0, limits.githubProgressWritesMax - progressUsed);
    const writesLeft = limits.githubWritesMax - (options.writes() - writesBefore);
    return { nowMs, closing, published: options.published, head, progressLeft, writesLeft };
  }

  function isHopeless(job: Job): boolean {
    if (forbidden.has(job.key)) return true;
    const trouble = troubles.get(troubleKey(job));
    return trouble !== undefined && trouble.count >= limits.githubTriesMax && (closing || !trouble.doubt);
  }

  function startsAtMs(job: Job): number {
    return Math.max(closing ? 0 : job.dueAtMs, troubles.get(troubleKey(job))?.notBeforeMs ?? 0);
  }

  async function attempt({ area, job }: { area: AreaName; job: Job }): Promise<void> {
    const trouble = troubles.get(troubleKey(job));
    const before = options.writes();
    try {
      await job.run({ count: trouble?.count ?? 0, doubt: trouble?.doubt ?? false });
      done.set(job.key, job.digest);
      troubles.delete(troubleKey(job));
      broken = 0;
    } catch (error) {
      failed(area, job, error);
    }
    if (job.rank === rank.progress) progressUsed += options.writes() - before;
  }

  function failed(area: AreaName, job: Job, error: unknown): void {
    const nowMs = Date.now();
    const failure = failureOf(error, nowMs);
    if (failure.kind === 'forbidden') {
      refused(area, job, failure.message);
      return;
    }
    if (failure.kind === 'throttled') {
      pausedUntilMs = nowMs + (failure.waitMs ?? 60_000);
      options.log(
        `GitHub is asked again in ${Math.ceil((pausedUntilMs - nowMs) / 1000)} s: ${failure.message}`,
      );
      return;
    }
    const count = (troubles.get(troubleKey(job))?.count ?? 0) + 1;
    const doubt = failure.kind === 'unknown';
    const waitMs = Math.min(60_000, options.retryBaseMs * 2 ** (count - 1));
    troubles.set(troubleKey(job), { count, doubt, notBeforeMs: nowMs + waitMs });
    // Without any answer the trouble is not this job's: everything waits a little.
    if (doubt) pausedUntilMs = nowMs + Math.min(60_000, options.retryBaseMs * 2 ** broken++);
    if (count === 1) options.log(`GitHub does not show ${job.what} yet: ${failure.message}`);
    if (count === limits.githubTriesMax && !doubt) {
      options.log(
        `GitHub does not show ${job.what}: given up after ${count} tries. Resuming the run tries again.`,
      );
    }
  }

  /** A token without the permission closes the whole area; anything else (a locked issue) only this thing. */
  function refused(area: AreaName, job: Job, message: string): void {
    forbidden.add(job.key);
    const isArea = area === 'checks' || /not accessible by|^401 /i.test(message);
    if (isArea) off.add(area);
    const what = isArea ? `the ${area} of this run` : job.what;
    options.log(`GitHub does not show ${what}: ${message}. This log and the job summary tell it.`);
  }

  async function rest(open: readonly { job: Job }[], nowMs: number): Promise<void> {
    const first = Math.max(pausedUntilMs, Math.min(...open.map(({ job }) => startsAtMs(job))));
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.min(first, deadlineMs) - nowMs)));
  }

  function sleepUntil(open: readonly { job: Job }[], nowMs: number): void {
    if (open.length === 0) return;
    const first = Math.max(pausedUntilMs, Math.min(...open.map(({ job }) => startsAtMs(job))));
    timer = setTimeout(wake, Math.max(1, first - nowMs));
    timer.unref();
  }

  async function close(): Promise<void> {
    closing = true;
    deadlineMs = Date.now() + options.closeTimeoutMs;
    await settled(running, options.closeTimeoutMs);
    wake();
    await settled(running, deadlineMs - Date.now());
    if (timer) clearTimeout(timer);
    tellWhatIsLeft();
  }

  function tellWhatIsLeft(): void {
    try {
      const left = pending(Date.now());
      if (left.length === 0) return;
      const names = left.slice(0, 5).map(({ job }) => job.what);
      const what = `${left.length === 1 ? 'one thing' : `${left.length} things`} of this run (${names.join('; ')})`;
      options.log(`GitHub does not show ${what}: the time to tell it is over. Resuming the run tries again.`);
    } catch (error) {
      options.log(`It is unknown what GitHub does not show of this run: ${explain(error)}`);
    }
  }

  return { off, wake, close };
}

function troubleKey(job: Job): string {
  return `${job.key} ${job.digest}`;
}

/** Settles with the work, or when time is up. */
async function settled(work: Promise<void> | null, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs + 100);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
