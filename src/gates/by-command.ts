/** The gates `compile`, `test` and `lint`: the project's own command has to succeed. */
import path from 'node:path';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import type { CommandEnd } from './command.ts';
import { usefulPart } from './excerpt.ts';
import { exists, type Measured, measure } from './measure.ts';
import type { Command } from './project.ts';
import type { GateRunnerOptions } from './runner.ts';
import type { Goal } from './validation.ts';

/** Fails where compile or test have no command; lint is skipped, with what to do. */
export async function judgeByCommand(
  options: GateRunnerOptions,
  order: GateOrder,
  goal: Goal,
): Promise<GateResult> {
  const measured = await measure(options, order, goal);
  if (!('ends' in measured)) return measured;
  const { ends, remark, log } = measured;
  if (ends.some(({ end }) => end.ending === 'stopped')) return { status: 'fail', reason: 'stopped', log };
  const failed = ends.filter(({ end }) => end.ending === 'failed');
  if (failed.length === 0) return { status: 'pass', reason: remark, log };
  const isMissing = goal === 'lint' && failed.every(({ end }) => isToolMissing(end));
  if (isMissing) {
    return { status: 'skip', reason: `skipped: ${failed[0]?.end.cause}, its tool is not installed`, log };
  }
  return { status: 'fail', reason: await tell(order, failed, remark), log };
}

/** 127 is the shell's "not found" (POSIX.1-2024, 2.8.2); cargo says it in words. @source cargo 1.90, 2026-11 */
function isToolMissing({ exitCode, output }: CommandEnd): boolean {
  return exitCode === 127 || /no such command: `clippy`|'cargo-clippy(\.exe)?' is not installed/.test(output);
}

async function tell(order: GateOrder, failed: Measured['ends'], remark: string): Promise<string> {
  const share = Math.floor(limits.errorContextBytesMax / failed.length) - 1_024;
  const parts = await Promise.all(
    failed.map(async ({ command, end }) => {
      const lines = [`${end.cause} (${command.source})`, ...(await installHint(order, command, end))];
      return [...lines, usefulPart(end.output, Math.max(512, share))].join('\n');
    }),
  );
  return [...(remark ? [remark] : []), ...parts].join('\n').trimEnd();
}

async function installHint({ cwd }: GateOrder, command: Command, end: CommandEnd): Promise<string[]> {
  const folder = path.join(cwd, command.folder);
  const isMissing =
    end.exitCode === 127 || /Cannot find (module|package)|ERR_MODULE_NOT_FOUND/.test(end.output);
  const isPackage = await exists(path.join(folder, 'package.json'));
  if (!isMissing || !isPackage || (await exists(path.join(folder, 'node_modules')))) return [];
  return [
    'node_modules is missing here; an installation can be part of the command: [validation] in gump.toml',
  ];
}
