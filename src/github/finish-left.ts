/** Without an App nobody is told again: what an earlier job has left of commands is finished behind the event of a later one. */
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { orGone } from './api/rest.ts';
import { carryOut, tellGivenUp } from './carry-out.ts';
import { parseCommand } from './commands/commands.ts';
import { type CommandLeft, commandsLeft } from './commands-left.ts';
import type { EventOrder } from './incoming.ts';
import { record } from './json-value.ts';
import { issueOf, repositoryOf } from './payload.ts';
import { decideTrigger } from './trigger.ts';
import type { CommandIntent } from './verbs/work.ts';

/**
 * Carries out commands of the event's repository that nobody has finished, as if they had just come: with the same lock, and the
 * permission asked for anew. Oldest first, so many at once. Never rejects: the next event looks again.
 */
export async function finishLeft(order: EventOrder): Promise<void> {
  const { client, config, log } = order;
  const nowMs = Date.now();
  const span = { since: nowMs - limits.leftBackMs, until: nowMs - config.takeoverAfterMs };
  try {
    const left = await commandsLeft(
      client,
      { ...repositoryOf(record(order.payload)), self: config.self },
      span,
    );
    for (const one of left.toReversed().slice(0, limits.leftAtOnceMax)) await finish(one, order);
  } catch (error) {
    log(`Nobody looked for commands that were left: ${explain(error)}`);
  }
}

async function finish(left: CommandLeft, order: EventOrder): Promise<void> {
  const late = { ...order, isLate: true };
  const intent = await intentOf(left, order);
  if (intent === null) return;
  try {
    const { done, detail } = await carryOut(intent, late);
    order.log(`left behind, and ${done} now: ${detail}`);
  } catch (error) {
    order.log(`A command that was left was not finished: ${explain(error)}`);
    if (error instanceof GumpError && !error.retryable) await tellGivenUp(intent, late, error);
  }
}

/** As it stands now; null where it is none any more. */
async function intentOf(left: CommandLeft, order: EventOrder): Promise<CommandIntent | null> {
  const { client, config, payload } = order;
  const { commentId, act } = left;
  const { repository } = record(payload);
  const issue = await issueAsTold(left, order);
  if (issue === null) return null;
  const path = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
  const comment = await orGone(
    client.request(path, { ...repositoryOf(record(payload)), comment_id: commentId }),
  );
  if (comment === null) return null;
  if (act === null) {
    const told = { action: 'created', issue, comment: comment.data, repository };
    const intent = decideTrigger('issue_comment', told, config);
    return intent.kind === 'command' ? intent : null;
  }
  const facts = issueOf({ issue, repository });
  const command = parseCommand(`/gump ${act.verb}`);
  const commentedAt = act.tickedAt ?? left.createdAt;
  return (
    facts && command && { kind: 'command', issue: facts, actor: act.actor, command, commentId, commentedAt }
  );
}

/** The issue as an event tells it; null where it is gone, or was moved. */
async function issueAsTold({ issue }: CommandLeft, { client, payload }: EventOrder): Promise<object | null> {
  const { owner, repo } = repositoryOf(record(payload));
  const path = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  const found = await orGone(client.request(path, { owner, repo, issue_number: issue }));
  const home = `/repos/${owner}/${repo}`.toLowerCase();
  const isHere = found?.data.number === issue && found.data.repository_url.toLowerCase().endsWith(home);
  return isHere ? found.data : null;
}
