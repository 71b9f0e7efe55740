/** Where the person stands who typed the command: npm runs scripts in the package's folder and tells the person's own. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export function startingFolder(env: NodeJS.ProcessEnv = process.env): string {
  const throughNpm = env.npm_lifecycle_event === 'gump' && env.INIT_CWD !== undefined;
  return throughNpm && env.INIT_CWD ? env.INIT_CWD : process.cwd();
}

/** The repository's folder: as named, else where the person stands. */
export function repositoryFolder(named: string | undefined): string {
  return named === undefined ? startingFolder() : resolve(startingFolder(), named);
}

/** A path as typed: from where the person stands, else from the repository's folder. */
export function pathResolver(repository: string): (path: string) => string {
  return (path) => {
    const here = resolve(startingFolder(), path);
    const there = resolve(repository, path);
    return existsSync(here) || !existsSync(there) ? here : there;
  };
}
