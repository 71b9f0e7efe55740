/**
 * `validate:` as a condition of `retry:`: before the next attempt the validator judges the one that has failed, and the
 * entry's overrides apply where it says pass. It is no gate: its no fails nothing. Entries are asked in order, and only
 * those whose answer can change what the next attempt is like.
 */
import type { Fact } from '../events/event.ts';
import { own } from '../own.ts';
import type { PlanCondition } from '../plan/plan.ts';
import type { RetryOverrides } from '../workflow/workflow.ts';
import { commitOf, type Running } from './attempts.ts';
import { note, type Outcome } from './context.ts';
import { matters } from './retry.ts';
import type { GateState } from './state.ts';
import { decideValidator, type Judgement } from './validator.ts';

/**
 * Null once everything is known that the next attempt depends on. `reason` is why the present one has failed, `among` are
 * the overrides that count.
 */
export function decideConditions(
  running: Running,
  reason: string,
  among: readonly (keyof RetryOverrides)[],
): Outcome | null {
  const { node, step, attempt } = running;
  for (const condition of node.conditions) {
    const state = own(attempt.conditions, condition.label);
    if (state && state.status !== 'running') continue;
    if (state) return judge(running, condition, state);
    if (matters({ node, step, entry: condition.entry, among })) return ask(running, condition, reason);
  }
  return null;
}

function ask({ path, attempt }: Running, { label }: PlanCondition, reason: string): Outcome {
  return note(`${path}#${attempt.number}/${label}/start`, {
    type: 'condition_started',
    step: path,
    attempt: attempt.number,
    condition: label,
    commit: commitOf(attempt),
    reason,
  });
}

function judge(running: Running, condition: PlanCondition, state: GateState): Outcome {
  const judgement = decideValidator(running, condition, state);
  if (judgement.status === 'pending') return judgement;
  const { path, attempt } = running;
  const id = `${path}#${attempt.number}/${condition.label}/end`;
  return note(id, ...judgement.facts, ...answer(running, condition, judgement));
}

function answer(
  { path: step, attempt: { number: attempt } }: Running,
  { label: condition, gate }: PlanCondition,
  { verdict, reason, durationMs }: Judgement,
): readonly Fact[] {
  const about = { type: 'condition_ended', step, attempt, condition, duration_ms: durationMs } as const;
  if (verdict) return [{ ...about, applies: verdict.pass, reason: verdict.comments }];
  const message = `the retry condition \`validate: ${gate.argument}\` gave no verdict, so it does not apply: ${reason}`;
  return [
    { ...about, applies: false, reason: `no verdict: ${reason}` },
    { type: 'notice', step, message },
  ];
}
