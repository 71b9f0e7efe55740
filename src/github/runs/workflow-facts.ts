/** What a workflow would do, read from the default branch; the host knows how to read workflows. */

import { orNull, type RepoName, type RestClient } from '../api/rest.ts';
import { type Asked, budgetOf, type Choices, chooseRun } from '../commands/choices.ts';
import type { IncomingConfig } from '../incoming.ts';
import type { WorkflowFacts } from '../issue-spec/spec-comment.ts';
import type { IssueFacts } from '../payload.ts';

/** Text of a file of a branch; null where it has none. */
export type ReadFile = (path: string) => Promise<string | null>;

/** What was asked for, and what runs where neither that nor the repository's gump.toml says. */
export interface WantedWorkflow {
  readonly named: string | null;
  /** Stands for every agent of the workflow; null: as the workflow says. */
  readonly agent: string | null;
  readonly otherwise: string;
}

export type DescribeWorkflow = (wanted: WantedWorkflow, readFile: ReadFile) => Promise<WorkflowFacts>;

/** What a run would be, by everything that has a say in it. */
export interface ChosenRun {
  readonly choices: Choices;
  readonly facts: WorkflowFacts;
  /** In US dollars; null: as gump.toml and the workflow say. */
  readonly maxBudgetUsd: number | null;
  /** Why it must not start, as markdown; empty where it can. */
  readonly problems: readonly string[];
  /** What has no effect, one sentence each. */
  readonly notes: readonly string[];
}

/** Choices of command, labels and front matter, held to what the repository has. */
export async function chosenRun(
  order: { readonly client: RestClient; readonly issue: IssueFacts; readonly config: IncomingConfig },
  asked: Pick<Asked, 'command' | 'spec'>,
): Promise<ChosenRun> {
  const choices = chooseRun({ ...asked, labels: order.issue.labels });
  const facts = await workflowFacts(order, choices);
  const { maxBudgetUsd, note } = budgetOf(choices.maxBudgetUsd, facts.maxBudgetUsd);
  return {
    ...{ choices, facts, maxBudgetUsd },
    problems: [...choices.problems, ...(facts.problem === null ? [] : [facts.problem])],
    notes: [...choices.notes, ...(note === null ? [] : [note])],
  };
}

/** The facts as the host tells them. */
async function workflowFacts(
  { client, issue, config }: { client: RestClient; issue: IssueFacts; config: IncomingConfig },
  { workflow, agent }: Choices,
): Promise<WorkflowFacts> {
  const wanted = { named: workflow.value, agent: agent.value, otherwise: config.defaultWorkflow };
  const { owner, repo, defaultBranch: ref } = issue;
  return await config.describeWorkflow(wanted, fileReader(client, { owner, repo, ref }));
}

/** Reads files of a branch. */
export function fileReader(client: RestClient, place: RepoName & { readonly ref: string }): ReadFile {
  return async (path) => {
    const asked = client.request('GET /repos/{owner}/{repo}/contents/{path}', { ...place, path });
    const data = (await orNull(asked))?.data;
    if (!data || Array.isArray(data) || data.type !== 'file' || !('content' in data)) return null;
    return Buffer.from(data.content, 'base64').toString('utf8');
  };
}
