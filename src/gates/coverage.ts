/** The gate `coverage: N`: the covered part of the lines is at least N percent. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { coverageInOutput, coverageOfLcov, coverageOfSummary } from './counts.ts';
import { usefulPart } from './excerpt.ts';
import { measure } from './measure.ts';
import { join, upwards } from './project.ts';
import type { GateRunnerOptions } from './runner.ts';

/** Takes the number from a report that the command wrote, else from its output; skipped where there is no command. */
export async function judgeCoverage(options: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const goal = Number.parseFloat(order.argument ?? '');
  if (!(goal >= 0 && goal <= 100)) {
    return {
      status: 'fail',
      reason: `coverage must be a percentage from 0 to 100, not ${order.argument}`,
      log: '',
    };
  }
  const before = await stamps(order, foldersAbove(order.files));
  const measured = await measure(options, order, 'coverage');
  if (!('ends' in measured)) return measured;
  const { ends, remark, log } = measured;
  if (ends.some(({ end }) => end.ending === 'stopped')) return { status: 'fail', reason: 'stopped', log };
  if (ends.every(({ end }) => end.exitCode === 127)) {
    return { status: 'skip', reason: `skipped: ${ends[0]?.end.cause}, its tool is not installed`, log };
  }
  const failed = ends.find(({ end }) => end.ending === 'failed');
  if (failed) {
    const output = usefulPart(failed.end.output, limits.errorContextBytesMax - 1_024);
    return { status: 'fail', reason: `${failed.end.cause} (${failed.command.source})\n${output}`, log };
  }
  const percents = await Promise.all(
    ends.map(
      async ({ command, end }) =>
        (await reported(order, command.folder, before)) ?? coverageInOutput(end.output),
    ),
  );
  return { ...judged(percents, goal, remark), log };
}

function judged(percents: readonly (number | null)[], goal: number, remark: string): Omit<GateResult, 'log'> {
  const known = percents.filter((percent) => percent !== null);
  if (known.length < percents.length || known.length === 0) {
    const reason = `coverage could not be told: the command wrote no ${reports.join(' or ')}, and no total into its output`;
    return { status: 'fail', reason };
  }
  const least = Math.min(...known);
  const shown = Math.floor(least * 100) / 100;
  if (least >= goal) return { status: 'pass', reason: remark };
  return { status: 'fail', reason: `coverage is ${shown} %, below ${goal} %` };
}

const reports = ['coverage/coverage-summary.json', 'coverage/lcov.info', 'lcov.info'] as const;

/** Wherever a project may be that answers for the changed files. */
function foldersAbove(files: readonly string[]): readonly string[] {
  return [...new Set(['', ...files.flatMap((file) => upwards(file).slice(1))])];
}

/** The percentage of a report that is newer than the command's start; an old or committed one proves nothing. */
async function reported(
  order: GateOrder,
  folder: string,
  before: ReadonlyMap<string, string>,
): Promise<number | null> {
  const after = await stamps(order, [folder]);
  for (const [file, stamp] of after) {
    if (before.get(file) === stamp) continue;
    const text = await readFile(path.join(order.cwd, file), 'utf8');
    return file.endsWith('.json') ? coverageOfSummary(text) : coverageOfLcov(text);
  }
  return null;
}

async function stamps({ cwd }: GateOrder, folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of folders.flatMap((folder) => reports.map((name) => join(folder, name)))) {
    const stats = await stat(path.join(cwd, file), { bigint: true }).catch(() => null);
    if (stats?.isFile()) found.set(file, `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`);
  }
  return found;
}
