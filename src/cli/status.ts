/** `gump status`: one line a run. */

import { Option } from 'commander';
import { statusOf } from '../local.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export const statusCommand = defineCommand<Options>({
  name: 'status',
  description: 'List the runs of a repository, newest first.',
  options: [repositoryOption(), new Option('--json', 'an array of objects')],
  examples: ['gump status', 'gump status --repo ../service'],
  perform: (_words, options) => status(options),
});

async function status(options: Options): Promise<number> {
  const listed = await statusOf(repositoryFolder(options.repo));
  if (listed.kind === 'refused') {
    printDiagnostics(listed.diagnostics);
    return exitCodes.usage;
  }
  if (options.json) print(JSON.stringify(listed.runs, null, 2));
  else if (listed.runs.length === 0)
    print('no runs yet; start one with: gump run implement-spec --spec spec.md');
  for (const run of options.json ? [] : listed.runs) {
    print([run.run.padEnd(22), run.status.padEnd(10), run.workflow, run.problem ?? ''].join('  ').trimEnd());
  }
  return exitCodes.pass;
}
