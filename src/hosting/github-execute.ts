/** A run that is prepared, as it goes on: ledger and commits pushed as they come, everything shown where people look. */
import { mkdir } from 'node:fs/promises';
import { composeRun, composeSystem, disposeRun, endLostChildren } from '../compose.ts';
import type { RunState } from '../engine/state.ts';
import type { Fact } from '../events/event.ts';
import { removeTree } from '../git/remove.ts';
import { openWorkspace } from '../git/workspace.ts';
import type { GithubSink } from '../github/outgoing/sink.ts';
import { openFileLedger } from '../ledger/file.ts';
import { createGitRefLedger } from '../ledger/git-ref.ts';
import { createRunFolder } from '../ledger/run-folder.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Workspace } from '../ports/workspace.ts';
import { branchesAround } from '../report/node.ts';
import { executeRun } from '../runtime/run.ts';
import type { PreparedBranch } from './github-branch.ts';
import { baseBranchOf, claim } from './github-claim.ts';
import { branchTip } from './github-open.ts';
import { openOrders, ordersAtOpening } from './github-orders.ts';
import type { Prepared } from './github-prepare.ts';
import { githubSink } from './github-show.ts';
import {
  endOf,
  folderOf,
  type GithubRunResult,
  ledgerRef,
  type Site,
  usageError,
  workFolder,
} from './github-site.ts';
import { homeIn, noticeOfIsolation, warnOfIsolation, withIsolation } from './isolation.ts';

/** @throws GumpError when the world breaks on the way, or another job has taken the run over; it can be resumed. */
export async function execute(asked: Site, prepared: Prepared | PreparedBranch): Promise<GithubRunResult> {
  const { publisher, branch } = asked;
  const folder = folderOf(asked);
  // A run that goes on is for the branch that it was started for, whatever the job that resumes it was told.
  const site: Site = { ...asked, baseBranch: await standingBase(asked, baseBranchOf(folder)) };
  await makeFolder(site, prepared);
  const file = await openFileLedger(folder);
  // The lock is ours: whatever an engine of this run that was killed here left alive must not write into our trees.
  await endLostChildren(folder);
  let github: GithubSink | null = null;
  const pushed = createGitRefLedger({
    ...{ file, publisher, ledgerDir: folder, branch: `refs/heads/${branch}` },
    ref: branchJobOf(prepared)?.ref ?? ledgerRef(site.runId),
    objectsFrom: publisher.gitDir,
    isBeside: (step) => branchesAround(prepared.plan, step).length > 0,
    onPublished: (commit) => github?.published(commit),
    onTakenOver: () => github?.silence(),
    onNotice: site.options.log,
  });
  try {
    for (const commit of prepared.held ?? []) if (commit !== prepared.plan.base) pushed.hold(commit);
    const canWrite = await mayWrite(site, prepared, pushed);
    github = await githubSink(site, canWrite, branchJobOf(prepared)?.course.path ?? null);
    const state = await work({ site, prepared, github, canWrite, ledger: canWrite ? pushed : file });
    const ended = endOf(site, state, await file.read());
    // A branch asks nobody: that does the job in which all of them come together.
    const asksNobody = branchJobOf(prepared) !== null && ended.status === 'paused';
    const result = asksNobody ? { ...ended, status: 'fanned-out' as const } : ended;
    return { ...result, branch: canWrite ? branch : null, pullRequest: await github.pullRequest() };
  } finally {
    await pushed.close();
    await file.close();
  }
}

/** Null where the run itself goes on, and not one of its branches. */
function branchJobOf(prepared: Prepared | PreparedBranch): PreparedBranch | null {
  return 'course' in prepared ? prepared : null;
}

/** Where the branch that a run was started for is gone or renamed, its pull request goes to the one that is asked for now. */
async function standingBase({ baseBranch, publisher, options }: Site, noted: string | null): Promise<string> {
  if (noted === null || noted === baseBranch) return baseBranch;
  if ((await branchTip(publisher, noted)) !== null) return noted;
  options.log(
    `The branch ${noted}, which the run was started for, is not there any more; it goes to ${baseBranch}.`,
  );
  return baseBranch;
}

