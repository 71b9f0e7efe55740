/** A run on a runner: spec frozen on GitHub, commits and ledger pushed as they come, everything shown where people look. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { composeRun, composeSystem, disposeRun, endLostChildren } from '../compose.ts';
import { openPublisher, type Publisher } from '../git/publish.ts';
import { removeTree } from '../git/remove.ts';
import { openWorkspace } from '../git/workspace.ts';
import { createClient } from '../github/api/client.ts';
import { isBranchName } from '../github/commands/names.ts';
import type { GithubSink } from '../github/outgoing/sink.ts';
import { branchOf } from '../github/runs/branch.ts';
import { tellTrouble } from '../github/tell-trouble.ts';
import { openFileLedger } from '../ledger/file.ts';
import { createGitRefLedger, isTakenOver } from '../ledger/git-ref.ts';
import { createRunFolder } from '../ledger/run-folder.ts';
import { describePlan } from '../plan/describe.ts';
import { describeLines } from '../plan/describe-lines.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { oneLine } from '../report/line.ts';
import { branchesAround } from '../report/node.ts';
import { executeRun } from '../runtime/run.ts';
import { configurationOnGithub } from './configuration.ts';
import { gateCommands } from './gate-commands.ts';
import { type PreparedBranch, prepareBranch } from './github-branch.ts';
import { baseBranchOf, claim } from './github-claim.ts';
import { openOrders, ordersAtOpening } from './github-orders.ts';
import { type Prepared, prepareGithubRun } from './github-prepare.ts';
import { githubSink, runUrlOf, showAgain } from './github-show.ts';
import {
  endOf,
  folderOf,
  type GithubRunOptions,
  type GithubRunResult,
  ledgerRef,
  type Site,
  usageError,
  workFolder,
} from './github-site.ts';
import { homeIn, noticeOfIsolation, warnOfIsolation, withIsolation } from './isolation.ts';
import { priceOfPlan } from './price.ts';
import { gumpVersion } from './version.ts';

/**
 * Starts the run, or goes on with it where its ledger exists. What goes wrong is told on the issue too.
 * @throws GumpError `usage` before anything has changed; others when the world breaks on the way (the run can be resumed).
 */
export async function runOnGithub(options: GithubRunOptions): Promise<GithubRunResult> {
  const { env, owner, repo, issue, log } = options;
  const runId = options.runId ?? `run-${env.GITHUB_RUN_ID ?? 'local'}`;
  const client = createClient({ ...options, userAgent: `gump/${gumpVersion}` });
  try {
    return await run({ options, runId, client });
  } catch (error) {
    // Who has taken the run over tells it.
    // What happens to the job of one branch keeps nobody from going on: its log tells it.
    if (issue !== null && options.command !== 'task' && !isTakenOver(error)) {
      await tellTrouble({ client, owner, repo, issue, runId, runUrl: runUrlOf(options), error, log });
    }
    throw error;
  }
}

