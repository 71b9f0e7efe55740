/** What the commits of a run changed since its first one: known without a process for those that we made ourselves. */
import { changedPaths } from './difference.ts';
import type { Environment } from './git.ts';

export interface Changes {
  /** Paths in which the commit may differ from the first one (those that were changed back are among them), sorted. */
  since(commit: string): Promise<readonly string[]>;
  /** Tells of a new commit: what it was made on, and the paths that it changed there. */
  learn(commit: string, made: Made): void;
}

interface Made {
  readonly on: readonly string[];
  readonly files: readonly string[];
}

export function createChanges(
  place: { readonly cwd: string; readonly env: Environment },
  base: string,
): Changes {
  const made = new Map<string, Made>([[base, { on: [], files: [] }]]);
  return {
    learn: (commit, how) => {
      if (!made.has(commit)) made.set(commit, how);
    },
    since: async (commit) => {
      const paths = new Set<string>();
      const seen = new Set<string>();
      const open = [commit];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (seen.has(at)) continue;
        seen.add(at);
        // A commit of an earlier process: git says it once.
        const how = made.get(at) ?? { on: [], files: await changedPaths(place, base, at) };
        made.set(at, how);
        for (const file of how.files) paths.add(file);
        open.push(...how.on);
      }
      return [...paths].sort();
    },
  };
}
