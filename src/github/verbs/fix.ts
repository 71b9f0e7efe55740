/** `/gump fix`: answers what people said in reviews of the pull request, on its own branch. */
import { followUpWorkflow, freezeReview } from '../follow-up.ts';
import { pullOf } from '../issue-behind.ts';
import { type Obey, reply, start } from './work.ts';

export const fix: Obey = async (work) => {
  const { client, intent, issue, permissions } = work;
  const { owner, repo, number } = issue;
  const pull = intent.issue.isPullRequest ? intent.issue.number : await pullOf(client, issue);
  if (pull === null) return await reply(work, withoutPull);
  const runId = `issue-${number}-${intent.commentId}-fix`;
  const review = { owner, repo, issue: number, pull, runId, at: intent.commentedAt, permissions };
  const frozen = await freezeReview(client, review);
  if (frozen === null) return await reply(work, withoutReview);
  const spec = { commit: frozen.commit, hash: frozen.spec.hash };
  const { options } = intent.command;
  const told = { by: intent.actor.login };
  return await start(work, { command: 'fix', runId, workflow: followUpWorkflow, spec, options, told });
};

const withoutPull =
  'Nothing was started: this issue has no open pull request of ours. `/gump run` makes one.';

const withoutReview =
  'Nothing was started: nobody with write permission requests changes here or has begun a thread that is still open.';
