/** The gate `bash`: a command of the workflow, run in the attempt's tree. */
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { validationAt } from './detect.ts';
import { headAndTail, usefulPart } from './excerpt.ts';
import { firstVersions, type JudgeTexts, startsScripts } from './judge-files.ts';
import { judgeTexts, reportsOf, runUnder } from './measure.ts';
import type { GateRunnerOptions } from './runner.ts';
import { projectsOf } from './trees.ts';

/** Passes with exit code 0. */
export async function judgeByExitCode(options: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const text = order.argument ?? '';
  const commands = [{ folder: '', texts: [{ text, env: {} }], source: 'bash' }];
  const said = await validationAt(projectsOf(order).base, options.validation);
  if (typeof said === 'string') return { status: 'fail', reason: said, log: '' };
  const isAsFound = said.from === 'head' || !startsScripts(text);
  // A command that runs scripts or Makefiles gets those of the first commit; any other sees the tree as it stands.
  const texts: JudgeTexts | string = isAsFound ? new Map() : await judgeTexts(order, commands);
  if (typeof texts === 'string') return { status: 'fail', reason: texts, log: '' };
  const { timeout: timeoutMs = limits.gateTimeoutMs } = said;
  const ends = await runUnder(texts, { options, order, commands, timeoutMs });
  if ('status' in ends) return ends;
  const end = ends[0]?.end;
  const log = headAndTail(end?.log ?? '', limits.gateLogBytesMax);
  const remark = firstVersions(texts);
  if (end?.ending === 'ok') return { status: 'pass', reason: remark, log };
  if (!end || end.ending === 'stopped') return { status: 'fail', reason: 'stopped', log };
  const lines = [...(remark ? [remark] : []), end.cause].join('\n');
  const left = Math.max(512, limits.errorContextBytesMax - Buffer.byteLength(lines) - 16);
  const reason = `${lines}\n${usefulPart(end.output, left)}`.trimEnd();
  return { status: 'fail', reason, log, reports: reportsOf(ends) };
}
