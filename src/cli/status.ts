/** `gump status`: one line a run. */
import { statusOf } from '../local.ts';
import { exitCodes } from './command-line.ts';
import { print, printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export async function runStatus(options: Options): Promise<number> {
  const status = await statusOf(repositoryFolder(options.repo));
  if (status.kind === 'refused') {
    printDiagnostics(status.diagnostics);
    return exitCodes.usage;
  }
  if (options.json) print(JSON.stringify(status.runs, null, 2));
  else if (status.runs.length === 0)
    print('no runs yet; start one with: gump run implement-spec --spec spec.md');
  for (const run of options.json ? [] : status.runs) {
    print([run.run.padEnd(22), run.status.padEnd(10), run.workflow, run.problem ?? ''].join('  ').trimEnd());
  }
  return exitCodes.pass;
}
