/** The sink that shows a run on GitHub: checks, reviews, one comment, one pull request. It never throws (R6). */
import { explain } from '../../errors.ts';
import { isFannedOut, isHandedOver } from '../../events/ending.ts';
import type { Event } from '../../events/event.ts';
import { limits } from '../../limits.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Sink } from '../../ports/sink.ts';
import type { Annotation } from '../annotations/annotation.ts';
import type { GithubClient } from '../api/client.ts';
import { isOwn, type Self } from '../api/own-comment.ts';
import { askSelf } from '../api/self.ts';
import { createAnswers } from './answers.ts';
import { annotator, createChecks } from './checks.ts';
import { createComments } from './comments.ts';
import { type Area, type AreaName, createLoop } from './deliver.ts';
import { createDiffs } from './diffs.ts';
import { emptyStory, evolveStory, type Story } from './gates.ts';
import { createKnownChecks } from './known-checks.ts';
import { createPullRequest } from './pull-request.ts';
import { createReviews } from './reviews.ts';
import { createRollUp } from './roll-up.ts';
import { createSettle } from './settle.ts';
import { type DesiredCheck, type GithubView, viewOf } from './view.ts';

export interface GithubSinkOptions {
  readonly client: GithubClient;
  readonly owner: string;
  readonly repo: string;
  /** The issue (or pull request) that the run was commanded on; null: none. */
  readonly issue: number | null;
  /** The branch that the run's own line is pushed to. */
  readonly branch: string;
  readonly baseBranch: string;
  /** The page of the job that runs this. */
  readonly runUrl: string;
  /** See `host-notes.ts`; default: none. */
  readonly hostNotes?: readonly string[];
  /** The path of a branch: its checks are shown and nothing else, for other jobs show the rest of the run; default: all. */
  readonly only?: string | null;
  /** False: nothing is tried; everything goes to log and annotations. */
  readonly canWrite: boolean;
  /** Text of a file in `artifacts/`; null where it is not there. */
  readonly readLog: (name: string) => Promise<string | null>;
  readonly log: (line: string) => void;
  /** Called instead of check runs where those cannot be written; a runner prints workflow commands. */
  readonly annotate?: (annotation: Annotation) => void;
  /** Who we are; where it is not given, what a bot wrote with our marks counts as ours. */
  readonly self?: Self;
  /** True where an App makes the checks; default: none are shown. */
  readonly hasButtons?: boolean;
  readonly timing?: Partial<Timing>;
}

/** All in milliseconds; the defaults are in limits.ts. */
export interface Timing {
  readonly quickGateMs: number;
  readonly commentGapMs: number;
  readonly rollUpGapMs: number;
  readonly settleGapMs: number;
  readonly retryBaseMs: number;
  readonly closeTimeoutMs: number;
}

export interface GithubSink extends Sink {
  /** The commit is on GitHub now. The run's base, and what the ledger of a resumed run names, count as announced. */
  published(commit: string): void;
  /** The number of the run's pull request; null where there is none (yet). */
  pullRequest(): Promise<number | null>;
  /** Somebody else tells of this run now: nothing more is sent. */
  silence(): void;
  /** What the token may not write; empty where everything works. */
  readonly degraded: readonly AreaName[];
}

const defaults: Timing = {
  quickGateMs: limits.githubQuickGateMs,
  commentGapMs: limits.githubCommentGapMs,
  rollUpGapMs: 60_000,
  settleGapMs: 30_000,
  retryBaseMs: 1_000,
  closeTimeoutMs: limits.githubCloseTimeoutMs,
};

export function createGithubSink(options: GithubSinkOptions): GithubSink {
  const timing = { ...defaults, ...options.timing };
  const run = createRun();
  const areas = options.canWrite ? createAreas(options, timing, run) : [];
  const annotate = annotator(options, options.annotate ?? (() => {}));
  const loop = createLoop({
    areas,
    view: run.view,
    published: run.published,
    writes: () => options.client.requests.writes,
    log: options.log,
    retryBaseMs: timing.retryBaseMs,
    closeTimeoutMs: timing.closeTimeoutMs,
  });
  const pull = areas.find((area) => 'number' in area) as { number?: () => number | null } | undefined;
  let isSilent = false;
  const isOff = (): boolean => !options.canWrite || loop.off.has('checks');

  return {
    name: 'github',
    get degraded() {
      return options.canWrite
        ? [...loop.off]
        : (['checks', 'comments', 'reviews', 'review threads', 'pull request'] as const);
    },
    open(plan, past) {
      if (!options.canWrite)
        options.log(
          'The token may not write: what happens is told in this log, its annotations and the job summary.',
        );
      run.open(plan, past);
      loop.wake();
    },
    event(event) {
      run.event(event);
      loop.wake();
    },
    published(commit) {
      run.published.add(commit);
      loop.wake();
    },
    silence() {
      isSilent = true;
      loop.stop();
    },
    pullRequest: async () => pull?.number?.() ?? null,
    async close() {
      if (isSilent) return;
      try {
        await loop.close();
        if (isOff()) await annotate(run.view(true)?.checks ?? []);
      } catch (error) {
        options.log(`GitHub was not told everything: ${explain(error)}`);
      }
    },
  };
}

