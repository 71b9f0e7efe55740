/** The gate `tests_found`: the runner finds at least one test, which need not pass. */
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { countTests } from './counts.ts';
import { usefulPart } from './excerpt.ts';
import { measure } from './measure.ts';
import type { GateRunnerOptions } from './runner.ts';

/** Fails where no test was found, and where the output is of a runner that is not known here. */
export async function judgeTestsFound(options: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const measured = await measure(options, order, 'test');
  if (!('ends' in measured)) return measured;
  const { ends, remark, log } = measured;
  if (ends.some(({ end }) => end.ending === 'stopped')) return { status: 'fail', reason: 'stopped', log };
  const counts = ends.map(({ end }) => countTests(end.output));
  if (counts.some((count) => count !== null && count > 0)) return { status: 'pass', reason: remark, log };
  const why = counts.every((count) => count === null)
    ? 'how many tests there are could not be told from the output of the test command'
    : 'the test command found no test';
  const output = ends.map(({ end }) => end.output).join('\n');
  return {
    status: 'fail',
    reason: `${why}\n${usefulPart(output, limits.errorContextBytesMax - 256)}`.trimEnd(),
    log,
  };
}
