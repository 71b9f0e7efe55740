/** The gates `compile`, `test` and `lint`: the project's own command has to succeed. */
import path from 'node:path';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import type { CommandEnd } from './command.ts';
import { usefulPart } from './excerpt.ts';
import { exists, type Measured, measure, reportsOf } from './measure.ts';
import { askedInVain, missingTool } from './missing-tool.ts';
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
  const missing = goal === 'lint' ? await missingTool({ options, order, ends }) : null;
  if (missing) return { status: 'skip', reason: `skipped: ${missing}`, log };
  return { status: 'fail', reason: await tell(order, failed, remark), log, reports: reportsOf(ends) };
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

async function installHint(order: GateOrder, command: Command, end: CommandEnd): Promise<string[]> {
  const folder = path.join(order.cwd, command.folder);
  const missing = await askedInVain(order, command, end);
  const isMissing = missing !== null || /Cannot find (module|package)|ERR_MODULE_NOT_FOUND/.test(end.output);
  const isPackage = await exists(path.join(folder, 'package.json'));
  if (isMissing && isPackage && !(await exists(path.join(folder, 'node_modules')))) {
    return [
      'node_modules is missing here; an installation can be part of the command: [validation] in gump.toml',
    ];
  }
  return missing ? [`${missing.tool} is not installed here: install it on the machine that runs gump`] : [];
}
