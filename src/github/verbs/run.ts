/** `/gump run`: freezes the spec as it stood at the command, and starts a run of it. */

import { isMarked } from '../api/own-comment.ts';
import { problemsReply } from '../commands/replies.ts';
import { type FrozenSpec, keepSpec, standingSpec } from '../issue-spec/freeze.ts';
import { showSpec } from '../issue-spec/propose.ts';
import { statusMarker } from '../markers.ts';
import { chosenRun } from '../runs/workflow-facts.ts';
import { type Obey, reply, runIdOf, start, type Work } from './work.ts';

export const run: Obey = async (work) => {
  const { command, commentedAt: at } = work.intent;
  const runId = runIdOf(work);
  const order = { ...work, runId, at };
  const standing = await standingSpec(order);
  if (standing.doubt !== null && work.intent.issue.isPullRequest)
    return await reply(work, `Nothing was started. ${standing.doubt}`);
  const chosen = await chosenRun(work, { command, spec: standing.spec.text });
  if (chosen.problems.length > 0) return await reply(work, problemsReply(chosen.problems));
  const frozen = await keepSpec(order, standing);
  await showFrozen(work, { ...frozen, notes: [...frozen.notes, ...chosen.notes] });
  const spec = { commit: frozen.commit, hash: frozen.spec.hash };
  const { name: workflow } = chosen.facts;
  const options = {
    ...command.options,
    agent: chosen.choices.agent.value,
    maxBudgetUsd: chosen.maxBudgetUsd,
  };
  const told = { by: work.intent.actor.login };
  return await start(work, { command: 'run', runId, workflow, spec, options, told });
};

/** An issue that was never labelled gets its comment now; what was left out is said in an answer of its own. */
async function showFrozen(work: Work, frozen: FrozenSpec): Promise<void> {
  const { issue } = work;
  const marker = statusMarker('issue', issue.number);
  const isShown = (await work.comments()).some((comment) => isMarked(comment, marker, work.config.self));
  if (!isShown) await showSpec(work, { ...frozen, notes: [] });
  if (frozen.notes.length > 0) await reply(work, frozen.notes.join('\n\n'), 'notes');
}
