/** Runs the commands that judge a tree, with the judge's files as of the run's first commit. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import type { GateOrder, GateResult } from '../ports/gate.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { detectCommands, type Judge, userValidationSource, validationSource } from './detect.ts';
import { headAndTail } from './excerpt.ts';
import type { Command, Project } from './markers.ts';
import { changedJudgeFiles, type JudgeTexts, layOver, notJudged, startsScripts } from './overlay.ts';
import type { GateRunnerOptions } from './runner.ts';
import type { Goal } from './validation.ts';

export interface Measured {
  readonly ends: readonly { readonly command: Command; readonly end: CommandEnd }[];
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
  const { files, cwd } = order;
  const detected = await detectCommands({ goal, files, ...projectsOf(order), user: options.validation });
  if ('problem' in detected) return { status: 'fail', reason: detected.problem, log: '' };
  const { judges, from, timeoutMs } = detected;
  if (judges.length === 0) return noCommand(goal);
  const found = from === 'head' ? noTexts : await changedJudgeFiles({ cwd, readBase: order.readBase });
  const unknown = typeof found === 'string' ? found : '';
  if (unknown && !judges.every(isPlain)) return { status: 'fail', reason: notJudged(unknown), log: '' };
  const texts = typeof found === 'string' ? noTexts : found;
  const commands = judges.map(({ command }) => command);
  const ends = await runUnder(texts, { options, order, commands, timeoutMs });
  if ('status' in ends) return ends;
  const log = ends.map(({ command, end }) => `# ${command.source}\n${end.log}`).join('\n');
  const remarks = [ownCommands(judges, from), firstVersions(texts), unknown && `not checked: ${unknown}`];
  const remark = remarks.filter((part) => part !== '').join('; ');
  return { ends, remark, log: headAndTail(log, limits.gateLogBytesMax) };
}

const noTexts: JudgeTexts = new Map();

/** Said in `[validation]` of the first commit or of the user, and without a part that package.json files or Makefiles could weaken. */
function isPlain({ command, origin }: Judge): boolean {
  const isSaid = origin === 'base' && [validationSource, userValidationSource].includes(command.source);
  return isSaid && !command.texts.some(({ text }) => startsScripts(text));
}

/** The run's first commit and the attempt's tree, as detection reads them. */
export function projectsOf({ cwd, readBase }: GateOrder): { readonly base: Project; readonly head: Project } {
  const list: Project['list'] = (folder) => readdir(path.join(cwd, folder)).catch(() => null);
  const read: Project['read'] = async (file) => {
    const found = await stat(path.join(cwd, file)).catch(() => null);
    const isReadable = found?.isFile() && found.size <= limits.judgeFileBytesMax;
    return isReadable ? readFile(path.join(cwd, file), 'utf8') : null;
  };
  return { base: { read: readBase, list }, head: { read, list } };
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
  const ends: { command: Command; end: CommandEnd }[] = [];
  try {
    for (const command of commands) {
      const { cwd, signal } = order;
      const end = await runCommand({ command, cwd, env: options.env, signal, timeoutMs });
      ends.push({ command, end });
      if (end.ending === 'stopped') break;
    }
  } finally {
    await overlay.restore();
  }
  return ends;
}

/** Says whose files judged, where the attempt had changed them; empty where it had not. */
export function firstVersions(texts: JudgeTexts): string {
  return texts.size === 0 ? '' : `judged with the run's first version of ${[...texts.keys()].join(', ')}`;
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
