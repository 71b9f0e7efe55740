/** What can be typed: commands, options, help with examples. Exit codes: 0 pass, 1 failed, 2 wrong usage, 3 paused, 130/143 stopped. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { explain, GumpError, gumpVersion } from '../local.ts';
import { runApply } from './apply.ts';
import { printError } from './output.ts';
import { runReport } from './report.ts';
import { runRun } from './run.ts';
import { runStatus } from './status.ts';
import { runValidate } from './validate.ts';

export const exitCodes = {
  pass: 0,
  fail: 1,
  usage: 2,
  paused: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit code; everything that is to be said has been printed. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.pass;
  const program = build((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    printError(explain(error));
    return error instanceof GumpError && error.code === 'usage' ? exitCodes.usage : exitCodes.fail;
  }
}

type End = (exitCode: number) => void;

function build(end: End): Command {
  const program = new Command('gump')
    .description('Runs declarative workflows of coding agents, judged by real gates.')
    .version(gumpVersion)
    .showHelpAfterError('(add --help for what can be typed)')
    .exitOverride()
    .helpCommand(true);
  program.addHelpText(
    'after',
    '\nExamples:\n  gump run implement-spec --spec spec.md\n  gump run --resume\n  gump apply',
  );
  addRun(program, end);
  addApply(program, end);
  addStatus(program, end);
  addReport(program, end);
  addValidate(program, end);
  return program;
}

function addRun(program: Command, end: End): void {
  program
    .command('run')
    .description('Run a workflow on a spec; the result is the branch gump/run-<id>.')
    .argument('[workflow]', 'name in the playbook, or path of a .yaml file')
    .option('--spec <file>', 'what to build, markdown')
    .addOption(repositoryOption())
    .addOption(
      new Option('--agent-script <file>', 'play the agents from a file: a rehearsal, free of charge').env(
        'GUMP_AGENT_SCRIPT',
      ),
    )
    .option('--agent <name>', 'this agent for every step')
    .option('--max-budget <usd>', 'stop at this much money', positive)
    .option('--max-parallel <n>', 'parallel tasks at once', whole)
    .option('--pause-after <step>', 'ask a person once this step has passed')
    .option('--resume', 'go on with the latest unfinished run, in the same ledger')
    .option('--run <id>', 'with --resume: this run')
    .option('--json', 'one event a line instead of the trace')
    .option('--verbose', 'show the steps of validators too')
    .addHelpText(
      'after',
      '\nExamples:\n  gump run implement-spec --spec spec.md\n  gump run implement-spec --spec spec.md --agent-script script.yaml\n  gump run --resume\n\nExit codes: 0 passed, 1 failed, 2 wrong usage or invalid files, 3 paused, 130 / 143 stopped by SIGINT / SIGTERM.',
    )
    .action(async (workflow: string | undefined, options) => end(await runRun(workflow ?? null, options)));
}

function addApply(program: Command, end: End): void {
  program
    .command('apply')
    .description('Merge the result of a run into what is checked out.')
    .argument('[run]', 'the run; without it the latest that passed')
    .addOption(repositoryOption())
    .addHelpText(
      'after',
      '\nExamples:\n  gump apply\n  gump apply 20261123-134501-3f2a\n\nUndo: git reset --merge HEAD^',
    )
    .action(async (run: string | undefined, options) => end(await runApply(run ?? null, options)));
}

function addStatus(program: Command, end: End): void {
  program
    .command('status')
    .description('List the runs of a repository, newest first.')
    .addOption(repositoryOption())
    .option('--json', 'an array of objects')
    .addHelpText('after', '\nExample:\n  gump status --repo ../service')
    .action(async (options) => end(await runStatus(options)));
}

function addReport(program: Command, end: End): void {
  program
    .command('report')
    .description('Tell what a run did, what it cost, and what nothing checked.')
    .argument('[run]', 'the run; without it the latest')
    .addOption(repositoryOption())
    .option('--json', 'the whole report for other programs')
    .addHelpText('after', '\nExamples:\n  gump report\n  gump report 20261123-134501-3f2a --json')
    .action(async (run: string | undefined, options) => end(await runReport(run ?? null, options)));
}

function addValidate(program: Command, end: End): void {
  program
    .command('validate')
    .description('Check workflow files; every problem is told with its place.')
    .argument('<file...>', 'workflow files')
    .option('--json', 'an array of problems')
    .addHelpText('after', '\nExample:\n  gump validate .gump/workflows/*.yaml')
    .action((files: string[], options) => end(runValidate(files, options)));
}

function repositoryOption(): Option {
  return new Option('--repo <dir>', 'the repository to work on (default: where you are)');
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It is no amount above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It is no whole number from 1.');
  return value;
}
