/** Where programs are looked for: on a PATH, or where an absolute path says. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** The file that would be started, or null where there is none. */
export function findProgram(command: string, searchPath: string): string | null {
  if (path.isAbsolute(command)) return isExecutable(command) ? command : null;
  const files = searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, command));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // It is not there, or not for us: the same to who wants to start it.
    return false;
  }
}
