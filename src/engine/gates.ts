/** The gates of an attempt: all of them, in order, even after one failed. Validators run as steps below their gate. */
import type { Fact } from '../events/event.ts';
import type { PlanGate } from '../plan/plan.ts';
import type { Verdict } from '../workflow/workflow.ts';
import { commitOf, type Running } from './attempts.ts';
import { note, type Outcome, pending } from './context.ts';
import { own } from './own.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';
import type { GateState } from './state.ts';
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
    judging: context.judging !== null,
  });
}

function decideValidator(
  running: Running,
  { gate, label, nodes }: PlanGate,
  state: GateState | undefined,
): Outcome {
  const { context, path, attempt } = running;
  const commit = commitOf(attempt);
  const about = { step: path, attempt: attempt.number, gate: label, commit };
  const id = `${path}#${attempt.number}/${label}`;
  if (!state) return note(`${id}/start`, { type: 'gate_started', ...about, validator: true });
  const inside = {
    ...context,
    prefix: join(path, label),
    head: commit,
    judging: attempt.number,
    defaultAgent: gate.inputs.agent ?? context.defaultAgent,
  };
  const outcome = decideSequence(inside, nodes, state.steps);
  if (outcome.status === 'pending') return outcome;
  const durationMs =
    state.startedAt && context.state.at ? Date.parse(context.state.at) - Date.parse(state.startedAt) : 0;
  return note(
    `${id}/end`,
    judge(outcome, verdictOf(state), { ...about, duration_ms: Math.max(0, durationMs) }),
  );
}

interface About {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  readonly commit: string;
  readonly duration_ms: number;
}

/** The gate's end: the verdict where there is one; without one the validator has failed, and so has the gate. */
function judge(outcome: Outcome, verdict: Verdict | null, about: About): Fact {
  if (verdict) {
    const { pass, comments, findings } = verdict;
    if (pass && outcome.status === 'pass') return { type: 'gate_passed', ...about, comments, findings };
    if (!pass) return { type: 'gate_failed', ...about, reason: comments, comments, findings };
  }
  const why = outcome.status === 'fail' ? outcome.reason : 'it has no step that gives one';
  return { type: 'gate_failed', ...about, reason: `the validator gave no verdict: ${why}` };
}

/** The verdict of the validator's last step that gave one. */
function verdictOf(gate: GateState): Verdict | null {
  const verdicts = Object.values(gate.steps).map((step) => step.attempt?.result?.verdict ?? null);
  return verdicts.findLast((verdict) => verdict !== null) ?? null;
}
