/** Where programs are looked for: on a PATH, or where a path says. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The absolute path of the file that would be started, or null where there is none; `cwd` is for paths that begin nowhere. */
export function findProgram(command: string, searchPath: string, cwd = '/'): string | null {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const files = command.includes('/') ? [command] : folders.map((folder) => join(folder, command));
  return files.map((file) => resolve(cwd, file)).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // It is not there, or not for us: the same to who wants to start it.
    return false;
  }
}
