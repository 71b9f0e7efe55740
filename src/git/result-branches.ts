/** The branches that runs leave in the user's repository. */
import { runGit, userEnvironment } from './git.ts';

/** Those whose commits are all in what is checked out. @throws GumpError `git` */
export async function mergedBranches(root: string): Promise<ReadonlySet<string>> {
  return new Set((await branches(root, ['--merged=HEAD'])).keys());
}

/** Commits of all branches of runs, by name. @throws GumpError `git` */
export function resultBranches(root: string): Promise<ReadonlyMap<string, string>> {
  return branches(root, []);
}

async function branches(root: string, conditions: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const format = '--format=%(refname:lstrip=2) %(objectname)';
  const { stdout } = await runGit(['for-each-ref', format, ...conditions, 'refs/heads/gump/'], {
    cwd: root,
    env: userEnvironment(),
  });
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}
