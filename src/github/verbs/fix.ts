/** `/gump fix`: answers what people said in reviews of the pull request, on its own branch. */

import { pullOf } from '../issue-behind.ts';
import { followUpWorkflow, freezeReview } from '../review/follow-up.ts';
import { type Obey, reply, start } from './work.ts';

export const fix: Obey = async (work) => {
  const { client, intent, issue, permissions } = work;
  const { owner, repo, number } = issue;
  const pull = await pullOf(client, issue);
  if (pull === null || (intent.issue.isPullRequest && intent.issue.number !== pull))
    return await reply(work, intent.issue.isPullRequest ? closedPull(pull) : withoutPull);
  const runId = `issue-${number}-${intent.commentId}-fix`;
  const review = { owner, repo, issue: number, pull, runId, at: intent.commentedAt, permissions };
  const frozen = await freezeReview(client, review);
  if (frozen === null) return await reply(work, withoutReview);
  if (frozen.notes.length > 0) await reply(work, frozen.notes.join('\n\n'), 'notes');
  const spec = { commit: frozen.commit, hash: frozen.spec.hash };
  const { options } = intent.command;
  const told = { by: intent.actor.login };
  return await start(work, { command: 'fix', runId, workflow: followUpWorkflow, spec, options, told });
};

const withoutPull =
  'Nothing was started: this issue has no open pull request of ours. `/gump run` makes one.';

function closedPull(open: number | null): string {
  const next =
    open === null
      ? '`/gump run` on the issue makes a new one.'
      : `Comment on #${open}, which is the open one of its branch.`;
  return `Nothing was started: this pull request is closed. ${next}`;
}

const withoutReview =
  'Nothing was started: nobody with write permission requests changes here or has begun a thread that is still open.';
