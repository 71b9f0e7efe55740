/**
 * A box that was ticked, or a button that was pressed: it becomes a comment of ours that says so, and that comment is carried
 * out like a command, with the same lock. A second delivery finds the comment.
 */
import { permissionReader, refusal } from './access.ts';
import { ensureComment } from './api/own-comment.ts';
import { carryOut } from './carry-out.ts';
import { cleared } from './commands/boxes.ts';
import { parseCommand } from './commands/commands.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Intent } from './intent.ts';
import { readIssue } from './issue-behind.ts';
import type { IssueFacts } from './payload.ts';
import { refuse } from './refuse.ts';
import type { CommandIntent } from './verbs/work.ts';

export type ActIntent = Extract<Intent, { kind: 'tick' | 'press' }>;

/** @throws what a request threw; handling the event again then finishes it. */
export async function carryOutAct(intent: ActIntent, order: EventOrder): Promise<Outcome> {
  const { client } = order;
  const { actor } = intent;
  const issue = await issueOf(intent, order);
  if (issue === null) return { done: 'ignored', detail: 'The issue is not there.' };
  const refused = await refusal(actor, 'command', permissionReader(client, issue));
  if (intent.kind === 'tick') await clear(intent, order);
  if (refused) return await refuse(order, { issue, actor, sentence: refused });
  return await carryOut(await commandOf(intent, issue, order), order);
}

/** The command that stands for it; null where its issue is gone. */
export async function actAsCommand(intent: ActIntent, order: EventOrder): Promise<CommandIntent | null> {
  const issue = await issueOf(intent, order);
  return issue ? await commandOf(intent, issue, order) : null;
}

async function commandOf(intent: ActIntent, issue: IssueFacts, order: EventOrder): Promise<CommandIntent> {
  const { actor, verb, key } = intent;
  const how = intent.kind === 'tick' ? 'ticked a box' : 'pressed a button';
  const marker = `<!-- gump:act ${key} -->`;
  const body = `\`${actor.login}\` ${how}: \`/gump ${verb}\``;
  const commentId = await ensureComment(order.client, { issue, marker, body }, order.config.self);
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

/** Read anew: a run may have written into the comment meanwhile. */
async function clear({ issue, commentId }: Extract<ActIntent, { kind: 'tick' }>, { client }: EventOrder) {
  const { owner, repo } = issue;
  const { data } = await client.request(`GET ${commentPath}`, { owner, repo, comment_id: commentId });
  const before = data.body ?? '';
  const body = cleared(before);
  if (body !== before.replaceAll('\r\n', '\n'))
    await client.request(`PATCH ${commentPath}`, { owner, repo, comment_id: commentId, body });
}
