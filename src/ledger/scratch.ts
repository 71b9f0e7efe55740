/** Folders outside of every repository for what lives as long as one attempt; each says whose it is. */
import { lstat, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { engineIn } from './lock.ts';

const ownerName = '.run-folder';

/** A new folder; `owner` is the run's folder, undefined for one that nobody will look for. */
export async function makeScratch(owner: string | undefined): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'gump-'));
  if (owner !== undefined) await writeFile(join(scratch, ownerName), owner);
  return scratch;
}

/** Those that runs of a folder (`.gump/runs`) have left behind: nobody works on their run any more. */
export async function abandonedScratch(runs: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    if (!/^gump-\w{6}$/.test(name)) continue;
    const scratch = join(tmpdir(), name);
    const owner = await ownerOf(scratch);
    if (owner?.startsWith(runs + sep) && !(await isAtWork(owner))) found.push(scratch);
  }
  return found;
}

/** Null where it is not a folder of our own user that says whose it is. */
async function ownerOf(scratch: string): Promise<string | null> {
  const [folder, note] = await Promise.all(
    [scratch, join(scratch, ownerName)].map((path) => lstat(path).catch(() => null)),
  );
  if (!folder?.isDirectory() || !note?.isFile() || folder.uid !== process.getuid?.()) return null;
  return readFile(join(scratch, ownerName), 'utf8').catch(() => null);
}

async function isAtWork(folder: string): Promise<boolean> {
  return (await engineIn(folder).catch(() => null)) !== null;
}
