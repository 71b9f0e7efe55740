/** Removing what runs have left on disk: a run is there as a whole or not at all, whenever we are killed. */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { GumpError } from '../errors.ts';
import { removeTree } from '../git/remove.ts';
import { realDisk } from './disk.ts';
import { takeLock } from './lock.ts';

const trash = '.trash-';

/** Removes a run's folder; nobody else can work on it meanwhile. @throws GumpError `ledger` where somebody does, or the disk says no */
export async function removeRun(root: string, run: string): Promise<void> {
  const runs = await runsFolder(root);
  const folder = join(runs, run);
  const away = join(runs, `${trash}${run}-${randomBytes(3).toString('hex')}`);
  try {
    const lock = await takeLock(realDisk, folder);
    // From here on there is no such run; what is left of it is only in the way.
    await realDisk.rename(folder, away).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    await lock.release();
    await realDisk.syncFolder(runs);
    await removeTree(away);
  } catch (error) {
    throw notRemoved(folder, error);
  }
}

/** Folders in which nothing is of use any more: what a removal or a beginning left that was cut off. */
export async function remains(root: string): Promise<readonly string[]> {
  const runs = await runsFolder(root);
  const names = await readdir(runs).catch(() => []);
  return names.filter((name) => name.startsWith(trash)).map((name) => join(runs, name));
}

/** Trees, index and engine's git directory of a run that has passed; they are made anew where anybody wants them. */
export function treeFolders(folder: string): readonly string[] {
  return ['trees', 'index', 'trash', 'git'].map((name) => join(folder, name));
}

/** @throws GumpError `ledger` */
export async function removeFolder(path: string): Promise<void> {
  await removeTree(path).catch((error: unknown) => {
    throw notRemoved(path, error);
  });
}

/** Bytes of all files below a path, links not followed; 0 where nothing is there. */
export async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  if (!found) return 0;
  if (!found.isDirectory()) return found.size;
  const names = await readdir(path).catch(() => []);
  let bytes = 0;
  for (const name of names) bytes += await sizeOf(join(path, name));
  return bytes;
}

/**
 * The real path of the folder of all runs, whether it is there or not.
 * @throws GumpError `ledger` where a link in the repository would lead us to remove something elsewhere
 */
export async function runsFolder(root: string): Promise<string> {
  const real = await realpath(root);
  const runs = await realpath(join(root, '.gump', 'runs')).catch(() => join(real, '.gump', 'runs'));
  if (runs.startsWith(real.endsWith(sep) ? real : real + sep)) return runs;
  throw new GumpError(
    `Nothing was removed: ${join(root, '.gump', 'runs')} is a link that leads out of the repository.`,
    {
      code: 'ledger',
      hint: 'Replace the link by a folder.',
    },
  );
}

function notRemoved(path: string, error: unknown): GumpError {
  if (error instanceof GumpError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new GumpError(`${path} was not removed: ${why}`, {
    code: 'ledger',
    hint: 'See to that folder and disk; `gump gc` goes on where it ended.',
    cause: error,
  });
}
