/** A run on a runner: spec frozen on GitHub, commits and ledger pushed as they come, everything shown where people look. */
import { createClient } from '../github/api/client.ts';
import { tellTrouble } from '../github/tell-trouble.ts';
import { isTakenOver } from '../ledger/git-ref.ts';
import { describePlan } from '../plan/describe.ts';
import { describeLines } from '../plan/describe-lines.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { oneLine } from '../report/line.ts';
import { gateCommands } from './gate-commands.ts';
import { prepareBranch } from './github-branch.ts';
import { baseBranchOf } from './github-claim.ts';
import { execute } from './github-execute.ts';
import { openSite } from './github-open.ts';
import { prepareGithubRun } from './github-prepare.ts';
import { runUrlOf, showAgain } from './github-show.ts';
import { folderOf, type GithubRunOptions, type GithubRunResult, runIdOf, type Site } from './github-site.ts';
import { priceOfPlan } from './price.ts';
import { gumpVersion } from './version.ts';

/**
 * Starts the run, or goes on with it where its ledger exists. What goes wrong is told on the issue too.
 * @throws GumpError `usage` before anything has changed; others when the world breaks on the way (the run can be resumed).
 */
export async function runOnGithub(options: GithubRunOptions): Promise<GithubRunResult> {
  const { owner, repo, issue, log } = options;
  const runId = runIdOf(options);
  const client = createClient({ ...options, userAgent: `gump/${gumpVersion}` });
  try {
    return await run({ options, runId, client });
  } catch (error) {
    // Who has taken the run over tells it. What happens to the job of one branch keeps nobody from going on: its log tells it.
    if (issue !== null && options.command !== 'task' && !isTakenOver(error)) {
      await tellTrouble({ client, owner, repo, issue, runId, runUrl: runUrlOf(options), error, log });
    }
    throw error;
  }
}

async function run(parts: Pick<Site, 'options' | 'runId' | 'client'>): Promise<GithubRunResult> {
  const { site, tips } = await openSite(parts);
  const { options, runId, baseBranch } = site;
  if (options.task !== null) return runBranch(site, options.task);
  const prepared = await prepareGithubRun(site, tips);
  if ('ended' in prepared) {
    return showAgain({ ...site, baseBranch: baseBranchOf(folderOf(site)) ?? baseBranch }, prepared);
  }
  if (options.settings.dryRun) {
    await tellPlan(site, prepared.plan);
    return { ...nothing(runId), status: 'pass' };
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
