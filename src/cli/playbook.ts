/** `gump playbook`: what can be run, and the text of one of them. */
import { Option } from 'commander';
import { columns, listPlaybook, showPlaybook } from '../local.ts';
import { type CommandGroup, defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly path?: boolean;
  readonly json?: boolean;
}

const list = defineCommand<Options>({
  name: 'list',
  description:
    'List workflows and validators: whose each is, and what it is for (what `gump playbook` alone does).',
  options: [repositoryOption(), new Option('--json', 'an array of objects')],
  examples: ['gump playbook', 'gump playbook list --json'],
  notes:
    'Of one name the nearest wins: .gump/ of the project, ~/.gump/ of the user, the playbook that ships.',
  perform: (_words, options) => listAll(options),
});

const show = defineCommand<Options>({
  name: 'show',
  description: 'Print the file that a name means here, as it would run.',
  arguments: [['<name>', 'for example tdd or validators/arch-review']],
  options: [
    repositoryOption(),
    new Option('--path', 'only where it is'),
    new Option('--json', 'place, owner, description and text as one object'),
  ],
  examples: ['gump playbook show tdd', 'gump playbook show simple > .gump/workflows/mine.yaml'],
  perform: (words, options) => showOne(wordAt(words, 0) ?? '', options),
});

export const playbookCommands: CommandGroup = {
  name: 'playbook',
  description: 'List and show the workflows and validators that can be used here.',
  usual: 'list',
  meant: (word) =>
    listPlaybook(repositoryFolder(undefined)).some(({ name }) => name === word) ? `show ${word}` : null,
  commands: [list, show],
};

function listAll(options: Options): number {
  const entries = listPlaybook(repositoryFolder(options.repo));
  if (options.json) print(JSON.stringify(entries, null, 2));
  else {
    const rows = entries.map(({ name, owner, description, hides }) => {
      const hidden = hides.length === 0 ? '' : ` (in place of ${hides.join(', ')})`;
      return [name, owner, description + hidden];
    });
    for (const line of columns(rows)) print(line);
  }
  return exitCodes.pass;
}

function showOne(name: string, options: Options): number {
  const shown = showPlaybook(repositoryFolder(options.repo), name);
  if (shown.kind === 'refused') {
    printDiagnostics(shown.diagnostics);
    return exitCodes.usage;
  }
  const { entry, text } = shown;
  if (options.path) print(entry.path);
  else if (options.json) print(JSON.stringify({ ...entry, text }, null, 2));
  else {
    if (process.stdout.isTTY) printNote(`# ${entry.file}`);
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }
  return exitCodes.pass;
}
