/** One event in, everything done that it asks for: the same for the App and for the Action alone. */

import { GumpError } from '../errors.ts';
import { permissionReader, refusal } from './access.ts';
import { actAsCommand, carryOutAct } from './act.ts';
import { answerQueue } from './answer-queue.ts';
import { answerReview, tellReviewGivenUp } from './answer-review.ts';
import { ensureComment, listComments } from './api/own-comment.ts';
import { carryOut, givenUpBecause, tellGivenUp } from './carry-out.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
import { readIssue } from './issue-behind.ts';
import { proposeSpec } from './issue-spec/propose.ts';
import { refuse } from './refuse.ts';
import { decideTrigger } from './trigger.ts';

/**
 * Handles one webhook. Doing it again, or in two places at once, gives no second comment, commit or run.
 * @throws what a request threw when GitHub could not be reached; handling the event again then finishes it.
 */
export async function handleEvent(order: EventOrder): Promise<Outcome> {
  const intent = decideTrigger(order.name, order.payload, order.config, order.delivery);
  const outcome = await perform(intent, order);
  order.log(`${outcome.done}: ${outcome.detail}`);
  return outcome;
}

/**
 * Says on the issue that an event was given up, where somebody waits for an answer: once for each command. False where nobody
 * does.
 * @throws what a request threw.
 */
export async function giveUpEvent(order: EventOrder, error: unknown): Promise<boolean> {
  const intent = decideTrigger(order.name, order.payload, order.config, order.delivery);
  if (intent.kind === 'review') return await tellReviewGivenUp(intent, order, givenUpBecause(error));
  if (intent.kind === 'propose') return await tellNoSpec(intent, order, error);
  const isAct = intent.kind === 'tick' || intent.kind === 'press';
  const command = isAct ? await actAsCommand(intent, order) : intent;
  if (command?.kind !== 'command') return false;
  await tellGivenUp(command, order, error);
  return true;
}

type Propose = Extract<Intent, { kind: 'propose' }>;

async function perform(intent: Intent, order: EventOrder): Promise<Outcome> {
  if (intent.kind === 'ignore') return { done: 'ignored', detail: intent.reason };
  if (intent.kind === 'command') return await carryOut(intent, order);
  if (intent.kind === 'tick' || intent.kind === 'press') return await carryOutAct(intent, order);
  if (intent.kind === 'queue') return await answerQueue(order.client, intent.queue, order.config.self);
  if (intent.kind === 'review') return await answerReview(intent, order);
  return await propose(intent, order);
}

/** Only what a person has to mend is told: the rest is tried for longer, and nobody has asked for an answer. */
async function tellNoSpec(intent: Propose, order: EventOrder, error: unknown): Promise<boolean> {
  const { client, config } = order;
  const { issue, actor } = intent;
  if (!(error instanceof GumpError) || error.retryable) return false;
  if ((await refusal(actor, 'label', permissionReader(client, issue))) !== null) return false;
  const body = `The spec was not made. ${givenUpBecause(error)}`;
  await ensureComment(
    client,
    { issue, marker: '<!-- gump:no-spec -->', body, refresh: () => body },
    config.self,
  );
  return true;
}

/** Labels are taken as they are by now; the text is that of the event, for who edited it since may not be one who counts. */
async function propose(intent: Propose, order: EventOrder): Promise<Outcome> {
  const { client, config } = order;
  const { issue, actor } = intent;
  const now = await readIssue(client, issue);
  if (now === null)
    return { done: 'ignored', detail: 'The issue is gone: deleted, moved, or made a discussion.' };
  if (!now.isOpen || now.labels.length === 0)
    return { done: 'ignored', detail: 'The issue is closed by now, or has no label of ours.' };
  const permissions = permissionReader(client, issue);
  const refused = await refusal(actor, 'label', permissions);
  if (refused) return await refuse(order, { issue, actor, sentence: refused });
  const comments = await listComments(client, issue);
  const labelled = { ...issue, labels: now.labels };
  const wish = { client, issue: labelled, config, permissions, comments, force: false, selfId: null };
  if (!(await proposeSpec(wish)))
    return { done: 'ignored', detail: 'The spec that stands there was made of something newer.' };
  return { done: 'proposed', detail: `the spec of #${issue.number} stands on its branch and in its comment` };
}
