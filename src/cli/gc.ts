/** `gump gc`: removes what runs have left behind; what is kept is told with the reason. */
import { Option } from 'commander';
import { collectGarbage, columns, formatBytes, limits, type Removed } from '../local.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { countOption, repositoryOption } from './options.ts';
import { print, printDiagnostics, printError, showProgress } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly keepLast?: number;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const gcCommand = defineCommand<Options>({
  name: 'gc',
  description: 'Remove old runs, their branches and what killed processes have left.',
  options: [
    repositoryOption(),
    countOption('--keep-last <n>', `so many of the newest runs stay (default: ${limits.keptRunsDefault})`, 0),
    new Option(
      '--force',
      'also paused runs, results that are not applied, and branches with work of their own',
    ),
    new Option('--dry-run', 'only tell what would be removed'),
    new Option('--json', 'one object: removed, kept, failures, freedBytes'),
  ],
  examples: ['gump gc --dry-run', 'gump gc --keep-last 10', 'gump gc --keep-last 0 --force'],
  notes:
    'Never removed: a run that a process works on. Kept without --force: paused runs, passed runs whose result is not\napplied, and every branch whose work is in no other branch or tag. Exit code 1 where something could not be removed.',
  perform: (_words, options) => gc(options),
});

async function gc(options: Options): Promise<number> {
  const { dryRun = false, force = false, keepLast = limits.keptRunsDefault, json } = options;
  const progress = showProgress();
  const done = await collectGarbage({
    dir: repositoryFolder(options.repo),
    keepLast,
    force,
    dryRun,
    onProgress: (at, count) => progress.show(`removing ${at + 1} of ${count} …`),
  });
  progress.clear();
  if (done.kind === 'refused') {
    printDiagnostics(done.diagnostics);
    return exitCodes.usage;
  }
  const { removed, kept, failures, freedBytes } = done;
  if (json) print(JSON.stringify({ dryRun, removed, kept, failures, freedBytes }, null, 2));
  else {
    const word = dryRun ? 'would remove' : 'removed';
    const rows = [
      ...removed.map((one) => [word, ...cells(one)]),
      ...kept.map(({ name, why }) => ['kept', name, why]),
    ];
    for (const line of columns(rows)) print(line);
    print(`${dryRun ? 'would free' : 'freed'} ${formatBytes(freedBytes)}`);
  }
  for (const failure of json ? [] : failures) printError(failure);
  return failures.length > 0 ? exitCodes.fail : exitCodes.pass;
}

function cells({ kind, name, status, bytes }: Removed): readonly string[] {
  if (kind === 'branch') return [name, 'branch'];
  if (kind === 'references') return [name, 'references in git; the folder of the run is gone'];
  return [name, `${status ?? 'left by a killed process'}, ${formatBytes(bytes)}`];
}
