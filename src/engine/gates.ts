/** The gates of an attempt: all of them, in order, even after one failed. Validators run as steps below their gate. */
import type { Fact } from '../events/event.ts';
import type { PlanGate } from '../plan/plan.ts';
import type { Verdict } from '../workflow/workflow.ts';
import { spentIn } from './allowance.ts';
import { commitOf, type Running } from './attempts.ts';
import { type Context, note, type Outcome, pending } from './context.ts';
import { type Overdraft, overdraft } from './overdraft.ts';
import { own } from './own.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';
import { type GateState, lessUsage } from './state.ts';
import { failureOf } from './values.ts';

export function decideGates(running: Running): Outcome {
  const { node, attempt } = running;
  for (const planned of node.gates) {
    const gate = own(attempt.gates, planned.label);
    if (gate && gate.status !== 'running') continue;
    return planned.gate.kind === 'validate'
      ? decideValidator(running, planned, gate)
      : measure(running, planned);
  }
  const failed = node.gates.some(({ label }) => own(attempt.gates, label)?.status === 'fail');
  const head = commitOf(attempt);
  return failed
    ? { status: 'fail', head, reason: failureOf(attempt) }
    : { status: 'pass', head, reason: null };
}

function measure({ context, path, step, attempt }: Running, { gate, label }: PlanGate): Outcome {
  return pending({
    kind: 'gate',
    id: `${path}#${attempt.number}/${label}`,
    path,
    attempt: attempt.number,
    gate,
    label,
    commit: commitOf(attempt),
    start: step.start,
    scope: context.scope,
    judging: context.judging !== null || context.readOnly,
  });
}

function decideValidator(running: Running, planned: PlanGate, state: GateState | undefined): Outcome {
  const { context, path, attempt } = running;
  const { gate, label, nodes } = planned;
  const commit = commitOf(attempt);
  const about = { step: path, attempt: attempt.number, gate: label, commit };
  const id = `${path}#${attempt.number}/${label}`;
  if (!state) return note(`${id}/start`, { type: 'gate_started', ...about, validator: true });
  const over = keepLimits(running, planned, state);
  const measured = { ...about, duration_ms: ranMs(context, state) };
  if (over?.status === 'over') return note(`${id}/end`, ...over.facts, judge(over, null, measured));
  if (over) return over;
  const inside = {
    ...context,
    prefix: join(path, label),
    head: commit,
    judging: attempt.number,
    defaultAgent: gate.inputs.agent ?? context.defaultAgent,
  };
  const outcome = decideSequence(inside, nodes, state.steps);
  if (outcome.status === 'pending') return outcome;
  return note(`${id}/end`, judge(outcome, verdictOf(state), measured));
}

function ranMs({ state: { at } }: Context, { startedAt }: GateState): number {
  return startedAt && at ? Math.max(0, Date.parse(at) - Date.parse(startedAt)) : 0;
}

/** Null while the validator keeps its own limits. */
function keepLimits({ context, path }: Running, { label, nodes, limits }: PlanGate, gate: GateState) {
  return overdraft(context, {
    path: join(path, label),
    nodes,
    steps: gate.steps,
    limits,
    spent: lessUsage(spentIn(gate.steps), gate.since.spent),
    activeMs: context.state.activeMs - gate.since.activeMs,
  });
}

interface About {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  readonly commit: string;
  readonly duration_ms: number;
}

type Judged = Outcome | Overdraft;

/** The gate's end: the verdict where there is one; without one the validator has failed, and so has the gate. */
function judge(outcome: Judged, verdict: Verdict | null, about: About): Fact {
  if (verdict) {
    const { pass, comments, findings } = verdict;
    if (pass && outcome.status === 'pass') return { type: 'gate_passed', ...about, comments, findings };
    if (!pass) return { type: 'gate_failed', ...about, reason: comments, comments, findings };
  }
  const why = 'reason' in outcome ? outcome.reason : null;
  return {
    type: 'gate_failed',
    ...about,
    reason: `the validator gave no verdict: ${why ?? 'it has no step that gives one'}`,
  };
}

/** The verdict of the validator's last step that gave one. */
function verdictOf(gate: GateState): Verdict | null {
  const verdicts = Object.values(gate.steps).map((step) => step.attempt?.result?.verdict ?? null);
  return verdicts.findLast((verdict) => verdict !== null) ?? null;
}
