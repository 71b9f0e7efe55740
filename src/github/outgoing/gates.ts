/** What the events say about gates, commits and the run's end, as far as GitHub shows it. Pure. */
import type { Event, EventOf } from '../../events/event.ts';
import { isInCondition, type Plan } from '../../plan/plan.ts';
import { branchesAround } from '../../report/node.ts';
import { emptyScope, evolveScope, judgedStep, type Scope } from '../../report/scope.ts';
import type { Finding } from '../../workflow/workflow.ts';

export type Conclusion = 'success' | 'failure' | 'skipped' | 'cancelled' | 'timed_out' | 'action_required';

export interface GateRecord {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  /** What it judged. */
  readonly commit: string;
  /** Null while it runs. */
  readonly conclusion: Conclusion | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string;
  readonly comments: string;
  readonly findings: readonly Finding[];
  readonly log: string | null;
  /** Paths that its step has changed. */
  readonly files: readonly string[];
  /** Inside a validator: it judges a judge and says nothing about the result. */
  readonly inner: boolean;
  /** Judged by a validator, not measured. */
  readonly validator: boolean;
  /** Judged by the run that this one replays: it has shown it on the commit already. */
  readonly inherited: boolean;
}

export type RunEnd = 'pass' | 'fail' | 'cancelled' | 'paused' | 'interrupted';

export interface Story {
  /** By step, attempt, gate and commit, in the order in which they first started. */
  readonly gates: ReadonlyMap<string, GateRecord>;
  /** Commits of the run's own line, oldest first, the one it started on included. */
  readonly line: readonly string[];
  readonly scope: Scope;
  /** Paths of branches whose commits are in the line around them. */
  readonly merged: ReadonlySet<string>;
  /** Null while the run goes on. */
  readonly end: RunEnd | null;
  readonly reason: string | null;
  readonly outOfTime: boolean;
  readonly files: ReadonlyMap<string, readonly string[]>;
}

/** Before the first event. */
export function emptyStory(plan: Plan): Story {
  return {
    gates: new Map(),
    line: [plan.base],
    scope: emptyScope,
    merged: new Set(),
    end: null,
    reason: null,
    outOfTime: false,
    files: new Map(),
  };
}

/** True where a step's commits are on the run's own line: made there, or merged into it. */
export function isReachable(plan: Plan, { merged, scope }: Story, step: string): boolean {
  return judgedStep(scope, step) === null && branchesAround(plan, step).every((path) => merged.has(path));
}

/** The story with one more event; unknown kinds of events change nothing. */
export function evolveStory(plan: Plan, before: Story, event: Event): Story {
  const story = { ...before, scope: evolveScope(before.scope, event) };
  switch (event.type) {
    case 'gate_started':
      return withGate(story, event, started(before, event));
    case 'gate_passed':
    case 'gate_failed':
    case 'gate_skipped':
      return withGate(story, event, ended(before, event));
    case 'agent_completed':
      return withCommit(plan, withFiles(story, event), event.step, event.commit);
    case 'tree_reset':
      return withCommit(plan, story, event.step, event.commit);
    case 'step_started':
      return closeGates(story, (gate) => gate.step === event.step && gate.attempt < event.attempt);
    case 'step_completed':
      return withCommit(plan, closeGates(story, below(event.step)), event.step, event.commit);
    case 'group_started':
      return {
        ...story,
        merged: new Set([...story.merged].filter((path) => !path.startsWith(`${event.step}/`))),
      };
    case 'task_merged': {
      const merged = new Set([...story.merged, `${event.step}/${event.task}`]);
      return withCommit(plan, { ...story, merged }, event.step, event.commit);
    }
    case 'budget_exceeded':
      return event.kind === 'time' && event.step === undefined ? { ...story, outOfTime: true } : story;
    default:
      return evolveRun(story, event);
  }
}

function evolveRun(story: Story, event: Event): Story {
  switch (event.type) {
    case 'run_resumed':
      return { ...story, end: null, reason: null, outOfTime: false };
    case 'run_replayed':
      return { ...story, gates: new Map([...story.gates].map(inherit)) };
    case 'run_paused':
      return stop(story, 'paused', event.reason);
    case 'run_interrupted':
      return stop(story, 'interrupted', `stopped by ${event.signal}`);
    case 'run_completed': {
      const line = event.commit === null ? story.line : append(story.line, event.commit);
      return stop({ ...story, line }, event.status, event.reason);
    }
    default:
      return story;
  }
}

