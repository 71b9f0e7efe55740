/** What somebody does instead of writing a command: a box that is ticked, a button that is pressed. Pure. */
import { isOwn } from './api/own-comment.ts';
import { tickedVerb } from './commands/boxes.ts';
import { checkFacts, verbOfButton } from './commands/buttons.ts';
import { type Intent, ignore, type TriggerConfig } from './intent.ts';
import { type Json, record, text } from './json-value.ts';
import { statusMarker } from './markers.ts';
import { actorOf, issueOf, repositoryOf } from './payload.ts';

/** The one edit that is a command: a box in the status comment, by a person. */
export function decideTick(event: Json, { self }: TriggerConfig): Intent {
  const issue = issueOf(event);
  const comment = record(event.comment);
  const body = text(comment.body);
  const verb = tickedVerb(text(record(record(event.changes).body).from), body);
  if (!issue || !verb) return ignore('An edited comment is not a command.');
  const { isBot, id: userId } = actorOf(record(comment.user), null);
  const appId = record(comment.performed_via_github_app).id;
  const writer = { isBot, userId, appId: typeof appId === 'number' ? appId : null };
  const marker = statusMarker(issue.isPullRequest ? 'pull' : 'issue', issue.number);
  if (!isOwn(writer, self) || body.split(/\r?\n/, 1)[0] !== marker)
    return ignore('The box is not in the status comment of this issue.');
  const actor = actorOf(record(event.sender), null);
  if (actor.isBot) return ignore('The comment was edited by a bot.');
  if (!Number.isSafeInteger(comment.id)) return ignore('The event does not say which comment it is about.');
  const [commentId, at] = [Number(comment.id), text(comment.updated_at)];
  return { kind: 'tick', issue, actor, verb, commentId, at, key: `${commentId} ${at} ${verb}` };
}

/** GitHub tells of a button to the App that made the check, and to nobody else. */
export function decideButton(
  event: Json,
  { action, delivery }: { readonly action: string; readonly delivery: string | null },
  { self }: TriggerConfig,
): Intent {
  if (action !== 'requested_action') return ignore(`Nothing is done when a check is ${action || 'changed'}.`);
  const check = record(event.check_run);
  const verb = verbOfButton(text(record(event.requested_action).identifier));
  const number = Number(/^issue-([1-9]\d{0,9})-\d+/.exec(text(check.external_id))?.[1]);
  const { owner, repo } = repositoryOf(event);
  if (!verb || !number || !owner || !repo) return ignore('The button is none of ours.');
  if (!self.appIds.includes(Number(record(check.app).id))) return ignore('The check is not ours.');
  const actor = actorOf(record(event.sender), null);
  if (actor.isBot) return ignore('The button was pressed by a bot.');
  // The event has no time of its own. Without a delivery, one press counts in each state of the check.
  const state = `${text(check.started_at)} ${text(check.completed_at)}`;
  const key = `${Number(check.id)} ${(delivery ?? state).replace(/[^\w:-]/g, '')} ${verb}`;
  const defaultBranch = text(record(event.repository).default_branch) || 'main';
  return { kind: 'press', owner, repo, number, defaultBranch, actor, verb, key, check: checkFacts(check) };
}
