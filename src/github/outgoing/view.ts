/** What GitHub should show of a run: a function of plan and events, and nothing else. */
import type { Event } from '../../events/event.ts';
import type { Plan } from '../../plan/plan.ts';
import { shownPath } from '../../report/shown.ts';
import { summarize } from '../../report/summarize.ts';
import type { Summary } from '../../report/summary.ts';
import type { Finding } from '../../workflow/workflow.ts';
import { answersOf, type DesiredAnswer } from './answers.ts';
import { scopeOf } from './finding-key.ts';
import {
  type Conclusion,
  emptyStory,
  evolveStory,
  type GateRecord,
  isReachable,
  type Story,
  stop,
} from './gates.ts';
import { checkName, externalId, stepCheckName, type TaskNumbers } from './name.ts';
import { titleOf } from './title.ts';

export interface DesiredCheck {
  readonly name: string;
  readonly commit: string;
  readonly externalId: string;
  /** Null: in progress. */
  readonly conclusion: Conclusion | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** As the trace shows it, e.g. `build/task-1/converge`. */
  readonly shown: string;
  /** The gates whose result it shows, at least one; more than one only for a copy of a whole step. */
  readonly gates: readonly GateRecord[];
  /** True where the gate judged another commit and its result is shown here because it still stands. */
  readonly copied: boolean;
}

export interface DesiredReview {
  readonly externalId: string;
  readonly commit: string;
  /** False while the commit is on no branch that a pull request could show. */
  readonly reachable: boolean;
  readonly shown: string;
  readonly attempt: number;
  readonly gate: string;
  readonly passed: boolean;
  /** See finding-key.ts. */
  readonly scope: string;
  readonly comments: string;
  readonly findings: readonly Finding[];
}

/** What a validator says of its step as things stand: the newest of its verdicts. */
export interface LatestVerdict {
  readonly scope: string;
  readonly externalId: string;
  readonly commit: string;
  readonly findings: readonly Finding[];
}

export interface GithubView {
  readonly run: string;
  readonly base: string;
  /** Commits of the run's own line, oldest first; the newest one that is pushed is the head. */
  readonly line: readonly string[];
  readonly checks: readonly DesiredCheck[];
  /** Each task's number by its path. */
  readonly tasks: TaskNumbers;
  /** The check `gump`; null: in progress. */
  readonly conclusion: Conclusion | null;
  readonly reviews: readonly DesiredReview[];
  /** To a person's review; only where the run was made of one, and passed. */
  readonly answers: readonly DesiredAnswer[];
  readonly verdicts: readonly LatestVerdict[];
  readonly pullRequest: { readonly title: string; readonly ready: boolean };
  readonly summary: Summary;
  /** Nothing runs now: completed, paused or interrupted. */
  readonly ended: boolean;
  /** It is over, and the result stands. */
  readonly completed: boolean;
}

export interface ViewOptions {
  /** Nothing more will come, although no event ends the run: what is open is shown as cancelled. */
  readonly stopped?: boolean;
}

/** The view of what has happened so far. */
export function githubView(plan: Plan, events: readonly Event[], options: ViewOptions = {}): GithubView {
  return viewOf(
    plan,
    { told: events.reduce((story, event) => evolveStory(plan, story, event), emptyStory(plan)), events },
    options,
  );
}

/** The same for a story that was followed event by event. */
export function viewOf(
  plan: Plan,
  { told, events }: { readonly told: Story; readonly events: readonly Event[] },
  { stopped = false }: ViewOptions = {},
): GithubView {
  const story = stopped && told.end === null ? stop(told, 'interrupted', 'stopped before its end') : told;
  const gates = [...story.gates.values()];
  return {
    run: plan.run,
    base: plan.base,
    line: story.line,
    checks: gates.map((gate) => checkOf(plan, story, gate)),
    tasks: numbers(story),
    conclusion: runConclusion(story),
    reviews: gates
      .filter((gate) => isVerdict(gate) && !gate.inherited && gate.findings.length > 0)
      .map((gate) => reviewOf(plan, story, gate)),
    answers: story.end === null ? [] : answersOf(plan, events),
    verdicts: latestVerdicts(plan, gates),
    pullRequest: { title: titleOf(plan.spec.text, plan.spec.origin), ready: story.end === 'pass' },
    summary: summaryOf(summarize(plan, events), told === story),
    ended: story.end !== null,
    completed: story.end === 'pass' || story.end === 'fail' || story.end === 'cancelled',
  };
}

