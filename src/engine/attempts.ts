/** A step that works by attempts (code, split, validate, gates only): announce, launch, take the result, judge, try again or end. */
import type { Fact, StepStatus } from '../events/event.ts';
import type { PlanNode } from '../plan/plan.ts';
import { checkTasks } from '../workflow/task-list.ts';
import type { Task } from '../workflow/workflow.ts';
import { agentOf } from './agent.ts';
import { brokenBy, isEscalation, ways } from './breaker.ts';
import { decideConditions } from './conditions.ts';
import { begin, type Context, note, type Outcome, pending } from './context.ts';
import { decideGates } from './gates.ts';
import { decideGet, numberOfFirst } from './get.ts';
import { breach } from './guard.ts';
import { askPerson } from './hitl.ts';
import { join } from './place.ts';
import { shownPaths } from './protected.ts';
import { outsideTask } from './radius.ts';
import { interpret } from './result.ts';
import { everyOverride, mayRetry, nextEscalation, nextOverrides, relativeNumber } from './retry.ts';
import { sessionOf } from './session.ts';
import { decideTasks } from './split.ts';
import type { AttemptResult, AttemptState, StepState } from './state.ts';
import { failureOf } from './values.ts';

/** A step with an attempt under way. */
export interface Running {
  readonly context: Context;
  readonly node: PlanNode;
  readonly path: string;
  readonly step: StepState;
  readonly attempt: AttemptState;
}

export function decideAttempts(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  const path = join(context.prefix, node.step.name);
  const attempt = step?.attempt;
  if (!step || !attempt) {
    const got = decideGet(context, node, step);
    return got.status === 'pass' ? announce({ ...context, head: got.head }, node, step) : got;
  }
  if (step.reopened || step.retrying) return announce(context, node, step);
  const running = { context, node, path, step, attempt };
  return decideAgent(running) ?? decideJudgement(running);
}

/** R4: what costs money is in the ledger before it starts. */
function announce(context: Context, node: PlanNode, step: StepState | undefined): Outcome {
  const path = join(context.prefix, node.step.name);
  const attempt = step?.attempt ? step.attempt.number + 1 : numberOfFirst(context, path);
  const agent = agentOf(context, node, { path, step });
  const session = sessionOf({ context, node, step, agent, last: step?.attempt ?? null });
  const started: Fact = {
    type: 'step_started',
    step: path,
    step_type: node.step.kind,
    attempt,
    agent,
    task: context.task?.name ?? null,
    session_mode: session.mode,
    ...(session.from === null ? {} : { session_from: session.from }),
    base: step?.attempt ? commitOf(step.attempt) : context.head,
  };
  const notices: Fact[] =
    session.notice === null ? [] : [{ type: 'notice', step: path, message: session.notice }];
  const launches = agent !== null && agent !== 'pass';
  return begin(context, `${path}#${attempt}/start`, started, { agent: launches, notices });
}

/** Null once the agent has ended well (or none is to be launched); then the judgement's turn comes. */
function decideAgent(running: Running): Outcome | null {
  const { node, attempt, path } = running;
  if (!launches(node, attempt)) return withoutAgent(running);
  if (!attempt.end) return decideLaunch(running);
  if (attempt.end.outcome !== 'ok' || attempt.guard)
    return failed(running, failureOf(attempt) || 'the agent failed');
  if (attempt.end.refused.length > 0) return askForPaths(running, attempt.end.refused);
  if (attempt.end.denied.length > 0) {
    return failed(running, `wrote where nothing may be written: ${attempt.end.denied.join(', ')}`);
  }
  if (!attempt.result) {
    const result = interpret(node.step.kind, attempt.end);
    const updated: Fact = { type: 'state_updated', step: path, attempt: attempt.number, ...result };
    return note(`${path}#${attempt.number}/result`, updated, ...warnings(path, result));
  }
  if (attempt.result.error) return failed(running, attempt.result.error);
  const outside = outsideTask(running.context, node, attempt.end.stepFiles);
  return outside === null ? null : failed(running, outside);
}

/** Nothing of the attempt was kept. A yes is one attempt more, in which the paths may be changed; a no is final. */
function askForPaths(running: Running, paths: readonly string[]): Outcome {
  const asked = askPerson(running, 'protected_paths', paths);
  if (asked) return asked.status === 'fail' ? ended(running, 'fail', asked.reason) : asked;
  const reason = `nothing of the attempt was kept: it changed ${shownPaths(paths)}, which a person allows by now; do the work again`;
  return retry(running, { overrides: running.step.overrides, reason });
}

/** An empty plan is a plan, but hardly what was meant. */
function warnings(path: string, { tasks }: AttemptResult): readonly Fact[] {
  const message = 'the list of tasks is empty: the steps of `each` do not run';
  return tasks?.length === 0 ? [{ type: 'notice', step: path, message }] : [];
}