async function run({ options, runId, client }: Pick<Site, 'options' | 'runId' | 'client'>) {
  const { owner, repo, env } = options;
  const root = join(options.tempDir, 'gump');
  await mkdir(root, { recursive: true });
  const url = `${options.serverUrl}/${owner}/${repo}.git`;
  const publisher = await openPublisher({
    url,
    token: options.pushToken ?? options.token,
    dir: join(root, 'publish.git'),
  });
  const { default_branch: defaultBranch, archived } = (await client.octokit.repos.get({ owner, repo })).data;
  if (archived && !options.settings.dryRun)
    throw usageError(
      `${owner}/${repo} is archived: nothing can be pushed or shown`,
      'unarchive it in its settings',
    );
  const branch = options.issue === null ? `gump/run-${runId}` : branchOf(options.issue, runId);
  const named = options.settings.base ?? defaultBranch;
  const tips = await publisher.clone({ refs: refsOf(named, defaultBranch, branch) });
  const defaultTip = tips.get(`refs/heads/${defaultBranch}`);
  if (!defaultTip)
    throw usageError(`the default branch ${defaultBranch} is not there`, 'push a first commit to it');
  const configuration = await configurationOnGithub({ publisher, commit: defaultTip }, env);
  const baseBranch = options.settings.base ?? configuration.config?.github.base ?? defaultBranch;
  const baseTip = tips.get(`refs/heads/${baseBranch}`) ?? (await tipOf(publisher, baseBranch));
  if (!baseTip)
    throw usageError(`the branch ${baseBranch} is not there`, 'name another one with the input `base`');
  const site: Site = {
    options,
    runId,
    client,
    publisher,
    root,
    baseBranch,
    branch,
    configuration,
    defaultTip,
  };
  if (options.task !== null) return runBranch(site, options.task);
  const prepared = await prepareGithubRun(site, {
    baseTip,
    branchTip: tips.get(`refs/heads/${branch}`) ?? null,
  });
  if ('ended' in prepared) {
    return showAgain({ ...site, baseBranch: baseBranchOf(folderOf(site)) ?? baseBranch }, prepared);
  }
  if (options.settings.dryRun) {
    await tellPlan(site, prepared.plan);
    return { ...nothing(runId), status: 'pass' as const };
  }
  return execute(site, prepared);
}

async function runBranch(site: Site, path: string): Promise<GithubRunResult> {
  const prepared = await prepareBranch(site, path);
  if (!('nothing' in prepared)) return execute(site, prepared);
  site.options.log(prepared.nothing);
  return { ...nothing(site.runId), status: 'pass' };
}

async function tellPlan({ options, publisher }: Site, plan: Plan): Promise<void> {
  const place = { cwd: publisher.gitDir, env: publisher.env, commit: plan.base };
  const commands = await gateCommands(plan, place, plan.settings.validation ?? {});
  const described = describePlan(plan, commands);
  for (const line of describeLines(described)) options.log(oneLine(line));
  options.log(oneLine(`price  ${priceOfPlan(described, { tasks: null, agents: plan.settings.agents })}`));
  if (options.fanOut && hasForks(plan.nodes)) options.log(awayInPlan);
}

const awayInPlan =
  'Fan-out: the first branches side by side go on in jobs of their own, each with an equal share of what the run then has left.';

function hasForks(nodes: readonly PlanNode[]): boolean {
  return nodes.some(({ step, children }) => step.parallel || hasForks(children));
}

/** Where the branch that a run was started for is gone or renamed, its pull request goes to the one that is asked for now. */
async function standingBase({ baseBranch, publisher, options }: Site, noted: string | null): Promise<string> {
  if (noted === null || noted === baseBranch) return baseBranch;
  if ((await tipOf(publisher, noted)) !== null) return noted;
  options.log(
    `The branch ${noted}, which the run was started for, is not there any more; it goes to ${baseBranch}.`,
  );
  return baseBranch;
}

function refsOf(...branches: readonly string[]): readonly string[] {
  return [...new Set(branches)].map((branch) => `refs/heads/${branch}`);
}

/** Of a branch that only gump.toml names; null where the repository has none of that name. */
async function tipOf(publisher: Publisher, branch: string): Promise<string | null> {
  if (!isBranchName(branch)) return null;
  const [ref = ''] = refsOf(branch);
  return (await publisher.clone({ refs: [ref] })).get(ref) ?? null;
}

