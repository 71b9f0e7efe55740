/**
 * The loop that makes GitHub show the view: one request after another, verdicts before progress, each thing once,
 * and nothing that GitHub answers can reach the run (R6).
 */
import { explain } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { createTroubles, type Troubles } from './troubles.ts';
import type { GithubView } from './view.ts';

export type AreaName = 'checks' | 'comments' | 'reviews' | 'review threads' | 'pull request';

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
  /** What GitHub refused to show so far, a sentence each. */
  readonly missing: readonly string[];
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
  /** Nothing more is sent. */
  stop(): void;
  readonly off: ReadonlySet<AreaName>;
}

interface State {
  readonly options: LoopOptions;
  readonly troubles: Troubles;
  readonly writesBefore: number;
  progressUsed: number;
  closing: boolean;
  /** Something has changed since the loop looked. */
  isStale: boolean;
  running: Promise<void> | null;
  timer: NodeJS.Timeout | null;
  deadlineMs: number;
}

interface OpenJob {
  readonly area: AreaName;
  readonly job: Job;
}

export function createLoop(options: LoopOptions): Loop {
  const state: State = {
    options,
    troubles: createTroubles(options),
    writesBefore: options.writes(),
    progressUsed: 0,
    closing: false,
    isStale: false,
    running: null,
    timer: null,
    deadlineMs: Number.POSITIVE_INFINITY,
  };
  const stop = (): void => {
    state.deadlineMs = 0;
  };
  return { off: state.troubles.off, wake: () => wake(state), close: () => close(state), stop };
}

function wake(state: State): void {
  if (state.timer) clearTimeout(state.timer);
  state.timer = null;
  state.isStale = true;
  if (state.running) return;
  const end = (): void => {
    state.running = null;
    if (state.isStale) wake(state);
  };
  state.running = work(state).then(end, (error: unknown) => {
    state.isStale = false;
    state.options.log(`GitHub is not told what happens until the next event: ${explain(error)}`);
    end();
  });
}

async function work(state: State): Promise<void> {
  // Events of the same moment are told together, and looking at them must not slow the engine down.
  await sleep(state.closing ? 0 : limits.githubCoalesceMs);
  for (;;) {
    const nowMs = Date.now();
    state.isStale = false;
    if (nowMs >= state.deadlineMs) return;
    const open = openJobs(state, nowMs);
    const isPaused = nowMs < state.troubles.pausedUntilMs();
    const next = isPaused ? undefined : open.find(({ job }) => startsAtMs(state, job) <= nowMs);
    if (next) await attempt(state, next);
    else if (open.length === 0) return;
    else if (state.closing) await sleep(Math.min(nextMs(state, open), state.deadlineMs) - nowMs);
    else return wakeLater(state, nextMs(state, open) - nowMs);
  }
}

function openJobs(state: State, nowMs: number): readonly OpenJob[] {
  const view = state.options.view(state.closing);
  if (!view) return [];
  const moment = momentOf(state, view, nowMs);
  return state.options.areas
    .filter((area) => !state.troubles.off.has(area.name))
    .flatMap((area) => area.jobs(view, moment).map((job) => ({ area: area.name, job })))
    .filter(({ job }) => state.troubles.isOpen(job, state.closing))
    .sort((a, b) => a.job.rank - b.job.rank);
}

function momentOf(
  { options, closing, progressUsed, writesBefore, troubles }: State,
  view: GithubView,
  nowMs: number,
): Moment {
  const head = view.line.findLast((commit) => options.published.has(commit)) ?? null;
  const progressLeft = Math.max(0, limits.githubProgressWritesMax - progressUsed);
  const writesLeft = limits.githubWritesMax - (options.writes() - writesBefore);
  const missing = troubles.missing();
  return { nowMs, closing, published: options.published, head, progressLeft, writesLeft, missing };
}

function startsAtMs({ closing, troubles }: State, job: Job): number {
  return Math.max(closing ? 0 : job.dueAtMs, troubles.notBeforeMs(job));
}

function nextMs(state: State, open: readonly OpenJob[]): number {
  return Math.max(state.troubles.pausedUntilMs(), Math.min(...open.map(({ job }) => startsAtMs(state, job))));
}

async function attempt(state: State, { area, job }: OpenJob): Promise<void> {
  const before = state.options.writes();
  try {
    await job.run(state.troubles.tries(job));
    state.troubles.succeeded(job);
  } catch (error) {
    state.troubles.failed(area, job, error);
  }
  if (job.rank === rank.progress) state.progressUsed += state.options.writes() - before;
}

function wakeLater(state: State, waitMs: number): void {
  state.timer = setTimeout(() => wake(state), Math.max(1, waitMs));
  state.timer.unref();
}

async function close(state: State): Promise<void> {
  const { closeTimeoutMs } = state.options;
  state.closing = true;
  state.deadlineMs = Date.now() + closeTimeoutMs;
  await settled(state.running, closeTimeoutMs);
  wake(state);
  await settled(state.running, state.deadlineMs - Date.now());
  if (state.timer) clearTimeout(state.timer);
  tellWhatIsLeft(state);
}

function tellWhatIsLeft(state: State): void {
  try {
    const left = openJobs(state, Date.now());
    if (left.length === 0) return;
    const names = left.slice(0, 5).map(({ job }) => job.what);
    const what = `${left.length === 1 ? 'one thing' : `${left.length} things`} of this run (${names.join('; ')})`;
    state.options.log(
      `GitHub does not show ${what}: the time to tell it is over. Resuming the run tries again.`,
    );
  } catch (error) {
    state.options.log(`It is unknown what GitHub does not show of this run: ${explain(error)}`);
  }
}

/** Settles with the work, or when time is up. */
async function settled(work: Promise<void> | null, timeoutMs: number): Promise<void> {
  const late = new AbortController();
  await Promise.race([work, sleep(Math.max(0, timeoutMs) + 100, late.signal)]);
  late.abort();
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(1, ms));
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
