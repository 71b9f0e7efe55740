/** `gump validate`: every problem with its place; exit code 2 when one of them is an error. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasErrors, validateFiles } from '../local.ts';
import { exitCodes } from './command-line.ts';
import { print, printDiagnostics } from './output.ts';
import { pathResolver, startingFolder } from './place.ts';

export function runValidate(files: readonly string[], options: { readonly json?: boolean }): number {
  const resolvePath = pathResolver(startingFolder());
  const diagnostics = validateFiles({ files, resolvePath, user: join(homedir(), '.gump') });
  const wrong = hasErrors(diagnostics);
  if (options.json) print(JSON.stringify(diagnostics, null, 2));
  else printDiagnostics(diagnostics);
  if (!wrong && !options.json) for (const file of files) print(`${file}: valid`);
  return wrong ? exitCodes.usage : exitCodes.pass;
}
