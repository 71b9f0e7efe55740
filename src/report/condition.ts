/** How a validator of `retry:` is told: it is no gate, so it stands in a row of its own below the attempt that it judged. */
import { limits } from '../limits.ts';
import { firstLine } from './line.ts';
import { statusMark } from './marks.ts';
import type { ConditionSummary } from './summary.ts';

/** `retry condition is-flaky ✗ does not apply: it fails each time`. */
export function conditionLine({ name, status, comments }: ConditionSummary): string {
  const told = firstLine(comments, limits.traceReasonCharactersMax);
  return `retry condition ${name} ${statusMark(status)}${ends[status]}${told === '' ? '' : `: ${told}`}`;
}

const ends: Readonly<Record<ConditionSummary['status'], string>> = {
  running: '',
  pass: ' applies',
  fail: ' does not apply',
};
