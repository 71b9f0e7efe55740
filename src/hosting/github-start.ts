/** The commit that a new run on GitHub starts on. */
import { gumpAuthor, writeCommit } from '../git/commit.ts';
import { gitText, runGit } from '../git/git.ts';
import { type Site, usageError } from './github-site.ts';

/** Of the branch that is merged into, and of the run's own; null: there is none yet. */
export interface Tips {
  readonly baseTip: string;
  readonly branchTip: string | null;
}

/** @throws GumpError `usage` for a review of a branch that is not there. */
export async function startCommit(site: Site, tips: Tips): Promise<string> {
  return site.options.command === 'fix' ? reviewedTip(site, tips) : startAgain(site, tips);
}

/** What answers a review begins where the reviewer looked. */
function reviewedTip({ branch }: Site, { branchTip: tip }: Tips): string {
  if (tip === null) throw usageError(`there is no branch ${branch} to go on from`, 'start with `/gump run`');
  return tip;
}

/**
 * The branch only grows: an earlier run's commits stay below a commit that has the base's tree. It merges the base, so
 * that a pull request shows this run's changes only, and what came to the base meanwhile is no conflict.
 */
async function startAgain(site: Site, { baseTip, branchTip }: Tips): Promise<string> {
  if (branchTip === null || (await isAncestor(site, branchTip, baseTip))) return baseTip;
  const place = { cwd: site.publisher.gitDir, env: site.publisher.env };
  const treeOf = (commit: string) => gitText(['rev-parse', '--verify', `${commit}^{tree}`], place);
  const [tree, before] = await Promise.all([treeOf(baseTip), treeOf(branchTip)]);
  const hasBase = await isAncestor(site, baseTip, branchTip);
  if (hasBase && tree === before) return branchTip;
  return writeCommit(place, {
    tree,
    parents: hasBase ? [branchTip] : [branchTip, baseTip],
    message: `start again from ${site.baseBranch}\n\nGump-Run: ${site.runId}\n`,
    author: gumpAuthor,
    date: new Date().toISOString(),
  });
}

async function isAncestor({ publisher }: Site, older: string, newer: string): Promise<boolean> {
  const place = { cwd: publisher.gitDir, env: publisher.env, okCodes: [0, 1] };
  return (await runGit(['merge-base', '--is-ancestor', older, newer], place)).exitCode === 0;
}
