/** `gump config`: what is in force and from where; one key; setting one. */
import { Option } from 'commander';
import {
  type ConfigurationShown,
  getConfigured,
  hasErrors,
  nearestKey,
  setConfigured,
  showConfiguration,
} from '../local.ts';
import { type CommandGroup, defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
  readonly user?: boolean;
}

const list = defineCommand<Options>({
  name: 'list',
  description: 'Show every setting in force and where it comes from (what `gump config` alone does).',
  options: [repositoryOption(), new Option('--json', 'settings, files and problems as one object')],
  examples: ['gump config', 'gump config list --json'],
  notes:
    'A nearer source wins: command line, environment, gump.toml, ~/.gump/config.toml, default.\nA run reads gump.toml of the commit that it starts on; here it is the file as it lies there.',
  perform: (_words, options) => show(options),
});

const get = defineCommand<Options>({
  name: 'get',
  description: 'Print the value of one setting; exit code 1 where it has none.',
  arguments: [['<key>', 'for example budget.max_budget or agents.mine.command']],
  options: [repositoryOption(), new Option('--json', 'value, source and default as one object')],
  examples: ['gump config get budget.max_budget', 'gump config get default_agent --json'],
  perform: (words, options) => getOne(wordAt(words, 0) ?? '', options),
});

const set = defineCommand<Options>({
  name: 'set',
  description: 'Set one setting in gump.toml; comments and layout of the file stay.',
  arguments: [
    ['<key>', 'for example budget.max_budget'],
    ['<value>', 'text and numbers as they are; a list as TOML writes it'],
  ],
  options: [repositoryOption(), new Option('--user', 'in ~/.gump/config.toml instead')],
  examples: ['gump config set budget.max_budget 20', 'gump config set default_agent claude-opus --user'],
  notes: 'A list: gump config set agents.mine.command \'["my-agent", "--headless"]\'',
  perform: (words, options) => setOne([wordAt(words, 0) ?? '', wordAt(words, 1) ?? ''], options),
});

export const configCommands: CommandGroup = {
  name: 'config',
  description: 'Show the configuration in force, and set it.',
  usual: 'list',
  meant: (word) => {
    const key = nearestKey(word);
    return key === null ? null : `get ${key}`;
  },
  commands: [list, get, set],
};

function show(options: Options): number {
  const shown = showConfiguration(repositoryFolder(options.repo), process.env);
  if (options.json) print(JSON.stringify(shown, null, 2));
  else printDiagnostics(shown.diagnostics);
  const isBroken = hasErrors(shown.diagnostics);
  // Half of what is in force would be taken for all of it.
  if (!options.json && !isBroken) print(table(shown));
  return isBroken ? exitCodes.usage : exitCodes.pass;
}

function table({ settings, files }: ConfigurationShown): string {
  const rows = settings.map(({ key, toml, source, default: otherwise }) => [
    key,
    toml ?? `(${otherwise})`,
    source,
  ]);
  const widths = [0, 1].map((column) =>
    Math.min(44, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const read = files.map(({ file, path, exists }) => `${file}: ${exists ? path : `not there (${path})`}`);
  return [...lines, '', ...read].join('\n');
}

function getOne(key: string, options: Options): number {
  const got = getConfigured(repositoryFolder(options.repo), key, process.env);
  if ('problems' in got) {
    printDiagnostics(got.problems);
    return exitCodes.usage;
  }
  const { value } = got;
  if (options.json) print(JSON.stringify(value, null, 2));
  else if (value.value !== null) print(value.value);
  else printNote(`${value.key} is not set; without it: ${value.default}`);
  return value.value === null ? exitCodes.fail : exitCodes.pass;
}

function setOne([key, value]: readonly [string, string], options: Options): number {
  const result = setConfigured({
    dir: repositoryFolder(options.repo),
    key,
    value,
    user: options.user ?? false,
  });
  if (result.kind === 'refused') {
    printDiagnostics(result.problems);
    return exitCodes.usage;
  }
  printNote(`${result.path} says now:\n${result.lines.replace(/^/gm, '  ')}`);
  if (!options.user) printNote('commit it: a run reads the file of the commit that it starts on');
  return exitCodes.pass;
}
