/** The gates of an attempt: all of them, in order, even after one failed. Validators run as steps below their gate. */
import type { Fact } from '../events/event.ts';
import { own } from '../own.ts';
import type { PlanGate } from '../plan/plan.ts';
import { commitOf, type Running } from './attempts.ts';
import { note, type Outcome, pending } from './context.ts';
import type { GateState } from './state.ts';
import { decideValidator, type Judgement } from './validator.ts';
import { failureOf } from './values.ts';

export function decideGates(running: Running): Outcome {
  const { node, attempt } = running;
  for (const planned of node.gates) {
    const gate = own(attempt.gates, planned.label);
    if (gate && gate.status !== 'running') continue;
    return planned.gate.kind === 'validate' ? judge(running, planned, gate) : measure(running, planned);
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

function judge(running: Running, planned: PlanGate, state: GateState | undefined): Outcome {
  const { path, attempt } = running;
  const { label: gate } = planned;
  const about = { step: path, attempt: attempt.number, gate, commit: commitOf(attempt) };
  const id = `${path}#${attempt.number}/${gate}`;
  if (!state) return note(`${id}/start`, { type: 'gate_started', ...about, validator: true });
  const judgement = decideValidator(running, planned, state);
  if (judgement.status === 'pending') return judgement;
  return note(`${id}/end`, ...judgement.facts, verdictFact(about, judgement));
}

interface About {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  readonly commit: string;
}

/** Without a verdict the validator has failed, and so has the gate. */
function verdictFact(about: About, { verdict, reason, durationMs }: Judgement): Fact {
  const ended = { ...about, duration_ms: durationMs };
  if (!verdict) return { type: 'gate_failed', ...ended, reason: `the validator gave no verdict: ${reason}` };
  const { pass, comments, findings } = verdict;
  if (pass) return { type: 'gate_passed', ...ended, comments, findings };
  return { type: 'gate_failed', ...ended, reason: comments, comments, findings };
}
