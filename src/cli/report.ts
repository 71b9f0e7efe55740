/** `gump report`: the report of a run as text, or as JSON for other programs. */

import { Option } from 'commander';
import { renderJson, renderText, reportOf } from '../local.ts';
import { defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export const reportCommand = defineCommand<Options>({
  name: 'report',
  description: 'Tell what a run did, what it cost, and what nothing checked.',
  arguments: [['[run]', 'the run; without it the latest']],
  options: [repositoryOption(), new Option('--json', 'the whole report for other programs')],
  examples: ['gump report', 'gump report 20261123-134501-3f2a --json'],
  perform: (words, options) => report(wordAt(words, 0), options),
});

async function report(run: string | null, options: Options): Promise<number> {
  const told = await reportOf(repositoryFolder(options.repo), run);
  if (told.kind === 'refused') {
    printDiagnostics(told.diagnostics);
    return exitCodes.usage;
  }
  process.stdout.write(options.json ? renderJson(told.summary) : renderText(told.summary));
  return exitCodes.pass;
}
