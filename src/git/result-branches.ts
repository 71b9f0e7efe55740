/** The branches that runs leave in the user's repository. */
import { runGit, splitNul, userEnvironment } from './git.ts';

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

/** True where the commit, or work before it, is in no branch or tag but those of runs: deleting would lose it. @throws GumpError `git` */
export async function isLoose(root: string, commit: string): Promise<boolean> {
  const elsewhere = ['--not', '--exclude=gump/*', '--branches', '--remotes', '--tags', 'HEAD'];
  const { stdout } = await runGit(['rev-list', '--max-count=1', commit, ...elsewhere], {
    cwd: root,
    env: userEnvironment(),
  });
  return stdout.length > 0;
}

/** Deletes a branch, unless it is checked out somewhere. @throws GumpError `git` that says why not */
export async function deleteBranch(root: string, name: string): Promise<void> {
  await runGit(['branch', '-D', '--end-of-options', name], { cwd: root, env: userEnvironment() });
}

/** The top folders of all working trees of a repository. @throws GumpError `git` */
export async function workingTrees(root: string): Promise<readonly string[]> {
  const { stdout } = await runGit(['worktree', 'list', '--porcelain', '-z'], {
    cwd: root,
    env: userEnvironment(),
  });
  return splitNul(stdout).flatMap((line) =>
    line.startsWith('worktree ') ? [line.slice('worktree '.length)] : [],
  );
}
