/** What was delivered, what failed and when it may be tried again. */
import { limits } from '../../limits.ts';
import { type Failure, failureOf } from '../api/failure.ts';
import type { AreaName, Job, Tries } from './deliver.ts';

export interface Troubles {
  /** Areas that this token may not write at all. */
  readonly off: ReadonlySet<AreaName>;
  /** Nothing is asked before this time. */
  pausedUntilMs(): number;
  tries(job: Job): Tries;
  /** False for what was delivered already, what is forbidden and what was given up. */
  isOpen(job: Job, closing: boolean): boolean;
  /** When the job may be tried (again); 0: at once. */
  notBeforeMs(job: Job): number;
  succeeded(job: Job): void;
  failed(area: AreaName, job: Job, error: unknown): void;
  /** What GitHub refused to show, a sentence each, with how to mend it where that is known. */
  missing(): readonly string[];
}

interface Trouble {
  readonly count: number;
  readonly doubt: boolean;
  readonly notBeforeMs: number;
}

interface Book {
  readonly off: Set<AreaName>;
  readonly done: Map<string, string>;
  readonly forbidden: Set<string>;
  readonly troubles: Map<string, Trouble>;
  /** Keys of what may have been carried out without an answer; whatever is wanted of them next, GitHub is looked at first. */
  readonly doubts: Set<string>;
  /** By area or key. */
  readonly missing: Map<string, string>;
  readonly retryBaseMs: number;
  readonly log: (line: string) => void;
  /** Requests without an answer, one after another. */
  silences: number;
  pausedUntilMs: number;
}

export function createTroubles(options: {
  readonly retryBaseMs: number;
  readonly log: (line: string) => void;
}): Troubles {
  const book: Book = {
    ...{
      off: new Set(),
      done: new Map(),
      forbidden: new Set(),
      troubles: new Map(),
      doubts: new Set(),
      missing: new Map(),
    },
    ...options,
    ...{ silences: 0, pausedUntilMs: 0 },
  };
  return {
    off: book.off,
    missing: () => [...book.missing.values()],
    pausedUntilMs: () => book.pausedUntilMs,
    tries: (job) => ({ count: book.troubles.get(keyOf(job))?.count ?? 0, doubt: book.doubts.has(job.key) }),
    isOpen: (job, closing) => isOpen(book, job, closing),
    notBeforeMs: (job) => book.troubles.get(keyOf(job))?.notBeforeMs ?? 0,
    succeeded(job) {
      book.done.set(job.key, job.digest);
      book.doubts.delete(job.key);
      book.missing.delete(job.key);
      book.troubles.delete(keyOf(job));
      book.silences = 0;
    },
    failed(area, job, error) {
      const nowMs = Date.now();
      const failure = failureOf(error, nowMs);
      if (failure.kind === 'forbidden') refused(book, { area, job, message: failure.message });
      else if (failure.kind === 'throttled') throttled(book, failure, nowMs);
      else postponed(book, job, { failure, nowMs });
    },
  };
}

function isOpen(book: Book, job: Job, closing: boolean): boolean {
  if (book.done.get(job.key) === job.digest || book.forbidden.has(job.key)) return false;
  const trouble = book.troubles.get(keyOf(job));
  // Without an answer nothing is given up before the end: GitHub comes back.
  return !trouble || trouble.count < limits.githubTriesMax || (trouble.doubt && !closing);
}

/** A token without the permission closes the whole area; anything else (a locked issue) only this thing. */
function refused(book: Book, { area, job, message }: { area: AreaName; job: Job; message: string }): void {
  book.forbidden.add(job.key);
  const isArea = area === 'checks' || /not accessible by|^401 /i.test(message);
  if (isArea) book.off.add(area);
  const what = isArea ? `the ${area} of this run` : job.what;
  const remedy = remedyOf(area, message);
  book.missing.set(isArea ? area : job.key, `GitHub does not show ${what}: ${message}.${remedy}`);
  book.log(`GitHub does not show ${what}: ${message}. This log and the job summary tell it.${remedy}`);
}

/** @source docs.github.com, "Managing GitHub Actions settings for a repository": pull requests by workflows (2026-11) */
function remedyOf(area: AreaName, message: string): string {
  if (/not permitted to create/i.test(message)) {
    return ' Tick "Allow GitHub Actions to create and approve pull requests" in the settings of Actions, then comment `/gump resume`.';
  }
  if (!/not accessible by/i.test(message)) return '';
  const right = {
    checks: 'checks',
    comments: 'issues',
    reviews: 'pull-requests',
    'review threads': 'pull-requests',
    'pull request': 'pull-requests',
  };
  const also = area === 'review threads' ? ' and "contents: write"' : '';
  return ` The job needs "${right[area]}: write"${also} under "permissions:" in its workflow file.`;
}

function throttled(book: Book, failure: Failure, nowMs: number): void {
  const waitMs = failure.waitMs ?? 60_000;
  book.pausedUntilMs = nowMs + waitMs;
  book.log(`GitHub is asked again in ${Math.ceil(waitMs / 1000)} s: ${failure.message}`);
}

function postponed(book: Book, job: Job, { failure, nowMs }: { failure: Failure; nowMs: number }): void {
  const count = (book.troubles.get(keyOf(job))?.count ?? 0) + 1;
  const doubt = failure.kind === 'unknown';
  book.troubles.set(keyOf(job), { count, doubt, notBeforeMs: nowMs + waitOf(book, count) });
  // Without any answer the trouble is not this job's: everything waits a little.
  if (doubt) {
    book.doubts.add(job.key);
    book.silences += 1;
    book.pausedUntilMs = nowMs + waitOf(book, book.silences);
  }
  if (count === 1) book.log(`GitHub does not show ${job.what} yet: ${failure.message}`);
  if (count === limits.githubTriesMax && !doubt) {
    book.missing.set(job.key, `GitHub does not show ${job.what}: ${failure.message}.`);
    book.log(
      `GitHub does not show ${job.what}: given up after ${count} tries. Resuming the run tries again.`,
    );
  }
}

function waitOf(book: Book, count: number): number {
  return Math.min(limits.githubWaitMsMax, book.retryBaseMs * 2 ** (count - 1));
}

function keyOf(job: Job): string {
  return `${job.key} ${job.digest}`;
}
