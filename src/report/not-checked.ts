import type { StepSummary } from './summary.ts';

/** What nothing measured, a sentence each (R8), of the attempts that stand: those of steps that passed. */
export function notChecked(steps: readonly StepSummary[]): readonly string[] {
  return steps.filter((step) => step.status === 'pass').flatMap(sentences);
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
