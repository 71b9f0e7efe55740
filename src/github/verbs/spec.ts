/** `/gump spec`: makes the spec again from the issue. */
import { addReaction } from '../api/reactions.ts';
import { proposeSpec } from '../issue-spec/propose.ts';
import { type Obey, reply } from './work.ts';

export const spec: Obey = async (work) => {
  const { client, config, permissions, selfId, intent } = work;
  const comments = await work.comments();
  // What was edited on the branch since the command stands.
  const issue = { ...work.issue, updatedAt: intent.commentedAt };
  if (!(await proposeSpec({ client, issue, config, permissions, comments, force: true, selfId })))
    return await reply(work, changedSince);
  await addReaction(client, intent, 'rocket');
  return { done: 'proposed', detail: `the spec of #${issue.number} was made again` };
};

const changedSince =
  'The spec was not made again: it was made of something newer since. `/gump spec` makes it again from the issue as it is now.';