async function execute(asked: Site, prepared: Prepared | PreparedBranch): Promise<GithubRunResult> {
  const { options, runId, publisher, root, branch } = asked;
  const { plan, snapshot } = prepared;
  const branchJob = 'course' in prepared ? prepared : null;
  const folder = folderOf(asked);
  // A run that goes on is for the branch that it was started for, whatever the job that resumes it was told.
  const site: Site = { ...asked, baseBranch: await standingBase(asked, baseBranchOf(folder)) };
  if (snapshot !== null) {
    const ts = new Date().toISOString();
    await createRunFolder({ root, run: runId, workflow: plan.workflow, ts, spec: plan.spec.text, snapshot });
  }
  const file = await openFileLedger(folder);
  // The lock is ours: whatever an engine of this run that was killed here left alive must not write into our trees.
  await endLostChildren(folder);
  let github: GithubSink | null = null;
  const pushed = createGitRefLedger({
    file,
    publisher,
    ledgerDir: folder,
    ref: branchJob?.ref ?? ledgerRef(runId),
    branch: `refs/heads/${branch}`,
    objectsFrom: publisher.gitDir,
    isBeside: (step) => branchesAround(plan, step).length > 0,
    onPublished: (commit) => github?.published(commit),
    onTakenOver: () => github?.silence(),
    onNotice: options.log,
  });
  try {
    for (const commit of prepared.held ?? []) if (commit !== plan.base) pushed.hold(commit);
    // Another machine could not go on from a base that only this one has.
    const warn = options.warn ?? options.log;
    const canWrite = await claim(pushed, {
      base: prepared.newBase ? plan.base : null,
      baseBranch: site.baseBranch,
      warn,
    });
    if (branchJob && !canWrite) throw mayNotLeave(branchJob.course.path);
    github = await githubSink(site, canWrite, branchJob?.course.path ?? null);
    const dir = workFolder(site);
    await removeTree(homeIn(dir));
    await mkdir(dir, { recursive: true });
    const workspace = await openWorkspace({
      objects: publisher.gitDir,
      dir,
      resultRef: { gitDir: publisher.gitDir, ref: `refs/heads/${branch}` },
      base: plan.base,
      onNotice: (message) => options.log(`gump: ${message}`),
    });
    const upstreams = site.configuration.config?.gateway ?? {};
    const dependencies = await composeRun({
      ledger: canWrite ? pushed : file,
      workspace,
      agents: prepared.agents,
      sinks: [...options.sinks, github],
      system: composeSystem({
        secrets: [options.token, ...(options.pushToken === null ? [] : [options.pushToken])],
        upstreams,
      }),
      folder,
      ...(plan.settings.agents ? { prices: plan.settings.agents } : {}),
      upstreams,
      sandbox: prepared.isolation.sandbox,
    });
    for (const { message, hint } of warnOfIsolation(prepared.isolation)) warn(`${message}; ${hint}`);
    const { past } = prepared;
    const { isolation } = prepared;
    const orders = openOrders({ publisher, run: runId, past, log: options.log });
    const opening = [
      ...withIsolation(prepared.opening, isolation),
      ...noticeOfIsolation(isolation),
      ...(branchJob ? [] : await ordersAtOpening(orders, options)),
    ];
    // What people order of the run is taken up where it goes on as one.
    const listen = branchJob ? {} : { listen: orders.listen };
    const course = branchJob?.course ?? ({ kind: options.fanOut && canWrite ? 'fan-out' : 'whole' } as const);
    const unseen = prepared.unseen ?? [];
    const { signal, handOver } = options;
    const run = { plan, past, unseen, opening, course, ...listen, signal, ...(handOver && { handOver }) };
    const state = await executeRun(dependencies, run).finally(async () => {
      await removeTree(homeIn(dir)).catch(() => undefined);
      await disposeRun(dependencies);
    });
    const ended = endOf(site, state, await file.read());
    // A branch asks nobody: that does the job in which all of them come together.
    const result =
      branchJob && ended.status === 'paused' ? { ...ended, status: 'fanned-out' as const } : ended;
    return { ...result, branch: canWrite ? branch : null, pullRequest: await github.pullRequest() };
  } finally {
    await pushed.close();
    await file.close();
  }
}

/** What is not pushed does not come back: it would only be paid for twice. */
function mayNotLeave(path: string) {
  return usageError(
    `the branch ${path} was not begun: what it does could not be pushed`,
    'give the job of the branch `permissions: {contents: write}`; the job that joins the branches does its work meanwhile',
  );
}

function nothing(runId: string): Omit<GithubRunResult, 'status'> {
  return {
    runId,
    branch: null,
    pullRequest: null,
    costUsd: 0,
    costUnknown: false,
    commit: null,
    reason: null,
  };
}
