/** `gump report`: the report of a run as text, or as JSON for other programs. */
import { renderJson, renderText, reportOf } from '../local.ts';
import { exitCodes } from './command-line.ts';
import { printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export async function runReport(run: string | null, options: Options): Promise<number> {
  const report = await reportOf(repositoryFolder(options.repo), run);
  if (report.kind === 'refused') {
    printDiagnostics(report.diagnostics);
    return exitCodes.usage;
  }
  process.stdout.write(options.json ? renderJson(report.summary) : renderText(report.summary));
  return exitCodes.pass;
}
