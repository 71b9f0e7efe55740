/** A run that somebody started by hand for an issue: it takes what `/gump run` would take at that moment. */
import { defaultWorkflow } from '../config/fields.ts';
import { permissionReader } from '../github/access.ts';
import { listComments } from '../github/api/own-comment.ts';
import { askSelf } from '../github/api/self.ts';
import { githubActionsAppId } from '../github/app-ids.ts';
import { budgetOf, type Choices, chooseRun } from '../github/commands/choices.ts';
import { noOptions } from '../github/commands/options.ts';
import { readIssue } from '../github/issue-behind.ts';
import { standingSpec } from '../github/issue-spec/freeze.ts';
import type { IssueFacts } from '../github/payload.ts';
import { fileReader } from '../github/runs/workflow-facts.ts';
import type { Spec } from '../spec/spec.ts';
import { describeWorkflow } from './describe-workflow.ts';
import { type Site, usageError } from './github-site.ts';

/** Inputs of the job go first, then labels, then front matter. Null: as gump.toml and the workflow say. */
export interface Chosen {
  readonly workflow: string | null;
  readonly agent: string | null;
  readonly maxBudgetUsd: number | null;
}

/** Null where the number is none of an issue. @throws GumpError `usage` for a choice that is wrong; what a request threw */
export async function runOfIssue(
  site: Site,
  number: number,
): Promise<{ readonly spec: Spec; readonly chosen: Chosen } | null> {
  const { client, options, defaultTip } = site;
  const { owner, repo, workflow, settings } = options;
  const place = { owner, repo, number, defaultBranch: defaultTip };
  const issue = await readIssue(client.octokit, place);
  if (!issue) return null;
  const { spec, notes } = await standing(site, issue);
  for (const note of notes) options.log(note);
  const { agent, maxBudgetUsd } = settings;
  const command = { workflow, options: { ...noOptions, agent, maxBudgetUsd } };
  const choices = chooseRun({ command, labels: issue.labels, spec: spec.text });
  if (choices.problems.length > 0)
    throw usageError(
      `issue ${number} chooses what cannot be:\n${choices.problems.join('\n')}`,
      'mend the label or the front matter, or give the input',
    );
  return { spec, chosen: await chosenOf(site, choices) };
}

/** What stands on the spec's branch by now, else in the comment that shows it, else in the issue. */
async function standing({ client, options, runId }: Site, issue: IssueFacts) {
  const { owner, repo, serverUrl } = options;
  const self = await askSelf(client, { appIds: [githubActionsAppId], userId: null });
  return await standingSpec({
    ...{ client: client.octokit, issue, runId, selfId: self.userId ?? 0 },
    at: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions: permissionReader(client.octokit, { owner, repo }),
    config: { self, serverUrl },
    comments: () => listComments(client.octokit, issue),
  });
}

async function chosenOf({ client, options, defaultTip }: Site, choices: Choices): Promise<Chosen> {
  const { owner, repo, log } = options;
  const { workflow, agent, maxBudgetUsd } = choices;
  for (const note of choices.notes) log(note);
  const chosen = { workflow: workflow.value, agent: agent.value };
  if (maxBudgetUsd.by !== 'front matter') return { ...chosen, maxBudgetUsd: maxBudgetUsd.value };
  const wanted = { named: workflow.value, agent: agent.value, otherwise: defaultWorkflow };
  const facts = await describeWorkflow(wanted, fileReader(client.octokit, { owner, repo, ref: defaultTip }));
  const budget = budgetOf(maxBudgetUsd, facts.maxBudgetUsd);
  if (budget.note !== null) log(budget.note);
  return { ...chosen, maxBudgetUsd: budget.maxBudgetUsd };
}
