/** Decides what a webhook asks of us. Pure: the event's name and payload in, an intent out, no network. */
import { parseCommand } from './commands/commands.ts';
import { type Intent, ignore, type TriggerConfig } from './intent.ts';
import { type Json, record, text } from './json-value.ts';
import { type Actor, actorOf, type IssueFacts, isOurLabel, issueOf, repositoryOf } from './payload.ts';
import { decideButton, decideTick } from './trigger-acts.ts';

/** One intent for one event; whatever is not understood is ignored with a sentence saying why. */
export function decideTrigger(
  eventName: string,
  payload: unknown,
  config: TriggerConfig,
  /** Of the delivery, the same when GitHub repeats it; null where the host is not told. */
  delivery: string | null = null,
): Intent {
  const event = record(payload);
  const action = text(event.action);
  if (record(event.repository).archived === true) return ignore('The repository is archived.');
  if (eventName === 'merge_group') return decideQueue(event, action);
  if (eventName === 'issues') return decideIssue(event, action);
  if (eventName === 'issue_comment') return decideComment(event, action, config);
  if (eventName === 'pull_request_review') return decideReview(event, action);
  if (eventName === 'check_run') return decideButton(event, { action, delivery }, config);
  return ignore(`The event ${eventName} starts nothing.`);
}

function decideIssue(event: Json, action: string): Intent {
  const issue = issueOf(event);
  if (!issue) return ignore('The event says nothing of an issue or its repository.');
  if (record(event.issue).state === 'closed') return ignore('The issue is closed.');
  const actor = actorOf(record(event.sender), null);
  if (action === 'labeled' || action === 'unlabeled') {
    const label = text(record(event.label).name);
    if (!isOurLabel(label)) return ignore('The label is not one of ours.');
    if (action === 'labeled')
      return propose({ ...issue, labels: [...new Set([label, ...issue.labels])] }, actor);
    const labels = issue.labels.filter((name) => name !== label);
    if (labels.length === 0) return ignore('The last label of ours was taken away.');
    return propose({ ...issue, labels }, actor);
  }
  if (action === 'edited') {
    if (issue.labels.length === 0) return ignore('The edited issue does not have our label.');
    const changes = record(event.changes);
    if (!('title' in changes) && !('body' in changes)) return ignore('Neither title nor body was edited.');
    return propose(issue, actor);
  }
  return ignore(`Nothing is done when an issue is ${action || 'changed'}.`);
}

function propose(issue: IssueFacts, actor: Actor): Intent {
  // An event of a label does not say which App acted, and a bot is known by its App alone.
  if (actor.isBot) return ignore('A bot changed the issue; a person labels it.');
  if (issue.isPullRequest) return ignore('The label stands on a pull request; specs are made from issues.');
  return { kind: 'propose', issue, actor };
}

function decideComment(event: Json, action: string, config: TriggerConfig): Intent {
  if (action === 'edited') return decideTick(event, config);
  if (action !== 'created') return ignore(`Nothing is done when a comment is ${action || 'changed'}.`);
  const issue = issueOf(event);
  if (!issue) return ignore('The event says nothing of an issue or its repository.');
  const comment = record(event.comment);
  const command = parseCommand(text(comment.body));
  if (!command) return ignore('The comment does not begin with a command.');
  const commentedAt = text(comment.created_at);
  if (text(comment.updated_at) > commentedAt) return ignore('An edited comment is not a command.');
  const actor = actorOf(record(comment.user), record(comment.performed_via_github_app).id);
  if (actor.isBot && (actor.appId === null || !config.allowedAppIds.includes(actor.appId))) {
    return ignore('The comment was written by a bot whose App is not in the configuration.');
  }
  if (!Number.isSafeInteger(comment.id)) return ignore('The event does not say which comment it is about.');
  return { kind: 'command', issue, actor, command, commentId: Number(comment.id), commentedAt };
}

/** @source docs.github.com: the group's branch is `gh-readonly-queue/<base>/pr-<number>-<sha>` (2026-11) */
function decideQueue(event: Json, action: string): Intent {
  if (action !== 'checks_requested') return ignore(`Nothing is done when a merge group is ${action}.`);
  const group = record(event.merge_group);
  const { owner, repo } = repositoryOf(event);
  const pull = Number(/\/pr-([1-9]\d{0,9})-[0-9a-f]+$/.exec(text(group.head_ref))?.[1]);
  const commit = text(group.head_sha);
  if (!owner || !repo || !pull || !/^[0-9a-f]{40,64}$/.test(commit))
    return ignore('The event does not say which pull request is queued.');
  return { kind: 'queue', queue: { owner, repo, commit, pull } };
}

/** Only what was submitted just now; the branch says whose pull request it is, and is asked for later. */
function decideReview(event: Json, action: string): Intent {
  if (action !== 'submitted') return ignore(`Nothing is done when a review is ${action || 'changed'}.`);
  const review = record(event.review);
  if (text(review.state) !== 'changes_requested') return ignore('The review requests no changes.');
  const pull = record(event.pull_request);
  const facts = issueOf({ ...event, issue: { ...pull, pull_request: {} } });
  const actor = actorOf(record(review.user), null);
  if (actor.isBot) return ignore('The review is a bot’s.');
  const { id, node_id: nodeId } = review;
  if (!facts || pull.state !== 'open' || !Number.isSafeInteger(id))
    return ignore('The event does not say which review of which open pull request it is about.');
  const submittedAt = text(review.submitted_at);
  return { kind: 'review', issue: facts, actor, reviewId: Number(id), nodeId: text(nodeId), submittedAt };
}
