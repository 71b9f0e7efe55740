/** The trees of a workspace by name. Making one is the dearest thing there is, so one that was given back is taken over. */
import { rename } from 'node:fs/promises';
import { GumpError } from '../errors.ts';
import type { Tree } from '../ports/workspace.ts';
import { createTree, type TreePlace, type WorkingTree } from './tree.ts';

export interface Pool {
  /** The tree of the name, standing exactly on the commit. */
  hand(name: string, commit: string): Promise<Tree>;
  /** The tree that was handed out under the name. @throws GumpError `internal` where none was. */
  get(name: string): WorkingTree;
  /** What differs in a tree that was handed out from the commit it stands on. */
  changes(tree: Tree): Promise<readonly string[]>;
  /** Gives a tree back; the next new name may take it over. */
  release(name: string): Promise<void>;
  dispose(): Promise<void>;
}

export function createPool(placeOf: (name: string) => TreePlace): Pool {
  const trees = new Map<string, WorkingTree>();
  const free: string[] = [];
  const take = async (name: string): Promise<WorkingTree> => {
    const known = trees.get(name);
    if (known) return known;
    const place = placeOf(name);
    const made = createTree(place);
    trees.set(name, made);
    const spare = free.pop();
    if (spare !== undefined) await takeOver(placeOf(spare), place);
    return made;
  };
  const get = (name: string): WorkingTree => {
    const tree = trees.get(name);
    if (tree) return tree;
    throw new GumpError(`No tree was handed out under the name ${name}`, { code: 'internal' });
  };
  return {
    hand: async (name, commit) => {
      const tree = await take(name);
      const hidden = await tree.stand(commit);
      return { dir: tree.dir, commit, hidden };
    },
    get,
    changes: async ({ dir, commit }) => {
      const tree = [...trees.values()].find((candidate) => candidate.dir === dir);
      if (tree?.commit() === commit) return tree.changes();
      throw new GumpError(`The tree at ${dir} does not stand on ${commit} any more`, { code: 'internal' });
    },
    release: async (name) => {
      const tree = trees.get(name);
      if (!tree) return;
      trees.delete(name);
      await tree.rest();
      free.push(name);
    },
    dispose: async () => {
      const all = [...trees.values()];
      trees.clear();
      await Promise.all(all.map((tree) => tree.remove()));
    },
  };
}

/** Where this fails a new tree is made instead. */
async function takeOver(from: TreePlace, to: TreePlace): Promise<void> {
  try {
    await rename(from.index, to.index);
    await rename(from.dir, to.dir);
  } catch {
    // A half move leaves no index or no folder, and either alone is not used.
  }
}
