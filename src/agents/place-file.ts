/** Writing into a folder that an agent can write too: a link that it left there leads nowhere of ours. */
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The file with its content, in folders that are real ones; whatever else stood in the way is taken away first.
 * @param path relative to the folder, `/` between its segments
 */
export async function placeFile(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const segments = path.split('/');
  let place = folder;
  await mkdir(place, { recursive: true });
  for (const segment of segments.slice(0, -1)) {
    place = join(place, segment);
    if (!(await isFolder(place))) await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
  }
  const file = join(place, segments.at(-1) ?? '');
  await rm(file, { recursive: true, force: true });
  // `wx` opens no link and no pipe that somebody puts there meanwhile.
  await writeFile(file, content, { mode: 0o600, flag: 'wx' });
}

/** Of itself, not behind a link. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch {
    // There is nothing: it is made.
    return false;
  }
}
