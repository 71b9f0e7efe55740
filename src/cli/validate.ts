/** `gump validate`: every problem with its place; exit code 2 when one of them is an error. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { hasErrors, validateFiles } from '../local.ts';
import { defineCommand, wordsAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { setOption } from './options.ts';
import { print, printDiagnostics } from './output.ts';
import { pathResolver, startingFolder } from './place.ts';

interface Options {
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

export const validateCommand = defineCommand<Options>({
  name: 'validate',
  description: 'Check workflow files; every problem is told with its place.',
  arguments: [['<file...>', 'workflow files']],
  options: [setOption(), new Option('--json', 'an array of problems')],
  examples: ['gump validate .gump/workflows/*.yaml', 'gump validate tune.yaml --set feature=login'],
  perform: (words, options) => validate(wordsAt(words, 0), options),
});

function validate(files: readonly string[], options: Options): number {
  const resolvePath = pathResolver(startingFolder());
  const given = Object.keys(options.set ?? {});
  const user = join(homedir(), '.gump');
  const diagnostics = validateFiles({ files, resolvePath, user, env: process.env, given });
  const wrong = hasErrors(diagnostics);
  if (options.json) print(JSON.stringify(diagnostics, null, 2));
  else printDiagnostics(diagnostics);
  if (!wrong && !options.json) for (const file of files) print(`${file}: valid`);
  return wrong ? exitCodes.usage : exitCodes.pass;
}