/** R8: only what is judged by its gates can do without an agent. */
function withoutAgent(running: Running): Outcome | null {
  const { kind } = running.node.step;
  if (kind === 'validate') return failed(running, 'the agent `pass` gives no verdict');
  return kind === 'split' ? failed(running, 'the agent `pass` gives no tasks') : null;
}

function launches(node: PlanNode, attempt: AttemptState): boolean {
  return node.step.kind !== 'gates' && attempt.agent !== 'pass';
}

function decideLaunch(running: Running): Outcome {
  const { context, node, path, step, attempt } = running;
  if (attempt.agent === null)
    return failed(running, 'no agent is named for this step and there is no default_agent');
  // Its agent is being ended. Where it has ended and its end was lost, the end is asked for again.
  if (attempt.guard && attempt.launch?.open) return pending();
  const open = attempt.launch?.open && !attempt.guard;
  const broken = breach(node.step.guard, open ? attempt.launch.usage : null);
  if (broken)
    return note(`${path}#${attempt.number}/guard`, {
      type: 'guard_triggered',
      step: path,
      attempt: attempt.number,
      ...broken,
    });
  const session = sessionOf({ context, node, step, agent: attempt.agent, last: step.previous });
  return pending({
    kind: 'agent',
    id: `${path}#${attempt.number}`,
    path,
    attempt: attempt.number,
    stepKind: node.step.kind,
    agent: attempt.agent,
    scope: context.scope,
    judging: context.judging !== null || context.readOnly,
    session: session.id === null ? { mode: 'new' } : { mode: 'resume', id: session.id },
    base: attempt.base,
    start: step.start,
    reset: step.overrides.worktree === 'reset' && relativeNumber(step) > 1,
  });
}

function decideJudgement(running: Running): Outcome {
  const { node, attempt } = running;
  const asked = askPerson(running, 'before_gate');
  if (asked) return asked.status === 'fail' ? ended(running, 'fail', asked.reason) : asked;
  const judged = decideGates(running);
  if (judged.status === 'pending') return judged;
  if (judged.status === 'fail') return failed(running, judged.reason);
  const verdict = attempt.result?.verdict;
  if (verdict && !verdict.pass) return failed(running, verdict.comments);
  const confirmed = askPerson(running, 'after_gate');
  if (confirmed) return confirmed.status === 'fail' ? ended(running, 'fail', confirmed.reason) : confirmed;
  if (node.step.kind !== 'split') return ended(running, 'pass', null);
  // Their names become paths; without the gate `schema` nobody has looked at them yet.
  const names = attempt.result?.tasks ?? [];
  const problems = [...checkTasks(names), ...reservedTask(node, names)];
  if (problems.length > 0) return failed(running, problems.join('\n'));
  const tasks = decideTasks(running);
  return tasks.status === 'pending' ? tasks : ended(running, tasks.status, tasks.reason, tasks.head);
}

/** R5: `<step>/get/…` is where the step's `get.workflow` has run. */
function reservedTask({ get }: PlanNode, tasks: readonly Task[]): readonly string[] {
  const taken = get !== null && tasks.some(({ name }) => name === 'get');
  return taken ? ['no task may be named `get` here: the called workflow of the step stands there'] : [];
}

function failed(running: Running, reason: string): Outcome {
  const { context, node, step } = running;
  if (!mayRetry(node.step.retry, step)) return ended(running, 'fail', reason);
  const broken = brokenBy(context.plan, step, reason);
  const escalation = broken === null ? null : nextEscalation(node, step);
  // Where only another way of trying may follow and none is written, a validator is asked for no more than that.
  const among = broken === null || escalation ? everyOverride : ways;
  const asked = decideConditions(running, reason, among);
  if (asked) return asked;
  const overrides = nextOverrides(node, step);
  if (broken === null || isEscalation(step.overrides, overrides))
    return retry(running, { overrides, reason });
  if (escalation === null) return ended(running, 'fail', `${broken}: ${reason}`);
  const message = `${broken}, so what \`retry\` says for attempt ${escalation.attempt} is tried at once`;
  return retry(running, { overrides: escalation.overrides, reason, escalated: escalation.attempt }, message);
}

function retry({ path, attempt }: Running, how: Retrying, message?: string): Outcome {
  const next = attempt.number + 1;
  const notices: Fact[] = message === undefined ? [] : [{ type: 'notice', step: path, message }];
  const fact: Fact = { type: 'retry_triggered', step: path, attempt: next, ...how };
  return note(`${path}#${next}/retry`, fact, ...notices);
}

type Retrying = Pick<Extract<Fact, { type: 'retry_triggered' }>, 'overrides' | 'reason' | 'escalated'>;

function ended(running: Running, status: StepStatus, reason: string | null, head?: string): Outcome {
  const { path, attempt } = running;
  const commit = head ?? commitOf(attempt);
  return note(`${path}/end`, {
    type: 'step_completed',
    step: path,
    attempt: attempt.number,
    status,
    commit,
    reason,
  });
}

/** The commit behind an attempt: its own, or the one it started on where it made none. */
export function commitOf(attempt: AttemptState): string {
  return attempt.end?.commit ?? attempt.base;
}
