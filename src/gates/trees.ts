/** The two trees that detection reads: the run's first commit, and what the attempt made of it. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasRealParents } from '../git/nested.ts';
import { limits } from '../limits.ts';
import type { GateOrder } from '../ports/gate.ts';
import { folderOf, type Project } from './project.ts';

/** Texts of the base come from its commit; names in folders always from the attempt's tree, where commands run. */
export function projectsOf({ cwd, readBase }: Pick<GateOrder, 'cwd' | 'readBase'>): {
  readonly base: Project;
  readonly head: Project;
} {
  const list: Project['list'] = async (folder) =>
    (await hasRealParents(cwd, folder)) ? readdir(path.join(cwd, folder)).catch(() => null) : null;
  return { base: { read: readBase, list }, head: { read: (file) => readInside(cwd, file), list } };
}

/** The text of a file of the tree; links are followed as long as they stay in it. */
async function readInside(cwd: string, file: string): Promise<string | null> {
  if (!(await hasRealParents(cwd, folderOf(file)))) return null;
  try {
    const [top, real] = await Promise.all([realpath(cwd), realpath(path.join(cwd, file))]);
    const found = await stat(real);
    const isReadable = found.isFile() && found.size <= limits.judgeFileBytesMax;
    return isReadable && real.startsWith(`${top}${path.sep}`) ? await readFile(real, 'utf8') : null;
  } catch {
    return null;
  }
}
