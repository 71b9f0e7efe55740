/** One event in, everything done that it asks for: the same for the App and for the Action alone. */

import { permissionReader, refusal } from './access.ts';
import { actAsCommand, carryOutAct } from './act.ts';
import { answerQueue } from './answer-queue.ts';
import { answerReview, tellReviewGivenUp } from './answer-review.ts';
import { listComments } from './api/own-comment.ts';
import { carryOut, givenUpBecause, tellGivenUp } from './carry-out.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
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
 * Says on the issue that an event was given up, where somebody waits for an answer: once for each command.
 * @throws what a request threw.
 */
export async function giveUpEvent(order: EventOrder, error: unknown): Promise<void> {
  const intent = decideTrigger(order.name, order.payload, order.config, order.delivery);
  if (intent.kind === 'review') return await tellReviewGivenUp(intent, order, givenUpBecause(error));
  const isAct = intent.kind === 'tick' || intent.kind === 'press';
  const command = isAct ? await actAsCommand(intent, order) : intent;
  if (command?.kind === 'command') await tellGivenUp(command, order, error);
}

async function perform(intent: Intent, order: EventOrder): Promise<Outcome> {
  if (intent.kind === 'ignore') return { done: 'ignored', detail: intent.reason };
  if (intent.kind === 'command') return await carryOut(intent, order);
  if (intent.kind === 'tick' || intent.kind === 'press') return await carryOutAct(intent, order);
  if (intent.kind === 'queue') return await answerQueue(order.client, intent.queue, order.config.self);
  if (intent.kind === 'review') return await answerReview(intent, order);
  const { client, config } = order;
  const { issue, actor } = intent;
  const permissions = permissionReader(client, issue);
  const refused = await refusal(actor, 'label', permissions);
  if (refused) return await refuse(order, { issue, actor, sentence: refused });
  const comments = await listComments(client, issue);
  await proposeSpec({ client, issue, config, permissions, comments, force: false, selfId: null });
  return { done: 'proposed', detail: `the spec of #${issue.number} stands on its branch and in its comment` };
}
