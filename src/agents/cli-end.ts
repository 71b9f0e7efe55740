/** Whether an agent CLI has succeeded: by its own report and exit code 0 together, never by one of them alone. Pure. */
import type { ProcessResult } from '../process/spawn.ts';
import type { Told } from './cli.ts';

interface Ending {
  readonly told: Told;
  readonly ended: Pick<ProcessResult, 'aborted' | 'signal' | 'exitCode' | 'stderr'>;
  /** What is wrong with its stream; null where nothing is. */
  readonly problem: string | null;
}

/** Why this is no success; null when it is one. */
export function whyFailed({ told, ended, problem }: Ending): string | null {
  const { report } = told;
  if (ended.aborted) return 'the agent was stopped';
  if (report !== null && !report.ok) return `the agent reports a failure: ${report.error}`;
  if (ended.signal) return `the agent's process was ended by ${ended.signal}${tail(ended.stderr)}`;
  if (ended.exitCode !== 0)
    return `the agent ended with exit code ${ended.exitCode}${tail(ended.stderr) || because(problem)}`;
  if (problem !== null) return `the agent's answer is not whole: ${problem}`;
  return report === null ? `the agent ended without a report of its own${tail(ended.stderr)}` : null;
}

function because(problem: string | null): string {
  return problem === null ? '' : `: ${problem}`;
}

/** The last lines that say something. */
function tail(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : `: ${lines.slice(-5).join('\n')}`;
}

/** @source what the CLIs say when they are asked to resume a session that is not there, as recorded (2026-11) */
const unknownSession =
  /no conversation found|no rollout found|invalid session identifier|no (saved|previous) session|session not found|session found in different project|no session\b.*\b(found|matched)/i;

/** True where it ended before any call of a model because there is no such session (any more). */
export function isUnknownSession(told: Told, ended: Pick<ProcessResult, 'exitCode' | 'stderr'>): boolean {
  // pi asks what to do, and ends with exit code 0 when nobody answers.
  if (told.report?.ok || (told.turns ?? 0) > 0 || told.tokens.input > 0) return false;
  const report = told.report !== null && !told.report.ok ? told.report.error : '';
  return unknownSession.test(`${report}\n${ended.stderr}`);
}