interface Run {
  readonly published: Set<string>;
  plan(): Plan | null;
  view(closing: boolean): GithubView | null;
  open(plan: Plan, past: readonly Event[]): void;
  event(event: Event): void;
  /** True for commits that an earlier process of this run may have shown. */
  isPast(commit: string): boolean;
  hasPast(): boolean;
  seenAtMs(check: DesiredCheck): number;
}

/** What the sink remembers: the story so far, and the view of it, made when somebody looks. */
function createRun(): Run {
  const published = new Set<string>();
  const pastCommits = new Set<string>();
  const seen = new Map<string, number>();
  let plan: Plan | null = null;
  let events: Event[] = [];
  let story: Story | null = null;
  let cached: { view: GithubView; closing: boolean } | null = null;

  function add(event: Event): void {
    if (!plan || !story) return;
    events.push(event);
    story = evolveStory(plan, story, event);
    cached = null;
  }

  return {
    published,
    plan: () => plan,
    isPast: (commit) => pastCommits.has(commit),
    hasPast: () => pastCommits.size > 0,
    seenAtMs: (check) => seen.get(`${check.externalId}@${check.commit}`) ?? 0,
    open(opened, past) {
      plan = opened;
      story = emptyStory(opened);
      events = [];
      published.add(opened.base);
      for (const event of past) {
        add(event);
        if ('commit' in event && event.commit !== null) pastCommits.add(event.commit);
      }
      for (const commit of pastCommits) published.add(commit);
      if (past.length > 0) pastCommits.add(opened.base);
    },
    event(event) {
      add(event);
      if (event.type !== 'gate_started' || !plan) return;
      seen.set(`${plan.run}/${event.step}#${event.attempt}/${event.gate}@${event.commit}`, Date.now());
    },
    view(closing) {
      if (!plan || !story) return null;
      if (cached?.closing !== closing) {
        // What goes on in another job stays open for it.
        const stopped = closing && !isHandedOver(events) && !isFannedOut(events);
        cached = { view: viewOf(plan, { told: story, events }, { stopped }), closing };
      }
      return cached.view;
    },
  };
}

function createAreas(options: GithubSinkOptions, timing: Timing, run: Run): readonly Area[] {
  const { client, owner, repo, runUrl, log, self } = options;
  const place = { client, owner, repo };
  const known = createKnownChecks(place, { mayExist: run.isPast, runUrl });
  const checks = createChecks({
    plan: run.plan,
    known,
    readLog: options.readLog,
    seenAtMs: run.seenAtMs,
    quickGateMs: timing.quickGateMs,
    runUrl,
    log,
  });
  if (options.only != null) return [within(checks, options.only)];
  const pullRequest = createPullRequest({ ...options, ...place });
  const number = (): number | null => pullRequest.number();
  const diffs = createDiffs({ ...place, baseBranch: options.baseBranch });
  let hasThreads = false;
  return [
    pullRequest,
    checks,
    createRollUp({
      known,
      mayExist: run.isPast,
      hasPullRequest: () => number() !== null,
      moveGapMs: timing.rollUpGapMs,
      hasButtons: options.hasButtons ?? false,
    }),
    createReviews({
      ...{ ...place, diffs, pullRequest: number, mayExist: run.hasPast },
      self: () => askSelf(client, self),
      onThreads: () => {
        hasThreads = true;
      },
    }),
    createSettle({
      ...{ ...place, diffs, pullRequest: number, gapMs: timing.settleGapMs },
      mayHaveThreads: () => hasThreads || pullRequest.wasThere(),
    }),
    createAnswers({ ...place, pullRequest: number }),
    createComments({
      ...{
        ...place,
        issue: options.issue,
        pullRequest: number,
        branch: options.branch,
        runUrl,
        hostNotes: options.hostNotes ?? [],
        gapMs: timing.commentGapMs,
      },
      isOurs: (comment) => (self ? isOwn(comment, self) : comment.isBot),
    }),
  ];
}

/** The area without what it has to show of other branches, and of the run as a whole. */
function within(area: Area, path: string): Area {
  const isInside = ({ gates }: DesiredCheck) =>
    gates.every(({ step }) => step.startsWith(`${path}/`) || step === path);
  return {
    ...area,
    jobs: (view, moment) => area.jobs({ ...view, checks: view.checks.filter(isInside) }, moment),
  };
}
