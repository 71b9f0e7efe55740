/** Carries out one command. Its 👀 is the lock, its 🚀 says that a run was started. */
import { explain, GumpError } from '../errors.ts';
import { permissionReader, refusal } from './access.ts';
import { failureOf } from './api/failure.ts';
import { ensureComment, isMarked, listComments } from './api/own-comment.ts';
import { addReaction, type Reaction, reactionsOf, removeReaction } from './api/reactions.ts';
import { orGone } from './api/rest.ts';
import { problemsReply } from './commands/replies.ts';
import { defuseLine } from './defuse.ts';
import { claimOn, type EventOrder, type Outcome } from './incoming.ts';
import { issueBehind } from './issue-behind.ts';
import { refuse } from './refuse.ts';
import { obeys } from './verbs/table.ts';
import { type CommandIntent, reply, replyMarker, type Work } from './verbs/work.ts';

/**
 * Whoever may not command gets no 👀 but a 😕: it says that nothing is left to be done.
 * @throws what a request threw; the lock is given back first, so that handling the event again finishes it.
 */
export async function carryOut(intent: CommandIntent, order: EventOrder): Promise<Outcome> {
  const { client, claims } = order;
  const { issue, actor } = intent;
  const permissions = permissionReader(client, issue);
  const refused = await refusal(actor, 'command', permissions);
  if (refused) {
    const outcome = await refuse(order, { issue, actor, sentence: refused });
    await orGone(addReaction(client, intent, 'confused'));
    return outcome;
  }
  const claim = claimOn('comment', intent.commentId);
  const wasClaimed = claims?.has(claim) === true;
  claims?.add(claim);
  const lock = await lockOn(intent, order, wasClaimed);
  if ('done' in lock) {
    claims?.delete(claim);
    return lock;
  }
  const work = {
    ...order,
    intent,
    selfId: lock.userId,
    permissions,
    comments: once(() => listComments(client, issue)),
  };
  try {
    const outcome = await obey(work);
    claims?.delete(claim);
    return outcome;
  } catch (error) {
    // A claim is given back by whoever holds it; who keeps claims tries again by itself.
    if (!claims)
      await removeReaction(client, intent, lock).catch(() => order.log('the 👀 could not be taken back'));
    throw error;
  }
}

/** Our 👀, or why it is not for us to go on. */
async function lockOn(
  intent: CommandIntent,
  order: EventOrder,
  wasClaimed: boolean,
): Promise<Reaction | Outcome> {
  const { client, config } = order;
  const eyes = await orGone(addReaction(client, intent, 'eyes'));
  if (eyes === null) return { done: 'ignored', detail: 'The comment is gone, or its issue is.' };
  if (wasClaimed) return eyes;
  const others = config.beside?.length ? await reactionsOf(client, intent, 'eyes') : [];
  const other = others.find(({ userId }) => config.beside?.includes(userId));
  if (other) {
    const theirs = await taken(intent, order, other);
    if (theirs && eyes.isNew) await removeReaction(client, intent, eyes);
    return theirs ?? eyes;
  }
  if (eyes.isNew) return eyes;
  const outcome = await taken(intent, order, eyes);
  if (outcome) return outcome;
  // Of two who find it left behind at the same moment one makes it anew.
  await removeReaction(client, intent, eyes);
  const anew = await addReaction(client, intent, 'eyes');
  return anew.isNew ? anew : heldFor(config.takeoverAfterMs);
}

function heldFor(lookAgainAfterMs: number): Outcome {
  return { done: 'ignored', detail: 'Another replica is at this command.', lookAgainAfterMs };
}

/** Why somebody else's 👀 keeps us away; null where it was left behind by a crash. */
async function taken(
  intent: CommandIntent,
  order: EventOrder,
  eyes: Pick<Reaction, 'userId' | 'createdAt'>,
): Promise<Outcome | null> {
  const { client, config } = order;
  const rockets = await reactionsOf(client, intent, 'rocket');
  if (rockets.some(({ userId }) => userId === eyes.userId)) {
    return { done: 'ignored', detail: 'This command was carried out before.' };
  }
  const marker = replyMarker('reply', intent.commentId);
  const comments = await listComments(client, intent.issue);
  if (comments.some((comment) => isMarked(comment, marker, config.self)))
    return { done: 'ignored', detail: 'This command was answered before.' };
  const leftMs = config.takeoverAfterMs - (Date.now() - Date.parse(eyes.createdAt));
  return leftMs > 0 ? heldFor(leftMs) : null;
}

/** Tells the person that a command was given up because of what GitHub answered. */
export async function tellGivenUp(intent: CommandIntent, order: EventOrder, error: unknown): Promise<void> {
  const isOurs = error instanceof GumpError;
  const body = `Nothing was started: ${givenUpBecause(error)}${isOurs ? '' : ' Comment the command again then.'}`;
  const { issue, commentId } = intent;
  order.claims?.delete(claimOn('comment', commentId));
  const marker = replyMarker('reply', commentId);
  await ensureComment(order.client, { issue, marker, body }, order.config.self);
}

/** Whole sentences. */
export function givenUpBecause(error: unknown): string {
  if (error instanceof GumpError) return defuseLine(explain(error), 2_000);
  const { message } = failureOf(error, Date.now());
  return `GitHub's answer was again and again \`${defuseLine(message)}\`: see GitHub's status page, and the permissions of the App's installation or of the workflow's job.`;
}

async function obey(given: Omit<Work, 'issue'>): Promise<Outcome> {
  const { intent, client } = given;
  const { command, issue: asked } = intent;
  // Answers stand where the comment stands.
  const here: Work = { ...given, issue: asked };
  const { verb, problems } = command;
  if (verb === null || problems.length > 0) return await reply(here, problemsReply(problems));
  if (verb === 'help') return await obeys.help(here);
  const issue = await issueBehind(client, asked);
  if (issue === null) return await reply(here, foreignPull);
  const comments = once(() => listComments(client, issue));
  return await obeys[verb]({ ...given, issue, comments });
}

const foreignPull =
  "Nothing was done: this pull request is none of Gump's (its branch is not `gump/issue-<number>` of this repository). Comment on the issue instead.";

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
