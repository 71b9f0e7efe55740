/** `/gump run`: freezes the spec as it stood at the command, and starts a run of it. */
import { type FrozenSpec, freezeSpec } from '../freeze.ts';
import { statusMarker } from '../markers.ts';
import { isMarked } from '../own-comment.ts';
import { showSpec } from '../propose.ts';
import { problemsReply } from '../replies.ts';
import { workflowFacts } from '../workflow-facts.ts';
import { type Obey, reply, runIdOf, start, type Work } from './work.ts';

export const run: Obey = async (work) => {
  const { client, config, intent, issue } = work;
  const { command } = intent;
  const named = command.workflow ?? issue.labelledWorkflow;
  const { problem, name: workflow } = await workflowFacts({ client, issue, config }, named);
  if (problem) return await reply(work, problemsReply([problem]));
  const runId = runIdOf(work);
  const frozen = await freezeSpec({ ...work, runId, at: intent.commentedAt });
  await showFrozen(work, frozen);
  const spec = { commit: frozen.commit, hash: frozen.spec.hash };
  return await start(work, { command: 'run', runId, workflow, spec, options: command.options });
};

/** An issue that was never labelled gets its comment now; what was left out is said in an answer of its own. */
async function showFrozen(work: Work, frozen: FrozenSpec): Promise<void> {
  const { issue } = work;
  const marker = statusMarker('issue', issue.number);
  const isShown = (await work.comments()).some((comment) => isMarked(comment, marker, work.config.self));
  if (!isShown) await showSpec(work, { ...frozen, notes: [] });
  if (frozen.notes.length > 0) await reply(work, frozen.notes.join('\n\n'), 'notes');
}
