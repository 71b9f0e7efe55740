import type { StepSummary } from './summary.ts';

/** What nothing measured, a sentence each (R8), of the attempts that stand: those of steps that passed. */
export function notChecked(steps: readonly StepSummary[]): readonly string[] {
  return [...steps.filter((step) => step.status === 'pass').flatMap(sentences), ...unknownCosts(steps)];
}

/** Money is a measurement too; whether an attempt stands or not, it was spent. */
function unknownCosts(steps: readonly StepSummary[]): string[] {
  const attempts = steps.flatMap((step) => step.attempts).filter((attempt) => attempt.costUnknown);
  const agents = new Set(attempts.map(({ agent }) => agent ?? 'an agent'));
  return [...agents].map((agent) => `cost: nobody knows what ${agent} used; no budget holds it.`);
}

function sentences({ shown, kind, attempts }: StepSummary): string[] {
  const last = attempts.at(-1);
  if (!last) return [];
  if (last.gates.length === 0) {
    if (kind === 'code') return [`${shown}: no gate measured its change.`];
    return kind === 'split' ? [`${shown}: no gate measured its list of tasks.`] : [];
  }
  return last.gates.flatMap(({ name, status, reason }) => {
    const why = reason.trim();
    if (status === 'skip') return [`${shown}: ${name} was skipped${why === '' ? '' : `: ${sentence(why)}`}`];
    // A passed gate has a reason only where something about its measuring must be known.
    return status === 'pass' && why !== '' ? [`${shown}: ${name} passed, but: ${sentence(why)}`] : [];
  });
}

function sentence(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
