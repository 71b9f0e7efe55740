/** What differs between two commits or trees; no configured diff program, no text conversion. */
import { cutMiddle } from '../template/cut.ts';
import { type Environment, runGit, splitNul } from './git.ts';

interface Place {
  readonly cwd: string;
  readonly env: Environment;
}

export interface TreeDifference {
  /** Sorted; a rename is both of its paths. */
  readonly paths: readonly string[];
  /** Paths that became a link to another repository's commit. */
  readonly newLinks: readonly string[];
}

const plain = ['--no-renames', '--no-ext-diff', '--no-textconv', '--no-color'];

/** Compares two trees by their entries. */
export async function compareTrees(place: Place, before: string, after: string): Promise<TreeDifference> {
  const { stdout } = await runGit(['diff-tree', '-r', '-z', '--raw', ...plain, before, after], place);
  const fields = splitNul(stdout);
  const paths: string[] = [];
  const newLinks: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [modeBefore, modeAfter] = (fields[index] ?? '').slice(1).split(' ');
    const path = fields[index + 1] ?? '';
    paths.push(path);
    if (modeAfter === '160000' && modeBefore !== '160000') newLinks.push(path);
  }
  return { paths: paths.sort(), newLinks };
}

/** Paths that differ, sorted. */
export async function changedPaths(place: Place, from: string, to: string): Promise<readonly string[]> {
  if (from === to) return [];
  return (await compareTrees(place, from, to)).paths;
}

/**
 * A unified diff with renames found, cut to `bytesMax` by whole lines in the middle; empty where equal.
 * @throws GumpError `git` for commits that are not there.
 */
export async function unifiedDiff(
  place: Place,
  options: { readonly from: string; readonly to: string; readonly bytesMax: number },
): Promise<string> {
  if (options.from === options.to) return '';
  const arguments_ = ['diff-tree', '-r', '-p', '-M', ...plain.slice(1), options.from, options.to];
  const { stdout } = await runGit(arguments_, place);
  return cutMiddle(stdout.toString('utf8'), options.bytesMax);
}
