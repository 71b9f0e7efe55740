/** A run on a runner: spec frozen on GitHub, commits and ledger pushed as they come, everything shown where people look. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { composeRun, composeSystem } from '../compose.ts';
import { openPublisher } from '../git/publish.ts';
import { openWorkspace } from '../git/workspace.ts';
import { createClient } from '../github/client.ts';
import { createGithubSink } from '../github/sink.ts';
import { openFileLedger } from '../ledger/file.ts';
import { createGitRefLedger } from '../ledger/git-ref.ts';
import { createRunFolder } from '../ledger/run-folder.ts';
import { describePlan } from '../plan/describe.ts';
import { executeRun } from '../runtime/run.ts';
import { type Prepared, prepareGithubRun } from './github-prepare.ts';
import {
  endOf,
  folderOf,
  type GithubRunOptions,
  type GithubRunResult,
  ledgerRef,
  type Site,
  usageError,
} from './github-site.ts';
import { gumpVersion } from './version.ts';

/**
 * Starts the run, or goes on with it where its ledger exists.
 * @throws GumpError `usage` before anything has changed; others when the world breaks on the way (the run can be resumed).
 */
export async function runOnGithub(options: GithubRunOptions): Promise<GithubRunResult> {
  const { env, owner, repo, log } = options;
  const runId = options.runId ?? `run-${env.GITHUB_RUN_ID ?? 'local'}`;
  const client = createClient({ ...options, userAgent: `gump/${gumpVersion}` });
  const root = join(options.tempDir, 'gump');
  await mkdir(root, { recursive: true });
  const url = `${options.serverUrl}/${owner}/${repo}.git`;
  const publisher = await openPublisher({ url, token: options.token, dir: join(root, 'publish.git') });
  const baseBranch =
    options.settings.base ?? (await client.octokit.repos.get({ owner, repo })).data.default_branch;
  const branch = options.issue === null ? `gump/run-${runId}` : `gump/issue-${options.issue}`;
  const site: Site = { options, runId, client, publisher, root, baseBranch, branch };
  const tips = await publisher.clone({ refs: [`refs/heads/${baseBranch}`, `refs/heads/${branch}`] });
  const baseTip = tips.get(`refs/heads/${baseBranch}`);
  if (!baseTip)
    throw usageError(`the branch ${baseBranch} is not there`, 'name another one with the input `base`');
  const prepared = await prepareGithubRun(site, {
    baseTip,
    branchTip: tips.get(`refs/heads/${branch}`) ?? null,
  });
  if ('ended' in prepared) return prepared.ended;
  if (options.settings.dryRun) {
    for (const line of describePlan(prepared.plan)) log(line);
    return { ...nothing(runId), status: 'pass' };
  }
  return execute(site, prepared);
}

async function execute(site: Site, prepared: Prepared): Promise<GithubRunResult> {
  const { options, runId, publisher, root, branch, client } = site;
  const { plan, snapshot } = prepared;
  const folder = folderOf(site);
  if (snapshot !== null) {
    await createRunFolder({
      root,
      run: runId,
      workflow: plan.workflow,
      ts: new Date().toISOString(),
      spec: plan.spec.text,
      snapshot,
    });
  }
  // A ref that nobody has: what is asked is the right to push, not whether this push would be a step forward.
  const canWrite = await publisher.mayPush({ sha: plan.base, ref: `refs/gump/probe/${runId}` });
  if (!canWrite)
    options.log(
      '::warning::The token may not push: commits and ledger stay on this machine and end with the job.',
    );
  const github = createGithubSink({
    client,
    owner: options.owner,
    repo: options.repo,
    issue: options.issue,
    branch,
    baseBranch: site.baseBranch,
    runUrl: `${options.serverUrl}/${options.owner}/${options.repo}/actions/runs/${options.env.GITHUB_RUN_ID ?? ''}`,
    canWrite,
    readLog: async (name) => readArtifact(folder, name),
    log: options.log,
    ...(options.annotate ? { annotate: options.annotate } : {}),
  });
  const file = await openFileLedger(folder);
  const pushed = createGitRefLedger({
    file,
    publisher,
    ledgerDir: folder,
    ref: ledgerRef(runId),
    branch: `refs/heads/${branch}`,
    objectsFrom: publisher.gitDir,
    onPublished: (commit) => github.published(commit),
    onNotice: options.log,
  });
  const dir = join(root, 'work', runId);
  await mkdir(dir, { recursive: true });
  const resultRef = { gitDir: publisher.gitDir, ref: `refs/heads/${branch}` };
  const workspace = await openWorkspace({ objects: publisher.gitDir, dir, resultRef, base: plan.base });
  const ledger = canWrite ? pushed : file;
  const system = composeSystem({ secrets: [options.token] });
  const dependencies = await composeRun({
    ledger,
    workspace,
    agents: prepared.agents,
    sinks: [...options.sinks, github],
    system,
  });
  try {
    // Without it another machine could not go on from this ledger.
    if (prepared.newBase) await ledger.settle(plan.base);
    const state = await executeRun(dependencies, {
      plan,
      past: prepared.past,
      opening: prepared.opening,
      signal: options.signal,
    });
    const result = endOf(site, state, await ledger.read());
    return { ...result, branch: canWrite ? branch : null, pullRequest: await github.pullRequest() };
  } finally {
    await pushed.close();
    await file.close();
    await rm(dependencies.scratch, { recursive: true, force: true });
  }
}

function readArtifact(folder: string, name: string): string | null {
  const path = join(folder, 'artifacts', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function nothing(runId: string): Omit<GithubRunResult, 'status'> {
  return { runId, branch: null, pullRequest: null, costUsd: 0, commit: null, reason: null };
}