/** The gates that still stand and judged another commit, for the head: each by itself, or one for each step. */
export function copiesOn(
  plan: Plan,
  view: GithubView,
  head: string,
  by: 'gate' | 'step',
): readonly DesiredCheck[] {
  const latest = new Map<string, DesiredCheck>();
  for (const check of view.checks) {
    const gate = check.gates[0];
    if (!gate || gate.inner || check.conclusion === null) continue;
    latest.set(`${gate.step}/${gate.gate}`, check);
  }
  const elsewhere = [...latest.values()].filter((check) => check.commit !== head);
  const copies = elsewhere.map((check) => ({ ...check, commit: head, copied: true }));
  return by === 'gate' ? copies : byStep(plan, view, copies);
}

function byStep(plan: Plan, view: GithubView, copies: readonly DesiredCheck[]): readonly DesiredCheck[] {
  const steps = Map.groupBy(copies, (copy) => copy.gates[0]?.step ?? '');
  return [...steps].flatMap(([step, [first, ...others]]) => {
    if (!first) return [];
    const all = [first, ...others];
    const worst = all.find((copy) => copy.conclusion !== 'success' && copy.conclusion !== 'skipped') ?? first;
    return [
      {
        ...first,
        name: stepCheckName(plan, view.tasks, step),
        externalId: `${view.run}/${step}`,
        conclusion: worst.conclusion,
        gates: all.flatMap((copy) => copy.gates),
      },
    ];
  });
}

/** What nobody goes on with is not shown as running. */
function summaryOf(summary: Summary, isTold: boolean): Summary {
  if (isTold || summary.status !== 'running') return summary;
  return {
    ...summary,
    status: 'cancelled',
    reason: 'The run was stopped before its end; it can be resumed.',
  };
}

function checkOf(plan: Plan, story: Story, gate: GateRecord): DesiredCheck {
  return {
    name: checkName(plan, numbers(story), gate),
    commit: gate.commit,
    externalId: externalId(plan.run, gate),
    conclusion: gate.conclusion,
    startedAt: gate.startedAt,
    endedAt: gate.endedAt,
    shown: shownPath(plan.build, story.scope.tasks, gate.step),
    gates: [gate],
    copied: false,
  };
}

function numbers(story: Story): TaskNumbers {
  return new Map(story.scope.tasks.map((task) => [task.path, task.index]));
}

/** One that says something about the result; a verdict that never came says nothing. */
function isVerdict(gate: GateRecord): boolean {
  return gate.validator && !gate.inner && (gate.conclusion === 'failure' || gate.conclusion === 'success');
}

function latestVerdicts(plan: Plan, gates: readonly GateRecord[]): readonly LatestVerdict[] {
  const latest = new Map<string, LatestVerdict>();
  for (const gate of gates.filter(isVerdict)) {
    const { commit, findings } = gate;
    const scope = scopeOf(gate);
    latest.set(scope, { scope, externalId: externalId(plan.run, gate), commit, findings });
  }
  return [...latest.values()];
}

function reviewOf(plan: Plan, story: Story, gate: GateRecord): DesiredReview {
  return {
    externalId: externalId(plan.run, gate),
    commit: gate.commit,
    reachable: story.end !== null || isReachable(plan, story, gate.step),
    shown: shownPath(plan.build, story.scope.tasks, gate.step),
    attempt: gate.attempt,
    gate: gate.gate,
    passed: gate.conclusion === 'success',
    scope: scopeOf(gate),
    comments: gate.comments,
    findings: gate.findings,
  };
}

function runConclusion(story: Story): Conclusion | null {
  if (story.end === null) return null;
  if (story.end === 'pass') return 'success';
  if (story.end === 'paused') return 'action_required';
  if (story.end === 'fail') return story.outOfTime ? 'timed_out' : 'failure';
  return 'cancelled';
}
