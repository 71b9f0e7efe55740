/** The gates `compile`, `test` and `lint`: the project's own command has to succeed. */
import { access, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { detectCommands, type Judge } from './detect.ts';
import { headAndTail, usefulPart } from './excerpt.ts';
import type { Command, Project } from './markers.ts';
import { changedJudgeFiles, type JudgeTexts, layOver } from './overlay.ts';
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
  const missing = goal === 'lint' && failed.every(({ end }) => isToolMissing(end));
  if (missing)
    return { status: 'skip', reason: `skipped: ${failed[0]?.end.cause}, its tool is not installed`, log };
  return { status: 'fail', reason: await explain(order, failed, remark), log };
}

export interface Measured {
  readonly ends: readonly { readonly command: Command; readonly end: CommandEnd }[];
  /** What a reader must know even of a pass; empty where nothing is special. */
  readonly remark: string;
  readonly log: string;
}

/** Runs every command for the goal under the judge's files of the base commit; a result where there is none to run. */
export async function measure(
  options: GateRunnerOptions,
  order: GateOrder,
  goal: Goal,
): Promise<Measured | GateResult> {
  const readBase = remembered(order.readBase);
  const head = headOf(order.cwd);
  const base: Project = { read: readBase, list: head.list };
  const detected = await detectCommands({ goal, files: order.files, base, head, settings: options.settings });
  if ('problem' in detected) return { status: 'fail', reason: detected.problem, log: '' };
  if (detected.judges.length === 0) return noCommand(goal);
  const texts: JudgeTexts =
    detected.from === 'head' ? new Map() : await changedJudgeFiles({ cwd: order.cwd, readBase });
  const ends = await runUnder(texts, { options, order, judges: detected.judges });
  if ('status' in ends) return ends;
  const log = headAndTail(
    ends.map(({ command, end }) => `# ${command.source}\n${end.log}`).join('\n'),
    limits.gateLogBytesMax,
  );
  return { ends, remark: remarks(detected.judges, texts, detected.from), log };
}

async function runUnder(
  texts: JudgeTexts,
  work: { readonly options: GateRunnerOptions; readonly order: GateOrder; readonly judges: readonly Judge[] },
): Promise<Measured['ends'] | GateResult> {
  const { options, order, judges } = work;
  const { cwd, signal } = order;
  const overlay = await layOver(cwd, texts).catch((cause: unknown) => String(cause));
  if (typeof overlay === 'string') {
    const files = [...texts.keys()].join(', ');
    return {
      status: 'fail',
      reason: `not judged: ${files} could not be put back as the run found them: ${overlay}`,
      log: '',
    };
  }
  const ends: { command: Command; end: CommandEnd }[] = [];
  try {
    for (const { command } of judges) {
      const end = await runCommand({ command, cwd, env: options.env, signal });
      ends.push({ command, end });
      if (end.ending === 'stopped') break;
    }
  } finally {
    await overlay.restore();
  }
  return ends;
}

function remarks(judges: readonly Judge[], texts: JudgeTexts, from: 'base' | 'head'): string {
  const own = judges.filter(({ origin }) => origin === 'head').map(({ command }) => command.source);
  const why = from === 'head' ? '[validation] from = "head"' : "the run's first commit has none";
  const parts =
    own.length > 0 ? [`command taken from the attempt's own tree: ${own.join(', ')} (${why})`] : [];
  if (texts.size > 0) parts.push(`judged with the run's first version of ${[...texts.keys()].join(', ')}`);
  return parts.join('; ');
}

function noCommand(goal: Goal): GateResult {
  const places =
    'go.mod, package.json (with that script), Cargo.toml, pyproject.toml, Makefile (with that target), build.gradle, pom.xml, mix.exs or *.csproj';
  const advice = `set it in gump.toml: [validation] ${goal} = "…"`;
  if (goal === 'lint' || goal === 'coverage') {
    return { status: 'skip', reason: `skipped: no ${goal} command was found; ${advice}`, log: '' };
  }
  return { status: 'fail', reason: `no ${goal} command was found in ${places}; ${advice}`, log: '' };
}

/** 127 is the shell's "not found". @source POSIX.1-2024, 2.8.2; cargo says it in words */
function isToolMissing({ exitCode, output }: CommandEnd): boolean {
  return exitCode === 127 || /no such command: `clippy`|'cargo-clippy' is not installed/.test(output);
}

async function explain(order: GateOrder, failed: Measured['ends'], remark: string): Promise<string> {
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

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The attempt's tree on disk; links that leave it are not followed. */
function headOf(cwd: string): Project {
  return {
    read: async (file) => {
      const found = await stat(path.join(cwd, file)).catch(() => null);
      if (!found?.isFile() || found.size > limits.judgeFileBytesMax) return null;
      return readFile(path.join(cwd, file), 'utf8');
    },
    list: (folder) => readdir(path.join(cwd, folder)).catch(() => null),
  };
}

function remembered(read: GateOrder['readBase']): GateOrder['readBase'] {
  const known = new Map<string, Promise<string | null>>();
  return (file) => {
    const before = known.get(file) ?? read(file);
    known.set(file, before);
    return before;
  };
}
