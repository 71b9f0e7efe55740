/** `/gump plan`: what a run would do and cost; nothing runs. */

import { problemsReply } from '../commands/replies.ts';
import { fence } from '../defuse.ts';
import { standingSpec } from '../issue-spec/freeze.ts';
import { latestRun } from '../runs/latest-run.ts';
import { readRunOrWhy } from '../runs/ledger.ts';
import { openBranch } from '../runs/project-reader.ts';
import { chosenRun } from '../runs/workflow-facts.ts';
import { type Obey, reply, runIdOf, type Work } from './work.ts';

export const plan: Obey = async (work) => {
  const { client, issue, config } = work;
  const { command, commentedAt: at } = work.intent;
  const { spec, notes } = await standingSpec({ ...work, runId: runIdOf(work), at });
  const chosen = await chosenRun(work, { command, spec: spec.text });
  if (chosen.problems.length > 0) return await reply(work, problemsReply(chosen.problems));
  const { owner, repo, defaultBranch } = issue;
  const project = await openBranch(client, { owner, repo, branch: defaultBranch });
  const tasks = await tasksOf(work, spec.hash);
  const { workflow, agent } = chosen.choices;
  const wanted = { named: workflow.value, agent: agent.value, otherwise: config.defaultWorkflow };
  const { maxBudgetUsd } = chosen;
  const on = { spec, base: project.commit, tasks: tasks?.length ?? null, maxBudgetUsd, project };
  const told = await config.describeRun(wanted, on);
  if ('problem' in told) return await reply(work, problemsReply([told.problem]));
  const body = [
    'Nothing runs, and nothing was paid. `/gump run` would do this:',
    fence(told.lines.join('\n'), 40_000),
    `**Price** ${told.price}`,
    tasks === null
      ? 'The tasks are not known before the spec has been split once.'
      : `**Tasks**, as the latest run of this very spec split it:\n\n${fence(tasks.join('\n'), 8_000)}`,
    ...[...notes, ...chosen.notes].map((note) => `> ${note}`),
  ];
  return await reply(work, body.join('\n\n'));
};

/** Of the latest run, where it had the same spec and got so far. */
async function tasksOf({ client, issue }: Work, specHash: string): Promise<readonly string[] | null> {
  const known = await latestRun(client, issue);
  const record = known ? await readRunOrWhy(client, issue, known) : null;
  if (record === null || typeof record === 'string' || record.started.spec_hash !== specHash) return null;
  const names = record.events.flatMap((event) => (event.type === 'task_started' ? [event.task] : []));
  return names.length === 0 ? null : [...new Set(names)];
}
