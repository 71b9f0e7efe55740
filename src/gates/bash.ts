/** The gate `bash`: a command of the workflow, run on the tree as it stands. */
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { runCommand } from './command.ts';
import { headAndTail, usefulPart } from './excerpt.ts';
import type { GateRunnerOptions } from './runner.ts';

/** Passes with exit code 0. */
export async function judgeByExitCode({ env }: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const { argument, cwd, signal } = order;
  const command = { folder: '', texts: [{ text: argument ?? '', env: {} }], source: 'bash' };
  const end = await runCommand({ command, cwd, env, signal });
  const log = headAndTail(end.log, limits.gateLogBytesMax);
  if (end.ending === 'ok') return { status: 'pass', reason: '', log };
  if (end.ending === 'stopped') return { status: 'fail', reason: 'stopped', log };
  const output = usefulPart(end.output, limits.errorContextBytesMax - Buffer.byteLength(end.cause) - 16);
  return { status: 'fail', reason: `${end.cause}\n${output}`.trimEnd(), log };
}
