/** From what was typed to an exit code: the table of commands behind commander. */
import { Command, CommanderError } from 'commander';
import { explain, GumpError, gumpVersion, nearest } from '../local.ts';
import type { CommandEntry, CommandGroup } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { printError, writeError } from './output.ts';

/** The exit code; everything that is to be said has been printed. */
export async function runCommandLine(argv: readonly string[], table: Table = commands): Promise<number> {
  let exitCode: number = exitCodes.pass;
  const program = build(table, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withoutHelp(argv, table));
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    printError(explain(error));
    return error instanceof GumpError && error.code === 'usage' ? exitCodes.usage : exitCodes.fail;
  }
}

/** Help of a word that is no command would be help about everything: that there is none has to be told. */
function withoutHelp(argv: readonly string[], table: Table): string[] {
  const [node = '', script = '', ...words] = argv;
  const word = words[0] === 'help' ? words[1] : words[0];
  const isCommand = word === undefined || word.startsWith('-') || word === 'help';
  return isCommand || table.some(({ name }) => name === word) ? [...argv] : [node, script, word];
}

type Table = readonly (CommandEntry | CommandGroup)[];

type End = (exitCode: number) => void;

function build(table: Table, end: End): Command {
  const program = new Command('gump')
    .description('Runs declarative workflows of coding agents, judged by real gates.')
    .version(gumpVersion)
    .showHelpAfterError('(add --help for what can be typed)')
    .exitOverride()
    .configureOutput({ writeErr: writeError })
    .helpCommand(true);
  program.addHelpText(
    'after',
    examplesText(['gump run implement-spec --spec spec.md', 'gump run --resume', 'gump apply']),
  );
  for (const entry of table) add(program, entry, { end });
  return program;
}

interface Adding {
  readonly end: End;
  /** The group that the command is one of. */
  readonly group?: CommandGroup;
}

function add(program: Command, entry: CommandEntry | CommandGroup, { end, group }: Adding): void {
  const isDefault = entry.name === group?.usual;
  const command = program.command(entry.name, { isDefault }).description(entry.description);
  if ('perform' in entry) {
    fill(command, entry, end);
    if (group && isDefault && entry.arguments.length === 0) refuseWords(command, group);
    return;
  }
  for (const inner of entry.commands) add(command, inner, { end, group: entry });
  command.addHelpText('after', examplesText(entry.commands.map(({ examples }) => examples[0])));
}

/** A word behind the group that is none of its commands is most likely a misspelt one. */
function refuseWords(command: Command, group: CommandGroup): void {
  command.allowExcessArguments(true).hook('preAction', () => {
    const [word] = command.args;
    if (word === undefined) return;
    const names = group.commands.map(({ name }) => name);
    const near = nearest(word, names) ?? group.meant?.(word) ?? null;
    const hint = near === null ? '' : `\n(Did you mean ${near}?)`;
    command.error(`error: unknown command '${word}'${hint}`, { code: 'commander.unknownCommand' });
  });
}

function fill(command: Command, entry: CommandEntry, end: End): void {
  for (const [flags, description] of entry.arguments) command.argument(flags, description);
  for (const option of entry.options) command.addOption(option);
  command.addHelpText('after', examplesText(entry.examples));
  if (entry.notes !== null) command.addHelpText('after', `\n${entry.notes}`);
  command.action(async (...given: unknown[]) => {
    // Commander hands over each argument, then the options, then the command.
    const words = given.slice(0, entry.arguments.length);
    end(await entry.perform(words as (string | undefined)[], given[entry.arguments.length]));
  });
}

function examplesText(examples: readonly string[]): string {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return `\n${title}:\n${examples.map((line) => `  ${line}`).join('\n')}`;
}