function inherit([key, gate]: readonly [string, GateRecord]): readonly [string, GateRecord] {
  return [key, { ...gate, inherited: true }];
}

/** Nothing runs any more: what is open is cancelled. */
export function stop(story: Story, end: RunEnd, reason: string | null): Story {
  return { ...closeGates(story, () => true), end, reason };
}

function started(story: Story, event: EventOf<'gate_started'>): GateRecord {
  return {
    ...emptyRecord,
    step: event.step,
    attempt: event.attempt,
    gate: event.gate,
    commit: event.commit,
    startedAt: event.ts,
    files: filesOf(story, event.step),
    inner: judgedStep(story.scope, event.step) !== null,
    validator: event.validator === true,
    inherited: false,
  };
}

/** Of the step; of the whole run where the step only judges. */
function filesOf(story: Story, step: string): readonly string[] {
  return story.files.get(step) ?? [...new Set([...story.files.values()].flat())];
}

const emptyRecord = {
  conclusion: null,
  endedAt: null,
  reason: '',
  comments: '',
  findings: [],
  log: null,
} as const;

type GateEnd = EventOf<'gate_passed'> | EventOf<'gate_failed'> | EventOf<'gate_skipped'>;

function ended(story: Story, event: GateEnd): GateRecord {
  const startedAt = new Date(Date.parse(event.ts) - event.duration_ms).toISOString();
  const before = story.gates.get(keyOf(event)) ?? {
    ...started(story, { ...event, type: 'gate_started' }),
    startedAt,
  };
  const found = event.type === 'gate_skipped' ? null : event;
  return {
    ...before,
    conclusion: conclusionOf(event, story, before.validator),
    endedAt: event.ts,
    reason: event.reason ?? '',
    comments: found?.comments ?? '',
    findings: found?.findings ?? [],
    validator: before.validator || found?.findings !== undefined,
    log: found?.log ?? null,
  };
}

function conclusionOf(event: GateEnd, { outOfTime }: Story, validator: boolean): Conclusion {
  if (event.type === 'gate_passed') return 'success';
  if (event.type === 'gate_skipped') return 'skipped';
  // A validator's words are no fact about time.
  if (event.findings !== undefined || event.comments !== undefined) return 'failure';
  // When the run's time is over, what runs is stopped; money and tokens that are used up are a failure.
  if (outOfTime && (validator || event.reason === 'stopped')) return 'timed_out';
  return !validator && tookTooLong.test(event.reason) ? 'timed_out' : 'failure';
}

/** As gates say it of a command; on the first line, what follows is the command's own output. */
const tookTooLong = /^[^\n]*\bdid not end within \d+ s \(\[validation\] timeout\)/;

function withGate(story: Story, event: Parameters<typeof keyOf>[0], record: GateRecord): Story {
  // Whether a retry's overrides apply is nobody's verdict on the work.
  if (isInCondition(event.step)) return story;
  return { ...story, gates: new Map(story.gates).set(keyOf(event), record) };
}

function keyOf(gate: { step: string; attempt: number; gate: string; commit: string }): string {
  return `${gate.step}#${gate.attempt}/${gate.gate}@${gate.commit}`;
}

function below(step: string): (gate: GateRecord) => boolean {
  return (gate) => gate.step === step || gate.step.startsWith(`${step}/`);
}

function closeGates(story: Story, matches: (gate: GateRecord) => boolean): Story {
  const open = [...story.gates].filter(([, gate]) => gate.conclusion === null && matches(gate));
  if (open.length === 0) return story;
  const conclusion = story.outOfTime ? 'timed_out' : 'cancelled';
  const closed = open.map(
    ([key, gate]) => [key, { ...gate, conclusion, reason: 'stopped before its end' }] as const,
  );
  return { ...story, gates: new Map([...story.gates, ...closed]) };
}

function withFiles(story: Story, event: EventOf<'agent_completed'>): Story {
  return { ...story, files: new Map(story.files).set(event.step, event.step_files) };
}

function withCommit(plan: Plan, story: Story, step: string, commit: string): Story {
  return isOnLine(plan, story.scope, step) ? { ...story, line: append(story.line, commit) } : story;
}

/** At once: not beside others, not in a validator. */
function isOnLine(plan: Plan, scope: Scope, step: string): boolean {
  return judgedStep(scope, step) === null && branchesAround(plan, step).length === 0;
}

function append(line: readonly string[], commit: string): readonly string[] {
  return line.includes(commit) ? line : [...line, commit];
}
