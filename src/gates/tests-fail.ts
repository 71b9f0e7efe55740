/** The gate `tests_fail`: the project's tests run and do not pass, as those of a bug, or of what is yet to be built, must. */
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { countTests, saysNoTests } from './counts.ts';
import { usefulPart } from './excerpt.ts';
import { type Measured, measure } from './measure.ts';
import type { GateRunnerOptions } from './runner.ts';

/** Fails where every test passes, where there is none, and where the command could not run: then no test has failed. */
export async function judgeTestsFail(options: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const measured = await measure(options, order, 'test');
  if (!('ends' in measured)) return measured;
  const { ends, remark, log } = measured;
  if (ends.some(({ end }) => end.ending === 'stopped')) return { status: 'fail', reason: 'stopped', log };
  const why = notFailed(ends);
  if (why === null) return { status: 'pass', reason: passRemark(ends, remark), log };
  const output = ends.map(({ end }) => end.output).join('\n');
  return {
    status: 'fail',
    reason: `${why}\n${usefulPart(output, limits.errorContextBytesMax - 512)}`.trimEnd(),
    log,
  };
}

/** Why no test has failed, or null where one has. */
function notFailed(ends: Measured['ends']): string | null {
  const failed = ends.map(({ end }) => end).filter(({ ending }) => ending === 'failed');
  if (failed.length === 0) return 'every test passes, but one must fail here';
  const broken = failed.find(({ exitCode }) => exitCode === null || cannotRun.has(exitCode));
  if (broken) return `the tests did not run: ${broken.cause}`;
  return failed.every(({ output }) => saysNoTests(output) && !countTests(output))
    ? 'the test command found no test'
    : null;
}

/** The shell's "found, but cannot be run" and "not found". @source POSIX.1-2024, 2.8.2 */
const cannotRun: ReadonlySet<number> = new Set([126, 127]);

/** A build or a test file that breaks on a name that does not exist yet is a failing test too; no runner counts it. */
function passRemark(ends: Measured['ends'], remark: string): string {
  const isCounted = ends.some(({ end }) => end.ending === 'failed' && Boolean(countTests(end.output)));
  const uncounted = 'the test command failed; its output does not say how many tests there are';
  return [remark, isCounted ? '' : uncounted].filter((part) => part !== '').join('; ');
}
