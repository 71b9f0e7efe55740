/** `gump init`: writes what a repository needs, and says what to do next. */
import { Option } from 'commander';
import { type InitFile, initRepository } from '../local.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly action?: string;
  readonly app?: boolean;
  readonly json?: boolean;
}

export const initCommand = defineCommand<Options>({
  name: 'init',
  description: 'Write a commented gump.toml and .github/workflows/gump.yml; files that are there stay.',
  options: [
    repositoryOption(),
    new Option('--force', 'overwrite files that are there'),
    new Option('--dry-run', 'print what would be written, and write nothing'),
    new Option('--app', 'a workflow file for repositories where the GitHub App is installed'),
    new Option('--action <owner/name@ref>', 'where the Action is, for the workflow file'),
    new Option('--json', 'files and what became of them, as one object'),
  ],
  examples: ['gump init', 'gump init --app', 'gump init --action octo-org/gump@v1'],
  notes: 'Without --app the workflow file answers labels and comments itself: no server is needed.',
  perform: (_words, options) => init(options),
});

function init(options: Options): number {
  const done = initRepository({
    dir: repositoryFolder(options.repo),
    force: options.force ?? false,
    dryRun: options.dryRun ?? false,
    action: options.action ?? null,
    host: options.app ? 'app' : 'alone',
    queue: !isEnterpriseServer(process.env),
  });
  if (done.kind === 'refused') {
    printDiagnostics(done.diagnostics);
    return exitCodes.usage;
  }
  const { root, files } = done;
  if (options.json) print(JSON.stringify({ root, dryRun: options.dryRun ?? false, files }, null, 2));
  else if (options.dryRun) for (const file of files) print(`${wouldBe(file)}\n${indented(file)}`);
  else for (const file of files) print(was(file));
  if (!options.json) printNote(next(files, options));
  return exitCodes.pass;
}

/** As `gh` or a runner says it; github.com and its tenants (`*.ghe.com`) are none. */
function isEnterpriseServer({ GH_HOST, GITHUB_SERVER_URL: server = '' }: NodeJS.ProcessEnv): boolean {
  const host = GH_HOST ?? (URL.canParse(server) ? new URL(server).host : 'github.com');
  return !/(^|\.)(github|ghe)\.com$/.test(host);
}

function was({ path, status }: InitFile): string {
  const what = {
    written: 'written',
    overwritten: 'overwritten',
    unchanged: 'is there already, the same',
    kept: 'is there already and was left alone (--force overwrites it)',
  };
  return `${path}: ${what[status]}`;
}

function wouldBe({ path, status }: InitFile): string {
  const what = {
    written: 'would be written',
    overwritten: 'would be overwritten',
    unchanged: 'is there already, the same',
    kept: 'is there already and would be left alone',
  };
  return `${path}: ${what[status]}`;
}

function indented({ text, status }: InitFile): string {
  return status === 'unchanged' || status === 'kept' ? '' : text.replace(/^(?=.)/gm, '  ');
}

function next(files: readonly InitFile[], options: Options): string {
  if (options.dryRun) return 'nothing was written';
  const isNew = files.some(({ status }) => status === 'written' || status === 'overwritten');
  const placeholder = files.some(({ text, status }) => status !== 'kept' && text.includes('uses: OWNER/'));
  const steps = [
    ...(placeholder ? ['put the account that holds the Action for OWNER in .github/workflows/gump.yml'] : []),
    'look through gump.toml: which agent, which budget; `gump doctor` says what is missing',
    ...(isNew ? ['commit both files to the default branch and push'] : []),
    'try it here first: gump run implement-spec --spec spec.md',
    options.app
      ? 'install the GitHub App, then label an issue `gump`'
      : 'settings of Actions → General: tick "Allow GitHub Actions to create and approve pull requests", then label an issue `gump`',
  ];
  return `next:\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}`;
}
