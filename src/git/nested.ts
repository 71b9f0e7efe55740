/**
 * Repositories inside a tree. One that an agent made (`git init`, `git clone`, a scaffolding tool) would get into the
 * commit as a link to a commit that nobody has: its `.git` is moved out and its files are taken like any others.
 */
import { lstat, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from './remove.ts';

interface NestedPlace {
  readonly dir: string;
  readonly trash: string;
  readonly submodules: (commit: string) => Promise<readonly string[]>;
  readonly onNotice: (message: string) => void;
}

/** Moves the `.git` of each folder (paths within the tree, with or without a slash behind) to the trash. */
export async function unpackNested(place: NestedPlace, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const path = folder.replace(/\/+$/, '');
    if (!(await hasRealParents(place.dir, path))) continue;
    await moveAway(join(place.dir, path, '.git'), place.trash);
    place.onNotice(`${path} is a git repository of its own: its files were taken, its history was not`);
  }
}

/** Submodules are never filled by us; what an agent put there goes, so that git does not trip over its `.git`. */
export async function emptySubmodules(place: NestedPlace, commit: string): Promise<void> {
  for (const path of await place.submodules(commit)) {
    if (!(await hasRealParents(place.dir, path))) continue;
    const full = join(place.dir, path);
    const found = await lstat(full).catch(() => null);
    if (!found?.isDirectory()) continue;
    await removeTree(full);
    await mkdir(full);
  }
}

async function moveAway(path: string, trash: string): Promise<void> {
  await mkdir(trash, { recursive: true });
  const target = await mkdtemp(join(trash, 'nested-'));
  await rename(path, join(target, 'git')).catch(() => removeTree(path));
}

/** True when every folder from the tree down to the path is a real one: a link could lead out of the tree. */
export async function hasRealParents(root: string, path: string): Promise<boolean> {
  for (let part = path; part !== '.' && part !== ''; part = dirname(part)) {
    const found = await lstat(join(root, part)).catch(() => null);
    if (found?.isSymbolicLink()) return false;
  }
  return true;
}
