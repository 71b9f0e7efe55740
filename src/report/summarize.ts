/** Events → the one view model of a run. Pure: the same plan and events give the same summary. */
import { micro } from '../engine/state.ts';
import { endingOf } from '../events/ending.ts';
import type { Event, EventOf, IsolationFact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { agentSummaries } from './agents.ts';
import { type AttemptDraft, type Draft, newDraft, type StepDraft, type TaskDraft } from './draft.ts';
import { notChecked } from './not-checked.ts';
import { readEvent } from './read.ts';
import { emptyScope, evolveScope, judgedStep } from './scope.ts';
import { shownPath } from './shown.ts';
import type { AttemptSummary, StepSummary, Summary, TaskSummary } from './summary.ts';

/**
 * The summary of a run so far. Without a plan, paths keep the split's own name and the budget is the one that was
 * given on the command line; no events give an empty summary that is `running`.
 */
export function summarize(plan: Plan | null, events: readonly Event[]): Summary {
  const draft = read(plan, events);
  const started = events.find((event) => event.type === 'run_started');
  const ended = lastEnding(events);
  const ending = endingOf(events);
  const tasks = [...draft.tasks.values()];
  const shown = (path: string) => shownPath(plan?.build ?? null, tasks, path);
  const stopped = ending === 'pass' || ending === 'fail' || ending === 'cancelled';
  const steps = [...draft.steps.values()].map((step) => stepSummary(step, { draft, shown, stopped }));
  return {
    run: started?.run ?? plan?.run ?? '',
    workflow: started?.workflow ?? plan?.workflow ?? '',
    specOrigin: started?.spec_origin ?? plan?.spec.origin ?? '',
    status: ending === 'unfinished' ? 'running' : ending,
    reason: draft.reason,
    startedAt: started?.ts ?? null,
    replay: draft.replay,
    durationMs: ended?.duration_ms ?? draft.activeMs - draft.copiedMs,
    costUsd: ended?.cost ?? draft.spent.cost,
    costUnknown: ended?.cost_unknown ?? draft.spent.cost_unknown ?? false,
    tokensIn: ended?.tokens_in ?? draft.spent.tokens_in,
    tokensOut: ended?.tokens_out ?? draft.spent.tokens_out,
    maxBudgetUsd: maxBudget(plan, events),
    isolation: isolationOf(events),
    base: started?.base ?? plan?.base ?? '',
    commit: draft.commit ?? started?.base ?? plan?.base ?? '',
    steps,
    agents: agentSummaries(draft.agents, steps),
    tasks: tasks.map((task) => taskSummary(task, { shown, stopped })),
    notices: counted(
      draft.notices.map(([path, message]) => (path === null ? message : `${shown(path)}: ${message}`)),
    ),
    notReached: notReached(plan, draft, ending),
    notChecked: notChecked(steps),
  };
}

function notReached(plan: Plan | null, { steps }: Draft, ending: string): readonly string[] {
  if (plan === null || (ending !== 'fail' && ending !== 'cancelled')) return [];
  return plan.nodes.map(({ step }) => step.name).filter((name) => !steps.has(name));
}

function read(plan: Plan | null, events: readonly Event[]): Draft {
  const draft = newDraft();
  let scope = emptyScope;
  let at: number | null = null;
  for (const event of events) {
    const now = Date.parse(event.ts);
    // Nobody worked between the end of one engine and the start of the next.
    const isBreak = event.type === 'run_resumed' || event.type === 'run_replayed';
    if (at !== null && !isBreak) draft.activeMs += Math.max(0, now - at);
    at = now;
    scope = evolveScope(scope, event);
    const step = 'step' in event ? event.step : undefined;
    readEvent({ plan, draft, judged: step === undefined ? null : judgedStep(scope, step) }, event);
  }
  return draft;
}

/** The run's own account, where it has ended and was not taken up again. */
function lastEnding(events: readonly Event[]): EventOf<'run_completed'> | null {
  const last = events.findLast(({ type }) => ['run_completed', 'run_resumed', 'run_replayed'].includes(type));
  return last?.type === 'run_completed' ? last : null;
}

function maxBudget(plan: Plan | null, events: readonly Event[]): number | null {
  const begun = events.findLastIndex((event) => event.type === 'run_replayed');
  const raised = events
    .slice(begun + 1)
    .findLast(
      (event) =>
        event.type === 'budget_set' || (event.type === 'run_resumed' && event.max_budget !== undefined),
    );
  if (raised?.type === 'run_resumed' || raised?.type === 'budget_set') return raised.max_budget ?? null;
  if (plan) return plan.limits.maxBudgetUsd;
  const started = events.find((event) => event.type === 'run_started');
  return started?.settings.max_budget ?? null;
}

function isolationOf(events: readonly Event[]): IsolationFact | null {
  const told = events.flatMap((event) =>
    event.type === 'run_started' || event.type === 'run_resumed' ? (event.isolation ?? []) : [],
  );
  return told.find(({ sandbox }) => sandbox === null) ?? told.at(-1) ?? null;
}

interface View {
  readonly shown: (path: string) => string;
  /** Nothing runs any more. */
  readonly stopped: boolean;
}

function stepSummary(step: StepDraft, view: View & { readonly draft: Draft }): StepSummary {
  const { path, kind, reason, commit } = step;
  const open = step.status === 'running' || step.status === 'paused';
  return {
    path,
    shown: view.shown(path),
    kind,
    status: open && view.stopped ? 'cancelled' : step.status,
    reason,
    commit,
    attempts: step.attempts.map((attempt) => attemptSummary(attempt, view)),
    costUsd: micro(step.attempts.reduce((sum, attempt) => sum + attempt.costUsd, 0)),
    costUnknown: step.attempts.some((attempt) => attempt.costUnknown),
  };
}

function attemptSummary(
  { gates, conditions, startedActiveMs, ...attempt }: AttemptDraft,
  { draft, stopped }: { readonly draft: Draft; readonly stopped: boolean },
): AttemptSummary {
  const running = attempt.status === 'running';
  return {
    ...attempt,
    durationMs: running ? draft.activeMs - startedActiveMs : attempt.durationMs,
    status: running && stopped ? 'killed' : attempt.status,
    gates: [...gates.values()],
    conditions: [...conditions.values()].map((condition) => ({ ...condition })),
  };
}

function taskSummary({ path, name, index, status }: TaskDraft, { shown, stopped }: View): TaskSummary {
  const open = status === 'running' || status === 'queued';
  return { path, shown: shown(path), name, index, status: open && stopped ? 'cancelled' : status };
}

/** What is told at every attempt is read once. */
function counted(sentences: readonly string[]): readonly string[] {
  const times = new Map<string, number>();
  for (const sentence of sentences) times.set(sentence, (times.get(sentence) ?? 0) + 1);
  return [...times].map(([sentence, count]) => (count === 1 ? sentence : `${sentence} (${count} times)`));
}
