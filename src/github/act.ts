/**
 * A box that was ticked, or a button that was pressed: it becomes a comment of ours that says so, and that comment is carried
 * out like a command, with the same lock. A second delivery finds the comment.
 */
import { limits } from '../limits.ts';
import { permissionReader, refusal } from './access.ts';
import { actBody, actMarker } from './act-comment.ts';
import { ensureComment, isMarked, listComments } from './api/own-comment.ts';
import { orGone, orNull } from './api/rest.ts';
import { carryOut } from './carry-out.ts';
import { cleared, isTicked } from './commands/boxes.ts';
import { checkFacts } from './commands/buttons.ts';
import { parseCommand } from './commands/commands.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
import { readIssue } from './issue-behind.ts';
import type { IssueFacts } from './payload.ts';
import { refuse } from './refuse.ts';
import type { CommandIntent } from './verbs/work.ts';

export type ActIntent = Extract<Intent, { kind: 'tick' | 'press' }>;

/**
 * The comment first, the box last: whoever dies in between leaves a command that is found and finished.
 * @throws what a request threw; handling the event again then finishes it.
 */
export async function carryOutAct(intent: ActIntent, order: EventOrder): Promise<Outcome> {
  const { client } = order;
  const { actor } = intent;
  const issue = await issueOf(intent, order);
  if (issue === null) return { done: 'ignored', detail: 'The issue is not there.' };
  if (intent.kind === 'tick' && (await statusBody(intent, client)) === null)
    return { done: 'ignored', detail: 'The comment with the box is gone, or its issue is.' };
  const refused = await refusal(actor, 'command', permissionReader(client, issue));
  if (refused) {
    const outcome = await refuse(order, { issue, actor, sentence: refused });
    if (intent.kind === 'tick') await clear(intent, order);
    return outcome;
  }
  const missed = await missedBy(intent, issue, order);
  if (missed) return missed;
  const command = await commandOf(intent, issue, order);
  if (intent.kind === 'tick') await clear(intent, order);
  return await carryOut(command, order);
}

/** The command that stands for it; null where its issue is gone. */
export async function actAsCommand(intent: ActIntent, order: EventOrder): Promise<CommandIntent | null> {
  const issue = await issueOf(intent, order);
  return issue ? await commandOf(intent, issue, order) : null;
}

/**
 * What nobody has begun to carry out, and by now means something else; null where it is still meant. A press counts while
 * the check stands as it stood; a tick that is told late counts while its box is ticked, and else its person is told.
 */
async function missedBy(intent: ActIntent, issue: IssueFacts, order: EventOrder): Promise<Outcome | null> {
  const { client, config } = order;
  if (intent.kind === 'tick' && Date.now() - Date.parse(intent.at) < limits.lateActMs) return null;
  const comments = await listComments(client, issue);
  if (comments.some((comment) => isMarked(comment, actMarker(intent.key), config.self))) return null;
  if (intent.kind === 'press') {
    if (await stands(intent, client)) return null;
    return { done: 'ignored', detail: 'The check has moved on since the button was pressed.' };
  }
  if (isTicked((await statusBody(intent, client)) ?? '', intent.verb)) return null;
  const body = `The box \`${intent.verb}\` that \`${intent.actor.login}\` ticked at ${intent.at} did nothing: it was not looked at in time, and is cleared since. Tick it again where it is still wanted.`;
  await ensureComment(client, { issue, marker: `<!-- gump:missed ${intent.key} -->`, body }, config.self);
  return { done: 'replied', detail: 'A box was ticked long ago, and is cleared since.' };
}

/** True where the check shows what it showed when the button was pressed. */
async function stands(
  { owner, repo, check }: Extract<ActIntent, { kind: 'press' }>,
  client: EventOrder['client'],
): Promise<boolean> {
  const path = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}';
  const found = await orNull(client.request(path, { owner, repo, check_run_id: check.id }));
  const now = found && checkFacts(found.data);
  return now?.conclusion === check.conclusion && now.completedAt === check.completedAt;
}

async function commandOf(intent: ActIntent, issue: IssueFacts, order: EventOrder): Promise<CommandIntent> {
  const { actor, verb } = intent;
  const wish = { issue, marker: actMarker(intent.key), body: actBody(intent) };
  const commentId = await ensureComment(order.client, wish, order.config.self);
  const command = parseCommand(`/gump ${verb}`);
  if (!command) throw new Error(`there is no command ${verb}`);
  const commentedAt = intent.kind === 'tick' ? intent.at : await writtenAt(issue, commentId, order);
  return { kind: 'command', issue, actor, command, commentId, commentedAt };
}

/** A press has no time of its own: it counts from when it was first told. */
async function writtenAt({ owner, repo }: IssueFacts, commentId: number, { client }: EventOrder) {
  const { data } = await client.request(`GET ${commentPath}`, { owner, repo, comment_id: commentId });
  return data.created_at;
}

const commentPath = '/repos/{owner}/{repo}/issues/comments/{comment_id}';

async function issueOf(intent: ActIntent, { client }: EventOrder): Promise<IssueFacts | null> {
  return intent.kind === 'tick' ? intent.issue : await readIssue(client, intent);
}

type Tick = Extract<ActIntent, { kind: 'tick' }>;

/** Read anew: a run may have written into the comment meanwhile. */
async function clear(tick: Tick, { client }: EventOrder): Promise<void> {
  const { owner, repo } = tick.issue;
  const before = await statusBody(tick, client);
  if (before === null) return;
  const body = cleared(before);
  if (body !== before.replaceAll('\r\n', '\n'))
    await client.request(`PATCH ${commentPath}`, { owner, repo, comment_id: tick.commentId, body });
}

/** Null where somebody has deleted the comment. */
async function statusBody({ issue, commentId }: Tick, client: EventOrder['client']): Promise<string | null> {
  const { owner, repo } = issue;
  const found = await orGone(client.request(`GET ${commentPath}`, { owner, repo, comment_id: commentId }));
  return found && (found.data.body ?? '');
}
