/** The trees of a workspace by name: each is made when it is first asked for, and used again from then on. */
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
  /** As the workspace's. */
  takeAway(tree: Tree, isHeld: (path: string) => boolean): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export function createPool(placeOf: (name: string) => TreePlace): Pool {
  const trees = new Map<string, WorkingTree>();
  const take = (name: string): WorkingTree => {
    const known = trees.get(name);
    if (known) return known;
    const made = createTree(placeOf(name));
    trees.set(name, made);
    return made;
  };
  const get = (name: string): WorkingTree => {
    const tree = trees.get(name);
    if (tree) return tree;
    throw new GumpError(`No tree was handed out under the name ${name}`, { code: 'internal' });
  };
  const handed = ({ dir, commit }: Tree): WorkingTree => {
    const tree = [...trees.values()].find((candidate) => candidate.dir === dir);
    if (tree?.commit() === commit) return tree;
    throw new GumpError(`The tree at ${dir} does not stand on ${commit} any more`, { code: 'internal' });
  };
  return {
    hand: async (name, commit) => {
      const tree = take(name);
      const hidden = await tree.stand(commit);
      return { dir: tree.dir, commit, hidden };
    },
    get,
    changes: async (tree) => handed(tree).changes(),
    takeAway: async (tree, isHeld) => handed(tree).takeAway(isHeld),
    dispose: async () => {
      const all = [...trees.values()];
      trees.clear();
      await Promise.all(all.map((tree) => tree.remove()));
    },
  };
}
