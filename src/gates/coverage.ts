/** The gate `coverage: N`: the covered part of the lines is at least N percent. */
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { coverageInOutput } from './coverage-output.ts';
import { type Coverage, least, percentOf } from './coverage-value.ts';
import { usefulPart } from './excerpt.ts';
import { freshReports, type Stamps, stampReports } from './fresh-reports.ts';
import { type Measured, measure, reportsOf } from './measure.ts';
import { missingTool } from './missing-tool.ts';
import { folderOf, upwards } from './project.ts';
import type { GateRunnerOptions } from './runner.ts';

/** Takes the number from reports that the command wrote, else from its output; skipped where there is no command or tool. */
export async function judgeCoverage(options: GateRunnerOptions, order: GateOrder): Promise<GateResult> {
  const goal = Number((order.argument ?? '').trim().replace(/\s*%$/, '') || Number.NaN);
  if (!(goal >= 0 && goal <= 100)) {
    const reason = `coverage must be a percentage from 0 to 100, not ${order.argument}`;
    return { status: 'fail', reason, log: '' };
  }
  const before = await stampReports(order.cwd, foldersAbove(order.files));
  const measured = await measure(options, order, 'coverage');
  if (!('ends' in measured)) return measured;
  const { ends, remark, log } = measured;
  if (ends.some(({ end }) => end.ending === 'stopped')) return { status: 'fail', reason: 'stopped', log };
  const missing = await missingTool({ options, order, ends });
  if (missing) return { status: 'skip', reason: `skipped: ${missing}`, log };
  const failed = ends.find(({ end }) => end.ending === 'failed');
  if (failed) {
    const output = usefulPart(failed.end.output, limits.errorContextBytesMax - 1_024);
    return {
      status: 'fail',
      reason: `${failed.end.cause} (${failed.command.source})\n${output}`,
      log,
      reports: reportsOf(ends),
    };
  }
  const found = await Promise.all(ends.map((end) => reached(order, end, before)));
  const shown = found.map(({ told }) => `${told}\n`).join('');
  return { ...judged(found, goal, remark), log: `${log}${shown}` };
}

/** Wherever a project may be that answers for the changed files. */
function foldersAbove(files: readonly string[]): readonly string[] {
  return [...new Set(['', ...files.flatMap((file) => upwards(folderOf(file)))])];
}

interface Reached {
  /** Null where it could not be told. */
  readonly coverage: Coverage | null;
  /** The coverage and where it stands; or why it could not be told. */
  readonly told: string;
}

/** Of several reports the least counts: what they say together is not known. */
async function reached(
  { cwd }: GateOrder,
  { command, end }: Measured['ends'][number],
  before: Stamps,
): Promise<Reached> {
  const { fresh, stale } = await freshReports(cwd, command.folder, before);
  const inOutput = fresh.some(({ reading }) => reading !== null) ? null : coverageInOutput(end.output);
  const readings = [...fresh, { file: 'the output', reading: inOutput }];
  for (const { file, reading } of readings) {
    if (reading && 'problem' in reading)
      return { coverage: null, told: `coverage could not be told from ${file}: ${reading.problem}` };
  }
  const known = readings.flatMap(({ file, reading }) =>
    reading && !('problem' in reading) ? [{ file, coverage: reading }] : [],
  );
  const coverage = least(known.map((report) => report.coverage));
  if (coverage === null) return { coverage, told: untold(fresh, stale) };
  const files = known
    .filter((report) => percentOf(report.coverage) === percentOf(coverage))
    .map(({ file }) => file);
  return { coverage, told: `coverage is ${shown(coverage)}, says ${files.join(' and ')}` };
}

function untold(fresh: readonly { readonly file: string }[], stale: readonly string[]): string {
  const empty = fresh.length > 0 ? `; ${names(fresh.map(({ file }) => file))} tells of no lines` : '';
  const old = stale.length > 0 ? `; ${names(stale)} was there before and does not count` : '';
  return `coverage could not be told: the command wrote no report that is known here (lcov, Cobertura, JaCoCo, JSON of istanbul or coverage.py, a profile of go) where such reports usually are, and no total into its output${empty}${old}`;
}

function names(files: readonly string[]): string {
  return files.slice(0, 3).join(', ');
}

/** Never rounded up: 79.995 is below 80. */
function shown(coverage: Coverage): string {
  const percent = `${Math.floor(percentOf(coverage) * 100 + 1e-9) / 100} %`;
  return 'percent' in coverage
    ? percent
    : `${percent} (${coverage.covered} of ${coverage.total} ${coverage.of})`;
}

function judged(found: readonly Reached[], goal: number, remark: string): Omit<GateResult, 'log'> {
  const below = found.filter(({ coverage }) => coverage === null || !reaches(coverage, goal));
  if (below.length === 0) return { status: 'pass', reason: remark };
  const lines = below.map(({ coverage, told }) => (coverage ? `${told}: below ${goal} %` : told));
  return { status: 'fail', reason: [...(remark ? [remark] : []), ...lines].join('\n') };
}

/** Without a division, so that 4 of 5 are exactly 80 %. */
function reaches(coverage: Coverage, goal: number): boolean {
  return 'percent' in coverage ? coverage.percent >= goal : coverage.covered * 100 >= goal * coverage.total;
}