/** A run that goes on has its folder. */
async function makeFolder({ root, runId: run }: Site, { plan, snapshot }: Prepared): Promise<void> {
  if (snapshot === null) return;
  const ts = new Date().toISOString();
  await createRunFolder({ root, run, workflow: plan.workflow, ts, spec: plan.spec.text, snapshot });
}

/** Claims the run; false where the token may not push. @throws GumpError `usage` where a branch then could not come back */
async function mayWrite(site: Site, prepared: Prepared | PreparedBranch, pushed: Ledger): Promise<boolean> {
  const canWrite = await claim(pushed, {
    // Another machine could not go on from a base that only this one has.
    base: prepared.newBase ? prepared.plan.base : null,
    baseBranch: site.baseBranch,
    warn: warningOf(site),
  });
  const branchJob = branchJobOf(prepared);
  if (branchJob && !canWrite) throw mayNotLeave(branchJob.course.path);
  return canWrite;
}

/** What is not pushed does not come back: it would only be paid for twice. */
function mayNotLeave(path: string) {
  return usageError(
    `the branch ${path} was not begun: what it does could not be pushed`,
    'give the job of the branch `permissions: {contents: write}`; the job that joins the branches does its work meanwhile',
  );
}

function warningOf({ options }: Site): (line: string) => void {
  return options.warn ?? options.log;
}

interface Work {
  readonly site: Site;
  readonly prepared: Prepared | PreparedBranch;
  readonly ledger: Ledger;
  readonly github: GithubSink;
  /** False: nothing is pushed. */
  readonly canWrite: boolean;
}

async function work({ site, prepared, ledger, github, canWrite }: Work): Promise<RunState> {
  const { options } = site;
  const { plan, past, unseen = [] } = prepared;
  const home = homeIn(workFolder(site));
  await removeTree(home);
  const dependencies = await dependenciesOf({ site, prepared, ledger, github });
  const opening = openingOf(site, prepared);
  const branchJob = branchJobOf(prepared);
  const orders = openOrders({ publisher: site.publisher, run: site.runId, past, log: options.log });
  // What people order of the run is taken up where it goes on as one.
  const ordered = branchJob ? [] : await ordersAtOpening(orders, options);
  const course = branchJob?.course ?? ({ kind: options.fanOut && canWrite ? 'fan-out' : 'whole' } as const);
  return await executeRun(dependencies, {
    ...{ plan, past, unseen, course, signal: options.signal },
    opening: [...opening, ...ordered],
    ...(branchJob ? {} : { listen: orders.listen }),
    ...(options.handOver && { handOver: options.handOver }),
  }).finally(async () => {
    await removeTree(home).catch(() => undefined);
    await disposeRun(dependencies);
  });
}

/** What the host says first, and how agents are isolated. */
function openingOf(site: Site, { opening, isolation }: Prepared): readonly Fact[] {
  for (const { message, hint } of warnOfIsolation(isolation)) warningOf(site)(`${message}; ${hint}`);
  return [...withIsolation(opening, isolation), ...noticeOfIsolation(isolation)];
}

async function dependenciesOf({ site, prepared, ledger, github }: Omit<Work, 'canWrite'>) {
  const { options, configuration } = site;
  const { plan, agents, isolation } = prepared;
  const upstreams = configuration.config?.gateway ?? {};
  const secrets = options.pushToken === null ? [options.token] : [options.token, options.pushToken];
  return await composeRun({
    ...{ ledger, agents, upstreams, folder: folderOf(site), sandbox: isolation.sandbox },
    workspace: await workspaceOf(site, plan.base),
    sinks: [...options.sinks, github],
    system: composeSystem({ secrets, upstreams }),
    ...(plan.settings.agents ? { prices: plan.settings.agents } : {}),
  });
}

async function workspaceOf(site: Site, base: string): Promise<Workspace> {
  const { publisher, branch, options } = site;
  const dir = workFolder(site);
  await mkdir(dir, { recursive: true });
  return await openWorkspace({
    ...{ objects: publisher.gitDir, dir, base },
    resultRef: { gitDir: publisher.gitDir, ref: `refs/heads/${branch}` },
    onNotice: (message) => options.log(`gump: ${message}`),
  });
}
