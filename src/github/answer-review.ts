/** A submitted review that requests changes: a run answers it, where its author may command and the pull request is ours. */
import { permissionReader } from './access.ts';
import { ensureComment } from './api/own-comment.ts';
import { noOptions } from './commands/options.ts';
import { claimOn, type EventOrder, type Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
import { issueBehind } from './issue-behind.ts';
import type { IssueFacts } from './payload.ts';
import { followUpWorkflow, freezeReview } from './review/follow-up.ts';
import { jobsOf } from './runs/jobs.ts';

export type ReviewIntent = Extract<Intent, { kind: 'review' }>;

/**
 * Starts the run of a review; the 🚀 on the review says that it was started. The review's id is the run's: a second
 * delivery finds the same job. The ref that keeps its text is the lock: whoever made it starts the job, and whoever finds it
 * without a job waits for a while first. A stranger's review is left to people, without a word.
 * @throws what a request threw; handling the event again then finishes it.
 */
export async function answerReview(intent: ReviewIntent, order: EventOrder): Promise<Outcome> {
  const claim = claimOn('review', intent.reviewId);
  const wasClaimed = order.claims?.has(claim) === true;
  order.claims?.add(claim);
  const outcome = await answer(intent, order, wasClaimed);
  order.claims?.delete(claim);
  return outcome;
}

async function answer(intent: ReviewIntent, order: EventOrder, wasClaimed: boolean): Promise<Outcome> {
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
  const waitMs =
    frozen.isNew || wasClaimed ? 0 : await heldForMs({ issue, runId, commit: frozen.commit }, order);
  if (waitMs > 0)
    return { done: 'ignored', detail: 'Another replica is at this review.', lookAgainAfterMs: waitMs };
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

interface Held {
  readonly issue: IssueFacts;
  readonly runId: string;
  /** What the ref names: it was made when the review was taken. */
  readonly commit: string;
}

/** How long somebody else may still be at it; 0 where the job was started, or nobody can be any more. */
async function heldForMs({ issue, runId, commit }: Held, { client, config }: EventOrder): Promise<number> {
  const { owner, repo, number } = issue;
  const jobs = await jobsOf(client, { owner, repo, issue: number });
  if (jobs.some((job) => job.runId === runId)) return 0;
  const path = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
  const { data } = await client.request(path, { owner, repo, commit_sha: commit });
  return Math.max(0, config.takeoverAfterMs - (Date.now() - Date.parse(data.committer.date)));
}

/**
 * Tells whoever waits for it that nothing was started, and why. False where nobody does: a stranger does not wait.
 * @throws what a request threw
 */
export async function tellReviewGivenUp(
  intent: ReviewIntent,
  order: EventOrder,
  why: string,
): Promise<boolean> {
  const { actor, issue } = intent;
  const { mayCommand } = await permissionReader(order.client, issue)(actor.login, actor.id);
  order.claims?.delete(claimOn('review', intent.reviewId));
  if (!mayCommand || (await issueBehind(order.client, issue)) === null) return false;
  await tell(intent, order, notAnswered(why));
  return true;
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
