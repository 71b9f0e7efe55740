/** `gump report`: a run, one step of it, or several runs together; as text, or as JSON for other programs. */
import { Option } from 'commander';
import {
  detailData,
  renderAggregate,
  renderDetail,
  renderJson,
  renderText,
  reportOf,
  reportOfRuns,
  reportOfStep,
} from '../local.ts';
import { defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { countOption, repositoryOption } from './options.ts';
import { print, printDiagnostics, printError, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly detail?: string;
  readonly last?: number;
  readonly json?: boolean;
}

export const reportCommand = defineCommand<Options>({
  name: 'report',
  description: 'Tell what a run did, what it cost, and what nothing checked.',
  arguments: [['[run]', 'the run; without it the latest']],
  options: [
    repositoryOption(),
    new Option(
      '--detail <step>',
      'one step: attempts, sessions, files, gates with reasons and logs, findings',
    ),
    countOption('--last <n>', 'the last runs together, by workflow and by agent'),
    new Option('--json', 'the whole report for other programs'),
  ],
  examples: [
    'gump report',
    'gump report --detail build/task-1/converge',
    'gump report --last 20',
    'gump report 20261123-134501-3f2a --json',
  ],
  notes:
    'A step is named as the trace shows it, as it is stored (decompose/greeting/converge), or by the end of its path.',
  perform: (words, options) => report(wordAt(words, 0), options),
});

async function report(run: string | null, options: Options): Promise<number> {
  const { detail, last } = options;
  if (last !== undefined && (run !== null || detail !== undefined)) {
    printError('--last tells of several runs: it goes with neither a run nor --detail');
    return exitCodes.usage;
  }
  const dir = repositoryFolder(options.repo);
  if (last !== undefined) return reportRuns(dir, last, options);
  return detail === undefined
    ? reportRun(dir, run, options)
    : reportStep({ dir, run, step: detail }, options);
}

async function reportRun(dir: string, run: string | null, { json }: Options): Promise<number> {
  const told = await reportOf(dir, run);
  if (told.kind === 'refused') return refuse(told);
  process.stdout.write(json ? renderJson(told.summary) : renderText(told.summary));
  return exitCodes.pass;
}

async function reportStep(order: Parameters<typeof reportOfStep>[0], { json }: Options): Promise<number> {
  const told = await reportOfStep(order);
  if (told.kind === 'refused') return refuse(told);
  if (json) print(JSON.stringify(detailData(told), null, 2));
  else process.stdout.write(renderDetail(told));
  return exitCodes.pass;
}

async function reportRuns(dir: string, count: number, { json }: Options): Promise<number> {
  const told = await reportOfRuns(dir, count);
  if (told.kind === 'refused') return refuse(told);
  for (const problem of told.unreadable) printNote(`left out: ${problem}`);
  if (json) print(JSON.stringify(told.aggregate, null, 2));
  else process.stdout.write(renderAggregate(told.aggregate));
  return exitCodes.pass;
}

function refuse({ diagnostics }: { readonly diagnostics: Parameters<typeof printDiagnostics>[0] }): number {
  printDiagnostics(diagnostics);
  return exitCodes.usage;
}
