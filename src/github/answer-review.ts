/** A submitted review that requests changes: a run answers it, where its author may command and the pull request is ours. */
import { permissionReader } from './access.ts';
import { ensureComment } from './api/own-comment.ts';
import { noOptions } from './commands/options.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
import { issueBehind } from './issue-behind.ts';
import { followUpWorkflow, freezeReview } from './review/follow-up.ts';

export type ReviewIntent = Extract<Intent, { kind: 'review' }>;

/**
 * Starts the run of a review; the 🚀 on the review says that it was started. The review's id is the run's: a second
 * delivery finds the same job. A stranger's review is left to people, without a word.
 * @throws what a request threw; handling the event again then finishes it.
 */
export async function answerReview(intent: ReviewIntent, order: EventOrder): Promise<Outcome> {
  const { client } = order;
  const { issue: pull, actor, reviewId, submittedAt: at } = intent;
  const permissions = permissionReader(client, pull);
  if (!(await permissions(actor.login, actor.id)).mayCommand)
    return { done: 'ignored', detail: 'The reviewer has no write permission.' };
  const issue = await issueBehind(client, pull);
  if (issue === null) return { done: 'ignored', detail: 'The pull request is none of ours.' };
  const { owner, repo, defaultBranch: ref, number } = issue;
  const runId = `issue-${number}-${reviewId}-review`;
  const frozen = await freezeReview(client, {
    ...{ owner, repo, issue: number, pull: pull.number },
    ...{ runId, at, permissions },
  });
  if (frozen === null) return { done: 'ignored', detail: 'The review says nothing that is still open.' };
  const result = await order.dispatch({
    ...{ owner, repo, ref, issue: number, runId, since: at, options: noOptions },
    ...{ command: 'fix', workflow: followUpWorkflow, told: { by: actor.login } },
    spec: { commit: frozen.commit, hash: frozen.spec.hash },
  });
  if (!result.started) return await tell(intent, order, notAnswered(result.problem));
  if (frozen.notes.length > 0) await tell(intent, order, frozen.notes.join('\n\n'));
  await client.graphql(rocket, { id: intent.nodeId });
  return { done: 'dispatched', detail: `fix ${runId} of #${number}` };
}

/** Tells whoever waits for it that nothing was started, and why. A stranger does not wait. @throws what a request threw */
export async function tellReviewGivenUp(intent: ReviewIntent, order: EventOrder, why: string): Promise<void> {
  const { actor, issue } = intent;
  const { mayCommand } = await permissionReader(order.client, issue)(actor.login, actor.id);
  if (mayCommand && (await issueBehind(order.client, issue)) !== null)
    await tell(intent, order, notAnswered(why));
}

function notAnswered(why: string): string {
  return `The review is not answered. ${why} \`/gump fix\` starts it then.`;
}

async function tell(intent: ReviewIntent, order: EventOrder, body: string): Promise<Outcome> {
  const { issue, reviewId } = intent;
  const marker = `<!-- gump:review-reply ${reviewId} -->`;
  await ensureComment(order.client, { issue, marker, body }, order.config.self);
  return { done: 'replied', detail: body.split('\n', 1)[0] ?? '' };
}

/** Reacting twice gives one reaction. */
const rocket = `mutation ($id: ID!) {
  addReaction(input: { subjectId: $id, content: ROCKET }) { reaction { content } }
}`;
