/** The folder for temporary files: the machine's, or the one that TMPDIR names. */
import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Why nothing can be put there, in a sentence; null where it can. */
export function temporaryFolderProblem(): string | null {
  const folder = tmpdir();
  const shut = `the folder for temporary files ${folder}`;
  try {
    if (!statSync(folder).isDirectory()) return `${shut} is no folder`;
  } catch {
    return `${shut} is not there`;
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return `${shut} may not be written by you`;
  }
}

export const temporaryFolderHint = 'point TMPDIR to a folder that you may write, or unset it';
