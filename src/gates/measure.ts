/** Runs the commands that judge a tree, with the judge's files as of the run's first commit. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { detectCommands, type Judge } from './detect.ts';
import { headAndTail } from './excerpt.ts';
import { changedJudgeFiles, firstVersions, type JudgeTexts, runsPackageScripts } from './judge-files.ts';
import { layOver } from './overlay.ts';
import { type Command, join } from './project.ts';
import { freshResults, type Results, stampResults } from './result-reports.ts';
import type { GateRunnerOptions } from './runner.ts';
import { projectsOf } from './trees.ts';
import type { Goal } from './validation.ts';

export interface Measured {
  readonly ends: readonly {
    readonly command: Command;
    readonly end: CommandEnd;
    /** What a command that failed wrote of it into files, see result-reports.ts; empty where it wrote none. */
    readonly reports: string;
  }[];
  /** What a reader must know even of a pass; empty where nothing is special. */
  readonly remark: string;
  readonly log: string;
}

/** Runs every command that is found for the goal; a result where there is none to run. */
export async function measure(
  options: GateRunnerOptions,
  order: GateOrder,
  goal: Goal,
): Promise<Measured | GateResult> {
  const { files } = order;
  const detected = await detectCommands({ goal, files, ...projectsOf(order), user: options.validation });
  if ('problem' in detected) return { status: 'fail', reason: detected.problem, log: '' };
  const { judges, from, timeoutMs } = detected;
  if (judges.length === 0) return noCommand(goal);
  const commands = judges.map(({ command }) => command);
  const texts = from === 'head' ? new Map() : await judgeTexts(order, commands);
  if (typeof texts === 'string') return { status: 'fail', reason: texts, log: '' };
  const ends = await runUnder(texts, { options, order, commands, timeoutMs });
  if ('status' in ends) return ends;
  const log = ends.map(({ command, end }) => `# ${command.source}\n${end.log}`).join('\n');
  const remarks = [ownCommands(judges, from), firstVersions(texts)];
  const remark = remarks.filter((part) => part !== '').join('; ');
  return { ends, remark, log: headAndTail(log, limits.gateLogBytesMax) };
}

/**
 * What has to stand in the tree while the commands run; a reason not to judge where one needs a package.json that the
 * attempt removed: package managers would take the next one above, which is outside of the tree.
 */
export async function judgeTexts(
  order: GateOrder,
  commands: readonly Command[],
): Promise<JudgeTexts | string> {
  const { cwd, readBase } = order;
  for (const { folder, texts, source } of commands) {
    const manifest = join(folder, 'package.json');
    const asks = texts.some(({ text }) => runsPackageScripts(text));
    if (!asks || (await readBase(manifest)) === null || (await exists(path.join(cwd, manifest)))) continue;
    return `not judged: the attempt removed ${manifest}, which its command (${source}) reads`;
  }
  const folders = commands.map(({ folder }) => folder);
  return changedJudgeFiles({ cwd, readBase, changed: await order.changed(), folders });
}

export interface Work {
  readonly options: GateRunnerOptions;
  readonly order: GateOrder;
  readonly commands: readonly Command[];
  readonly timeoutMs: number;
}

/** Runs the commands one after the other while the texts stand in the tree; a failure where they cannot. */
export async function runUnder(texts: JudgeTexts, work: Work): Promise<Measured['ends'] | GateResult> {
  const { options, order, commands, timeoutMs } = work;
  const overlay = await layOver(order.cwd, texts).catch(explain);
  if (typeof overlay === 'string') {
    const files = [...texts.keys()].join(', ');
    const reason = `not judged: ${files} could not be put back as the run found them: ${overlay}`;
    return { status: 'fail', reason, log: '' };
  }
  const ends: Measured['ends'][number][] = [];
  try {
    for (const command of commands) {
      const { cwd, signal } = order;
      const before = await stampResults(cwd, command.folder);
      const end = await runCommand({ ...options, command, cwd, signal, timeoutMs });
      ends.push(
        end.ending === 'failed'
          ? withReports(command, end, await freshResults(cwd, command.folder, before))
          : { command, end, reports: '' },
      );
      if (end.ending === 'stopped') break;
    }
  } finally {
    await overlay.restore();
  }
  return ends;
}

function withReports(command: Command, end: CommandEnd, { text, left }: Results): Measured['ends'][number] {
  const log = [end.log.trimEnd(), ...left].join('\n');
  return { command, end: left.length === 0 ? end : { ...end, log: `${log}\n` }, reports: text };
}

/** Of all that failed; empty where there are none. */
export function reportsOf(ends: Measured['ends']): string {
  return ends.flatMap(({ reports }) => (reports === '' ? [] : [reports])).join('\n');
}

function ownCommands(judges: readonly Judge[], from: 'base' | 'head'): string {
  const own = judges.filter(({ origin }) => origin === 'head').map(({ command }) => command.source);
  const why = from === 'head' ? '[validation] from = "head"' : "the run's first commit has none";
  return own.length === 0 ? '' : `command taken from the attempt's own tree: ${own.join(', ')} (${why})`;
}

function noCommand(goal: Goal): GateResult {
  const advice = `set it in gump.toml: [validation] ${goal} = "…"`;
  if (goal === 'lint' || goal === 'coverage') {
    return { status: 'skip', reason: `skipped: no ${goal} command was found; ${advice}`, log: '' };
  }
  const places =
    'go.mod, package.json (with that script), Cargo.toml, pyproject.toml, Makefile (with that target), build.gradle, pom.xml, mix.exs or *.csproj';
  return { status: 'fail', reason: `no ${goal} command was found in ${places}; ${advice}`, log: '' };
}

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
