/** The breaker: a failure that comes back unchanged is not met by more of the same. What counts as unchanged, and what follows. */
import type { EventOf } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';
import type { RetryOverrides } from '../workflow/workflow.ts';
import type { StepState } from './state.ts';

/** A failure, and how often it has come in a row. */
export interface Sameness {
  readonly signature: string;
  readonly count: number;
}

/** The failure with what came before it; it counts from one where it is another, or nothing came before. */
export function sameness(before: Sameness | null, reason: string): Sameness {
  const signature = signatureOf(reason);
  return { signature, count: before?.signature === signature ? before.count + 1 : 1 };
}

/** Why the breaker acts on this failure, as a sentence; null where it does not. */
export function brokenBy(plan: Plan, step: StepState, reason: string): string | null {
  const max = plan.settings.breaker?.same_failures ?? limits.sameFailuresDefault;
  const { count } = sameness(step.same, reason);
  if (max === 0 || count < max) return null;
  return `the same failure came back ${count} ${count === 1 ? 'time' : 'times'} unchanged`;
}

/** What makes an attempt another way of trying: another agent, a new session, the tree of the start. Another prompt does not. */
export const ways: readonly (keyof RetryOverrides)[] = ['agent', 'session', 'worktree'];

export function isEscalation(before: RetryOverrides, after: RetryOverrides): boolean {
  return ways.some((key) => before[key] !== after[key]);
}

/** What a retry means for the count: another way of trying begins it anew. */
export function retried(
  step: StepState,
  { overrides, reason, escalated = step.reached }: EventOf<'retry_triggered'>,
): Pick<StepState, 'overrides' | 'same' | 'reached'> {
  const same = isEscalation(step.overrides, overrides) ? null : sameness(step.same, reason);
  return { overrides, same, reached: escalated };
}

const time = '\\d+(?:[.,]\\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)';

/** What differs from one run of the same thing to the next, by what stands for it. The order counts: later ones see the earlier. */
const accidents: readonly (readonly [RegExp, string])[] = [
  [
    /(?:\/private)?\/(?:tmp|var\/tmp|_temp|var\/folders\/[^/\s]{1,40}\/[^/\s]{1,60}\/T)\/[^\s/:;,'"`)\]]+/g,
    '<tmp>',
  ],
  [/\\Temp\\[^\s\\:;,'"`)\]]+/gi, '<tmp>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<hash>'],
  [/\b0x[0-9a-f]+\b/gi, '<hash>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b/gi, '<hash>'],
  [new RegExp(`\\b${time}(?:\\s*${time})*(?![A-Za-z])`, 'g'), '<time>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
  [/\s+/g, ' '],
];

/** A failure's text without numbers, times, hashes and the names of temporary folders. */
export function signatureOf(reason: string): string {
  return accidents.reduce((text, [pattern, word]) => text.replace(pattern, word), reason).trim();
}
