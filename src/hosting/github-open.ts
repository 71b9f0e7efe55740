/** The way to a run's repository: what is pushed and fetched through, what the default branch says, where the run begins. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openPublisher, type Publisher } from '../git/publish.ts';
import { isBranchName } from '../github/commands/names.ts';
import { branchOf } from '../github/runs/branch.ts';
import { configurationOnGithub } from './configuration.ts';
import { type GithubRunOptions, type Site, usageError } from './github-site.ts';
import type { Tips } from './github-start.ts';

export interface OpenSite {
  readonly site: Site;
  readonly tips: Tips;
}

/** @throws GumpError `usage` where the repository or a branch of it is not what a run needs; nothing has changed then */
export async function openSite(parts: Pick<Site, 'options' | 'runId' | 'client'>): Promise<OpenSite> {
  const { options, runId } = parts;
  const { env, settings, issue } = options;
  const root = rootOf(options);
  await mkdir(root, { recursive: true });
  const publisher = await openPublisherIn(root, options);
  const defaultBranch = await defaultBranchOf(parts);
  const branch = issue === null ? `gump/run-${runId}` : branchOf(issue, runId);
  const named = [settings.base ?? defaultBranch, defaultBranch, branch].map(refOf);
  const tips = await publisher.clone({ refs: [...new Set(named)] });
  const defaultTip = tips.get(refOf(defaultBranch));
  if (!defaultTip)
    throw usageError(`the default branch ${defaultBranch} is not there`, 'push a first commit to it');
  const configuration = await configurationOnGithub({ publisher, commit: defaultTip }, env);
  const baseBranch = settings.base ?? configuration.config?.github.base ?? defaultBranch;
  const baseTip = tips.get(refOf(baseBranch)) ?? (await branchTip(publisher, baseBranch));
  if (!baseTip)
    throw usageError(`the branch ${baseBranch} is not there`, 'name another one with the input `base`');
  return {
    site: { ...parts, publisher, root, baseBranch, branch, configuration, defaultTip },
    tips: { baseTip, branchTip: tips.get(refOf(branch)) ?? null },
  };
}

/** @throws GumpError `usage` where nothing can be done there */
async function defaultBranchOf({ client, options }: Pick<Site, 'client' | 'options'>): Promise<string> {
  const { owner, repo, settings } = options;
  const { default_branch: defaultBranch, archived } = (await client.octokit.repos.get({ owner, repo })).data;
  if (archived && !settings.dryRun)
    throw usageError(
      `${owner}/${repo} is archived: nothing can be pushed or shown`,
      'unarchive it in its settings',
    );
  return defaultBranch;
}

/** What jobs of runs have on this machine. */
export function rootOf({ tempDir }: Pick<GithubRunOptions, 'tempDir'>): string {
  return join(tempDir, 'gump');
}

/** Pushes with the token that is for pushing, where there is one. */
export async function openPublisherIn(
  root: string,
  options: Pick<GithubRunOptions, 'serverUrl' | 'owner' | 'repo' | 'token' | 'pushToken'>,
): Promise<Publisher> {
  const { serverUrl, owner, repo, token, pushToken } = options;
  const url = `${serverUrl}/${owner}/${repo}.git`;
  return await openPublisher({ url, token: pushToken ?? token, dir: join(root, 'publish.git') });
}

function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Of a branch that only a file names; null where the repository has none of that name. */
export async function branchTip(publisher: Publisher, branch: string): Promise<string | null> {
  return isBranchName(branch) ? await tipOf(publisher, refOf(branch)) : null;
}

/** The commit that a ref names by now, and all that it holds; null where there is no such ref. */
export async function tipOf(publisher: Publisher, ref: string): Promise<string | null> {
  return (await publisher.clone({ refs: [ref] })).get(ref) ?? null;
}
