/** A commit as another one, but for some paths, which are as in the run's first commit. */
import { join } from 'node:path';
import type { Changes } from './changes.ts';
import { type Environment, gitText, runGit } from './git.ts';

export interface FirstSource {
  readonly place: { readonly cwd: string; readonly env: Environment };
  readonly history: Changes;
  readonly base: string;
  /** A file of our own that becomes an index for a moment. */
  readonly index: string;
  readonly commit: (tree: string, parents: readonly string[], message: string) => Promise<string>;
}

export type AsFirst = (
  commit: string,
  isHeld: (path: string) => boolean,
) => Promise<{ readonly commit: string; readonly paths: readonly string[] }>;

/** Nothing is made where none of those paths changed. One after another, for they share an index. */
export function createAsFirst(source: FirstSource): AsFirst {
  let last: Promise<unknown> = Promise.resolve();
  return (commit, isHeld) => {
    const made = last.then(() => make(source, commit, isHeld));
    last = made.catch(() => undefined);
    return made;
  };
}

async function make(
  { place, history, base, index, commit: write }: FirstSource,
  commit: string,
  isHeld: (path: string) => boolean,
) {
  const paths = (await history.since(commit)).filter(isHeld);
  if (paths.length === 0) return { commit, paths };
  const file = join(index, 'first-settings');
  const inIndex = { cwd: place.cwd, env: { ...place.env, GIT_INDEX_FILE: file, GIT_WORK_TREE: index } };
  await runGit(['read-tree', commit], inIndex);
  const { stdout } = await runGit(['ls-tree', '-r', '-z', '--full-tree', base], place);
  const entries = stdout.toString('utf8').split('\0');
  const first = entries.filter((entry) => isHeld(entry.slice(entry.indexOf('\t') + 1)));
  // Mode 0 takes a path away; first all, for a file may stand where a folder was.
  const gone = paths.map((path) => `0 ${'0'.repeat(commit.length)}\t${path}`);
  const stdin = [...gone, ...first].map((entry) => `${entry}\0`).join('');
  await runGit(['update-index', '-z', '--index-info'], { ...inIndex, stdin });
  const tree = await gitText(['write-tree'], inIndex);
  const made = await write(tree, [commit], 'for a judge: settings of agents as the run found them\n');
  history.learn(made, { on: [commit], files: paths });
  return { commit: made, paths };
}
