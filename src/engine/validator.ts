/** A validator at work, below a gate or a retry condition: its steps, the limits of its own, and what comes of it. */
import type { Fact } from '../events/event.ts';
import type { PlanGate } from '../plan/plan.ts';
import type { Verdict } from '../workflow/workflow.ts';
import { spentIn } from './allowance.ts';
import { commitOf, type Running } from './attempts.ts';
import type { Outcome } from './context.ts';
import { overdraft } from './overdraft.ts';
import { join } from './place.ts';
import { decideSequence } from './sequence.ts';
import { type GateState, lessUsage, type Steps } from './state.ts';

export interface Judgement {
  readonly status: 'judged';
  /** Null where it gave none that counts: a yes of a validator that failed is none. */
  readonly verdict: Verdict | null;
  /** Why there is no verdict; empty where there is one. */
  readonly reason: string;
  readonly durationMs: number;
  /** What has to be written down in front of its end. */
  readonly facts: readonly Fact[];
}

/** What the validator wants next, or its judgement of the attempt's commit. */
export function decideValidator(
  running: Running,
  planned: PlanGate,
  state: GateState,
): Exclude<Outcome, { status: 'pass' | 'fail' }> | Judgement {
  const { context, path, attempt } = running;
  const { gate, label, nodes } = planned;
  const over = keepLimits(running, planned, state);
  if (over?.status === 'over') return judged(running, state, { reason: over.reason, facts: over.facts });
  if (over?.status === 'pending') return over;
  const inside = {
    ...context,
    prefix: join(path, label),
    head: commitOf(attempt),
    judging: attempt.number,
    used: { ...context.used, ...running.step.used },
    defaultAgent: gate.inputs.agent ?? context.defaultAgent,
  };
  const outcome = decideSequence(inside, nodes, state.steps);
  if (outcome.status === 'pending') return outcome;
  const verdict = verdictOf(state.steps);
  if (verdict && (!verdict.pass || outcome.status === 'pass')) return judged(running, state, { verdict });
  return judged(running, state, { reason: outcome.reason ?? 'it has no step that gives one' });
}

function judged(
  { context }: Running,
  { startedAt }: GateState,
  { verdict = null, reason = '', facts = [] }: Partial<Judgement>,
): Judgement {
  const { at } = context.state;
  const durationMs = startedAt && at ? Math.max(0, Date.parse(at) - Date.parse(startedAt)) : 0;
  return { status: 'judged', verdict, reason, durationMs, facts };
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

/** That of the last step that gave one; what several say no to, side by side, is told together. */
function verdictOf(steps: Steps): Verdict | null {
  const verdicts = verdictsIn(steps);
  const noes = verdicts.filter(({ pass }) => !pass);
  if (noes.length === 0) return verdicts.at(-1) ?? null;
  return {
    pass: false,
    comments: noes.map(({ comments }) => comments).join('\n\n'),
    findings: noes.flatMap(({ findings }) => findings),
  };
}

function verdictsIn(steps: Steps): readonly Verdict[] {
  return Object.values(steps).flatMap((step) => {
    const below = [step.steps, ...Object.values(step.tasks).map((task) => task.steps)].flatMap(verdictsIn);
    const verdict = step.attempt?.result?.verdict;
    return verdict ? [...below, verdict] : below;
  });
}
