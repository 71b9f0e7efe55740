/** Decides what a webhook asks of us. Pure: the event's name and payload in, an intent out, no network. */

import { isOwn, type Self } from './api/own-comment.ts';
import type { RepoName } from './api/rest.ts';
import { tickedVerb } from './commands/boxes.ts';
import { verbOfButton } from './commands/buttons.ts';
import { isSettingLabel } from './commands/choices.ts';
import { type Command, parseCommand } from './commands/commands.ts';
import type { Verb } from './commands/grammar.ts';
import { isWorkflowName } from './commands/names.ts';
import { statusMarker } from './markers.ts';

export interface TriggerConfig {
  /** Ids of the Apps whose bots may command; our own is never among them. */
  readonly allowedAppIds: readonly number[];
  /** Whose comments and checks are ours. */
  readonly self: Self;
}

/** Who caused the event. */
export interface Actor {
  readonly login: string;
  readonly id: number;
  /** The App that acted, for a bot; null for people. */
  readonly appId: number | null;
  readonly isBot: boolean;
}

export interface IssueFacts {
  readonly owner: string;
  readonly repo: string;
  readonly defaultBranch: string;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly url: string;
  readonly isPullRequest: boolean;
  /** Its labels that are ours: `gump`, `gump:<workflow>`, `gump:<setting>=<value>`. */
  readonly labels: readonly string[];
}

export type Intent =
  | { readonly kind: 'ignore'; readonly reason: string }
  /** Make or refresh the spec. */
  | { readonly kind: 'propose'; readonly issue: IssueFacts; readonly actor: Actor }
  | {
      readonly kind: 'command';
      readonly issue: IssueFacts;
      readonly actor: Actor;
      readonly command: Command;
      readonly commentId: number;
      /** ISO 8601, UTC, whole seconds. */
      readonly commentedAt: string;
    }
  /** A box of ours was ticked. */
  | (Act & {
      readonly kind: 'tick';
      readonly issue: IssueFacts;
      readonly commentId: number;
      readonly at: string;
    })
  /** A button of a check of ours was pressed; `number` is that of the issue. */
  | (Act & RepoName & { readonly kind: 'press'; readonly number: number; readonly defaultBranch: string })
  /** A person requests changes on a pull request. */
  | {
      readonly kind: 'review';
      /** The pull request, as an issue. */
      readonly issue: IssueFacts;
      readonly actor: Actor;
      readonly reviewId: number;
      /** For GraphQL. */
      readonly nodeId: string;
      /** ISO 8601, UTC, whole seconds. */
      readonly submittedAt: string;
    }
  /** A merge queue asks for the checks that a branch requires. */
  | { readonly kind: 'queue'; readonly queue: QueueFacts };

export interface QueueFacts {
  readonly owner: string;
  readonly repo: string;
  /** The commit that the queue has made to be tried. */
  readonly commit: string;
  /** The last pull request of the group. */
  readonly pull: number;
}

/** What somebody did instead of writing a command. */
interface Act {
  readonly actor: Actor;
  readonly verb: Verb;
  /** The same however often GitHub tells of it. */
  readonly key: string;
}

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

function decideIssue(event: Fields, action: string): Intent {
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

function decideComment(event: Fields, action: string, config: TriggerConfig): Intent {
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

/** The one edit that is a command: a box in the status comment, by a person. */
function decideTick(event: Fields, { self }: TriggerConfig): Intent {
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
function decideButton(
  event: Fields,
  { action, delivery }: { readonly action: string; readonly delivery: string | null },
  { self }: TriggerConfig,
): Intent {
  if (action !== 'requested_action') return ignore(`Nothing is done when a check is ${action || 'changed'}.`);
  const check = record(event.check_run);
  const verb = verbOfButton(text(record(event.requested_action).identifier));
  const number = Number(/^issue-([1-9]\d{0,9})-\d+/.exec(text(check.external_id))?.[1]);
  const repository = record(event.repository);
  const [owner, repo] = [text(record(repository.owner).login), text(repository.name)];
  if (!verb || !number || !owner || !repo) return ignore('The button is none of ours.');
  if (!self.appIds.includes(Number(record(check.app).id))) return ignore('The check is not ours.');
  const actor = actorOf(record(event.sender), null);
  if (actor.isBot) return ignore('The button was pressed by a bot.');
  // The event has no time of its own. Without a delivery, one press counts in each state of the check.
  const state = `${text(check.started_at)} ${text(check.completed_at)}`;
  const key = `${Number(check.id)} ${(delivery ?? state).replace(/[^\w:-]/g, '')} ${verb}`;
  const defaultBranch = text(repository.default_branch) || 'main';
  return { kind: 'press', owner, repo, number, defaultBranch, actor, verb, key };
}

/** @source docs.github.com: the group's branch is `gh-readonly-queue/<base>/pr-<number>-<sha>` (2026-11) */
function decideQueue(event: Fields, action: string): Intent {
  if (action !== 'checks_requested') return ignore(`Nothing is done when a merge group is ${action}.`);
  const group = record(event.merge_group);
  const repository = record(event.repository);
  const [owner, repo] = [text(record(repository.owner).login), text(repository.name)];
  const pull = Number(/\/pr-([1-9]\d{0,9})-[0-9a-f]+$/.exec(text(group.head_ref))?.[1]);
  const commit = text(group.head_sha);
  if (!owner || !repo || !pull || !/^[0-9a-f]{40,64}$/.test(commit))
    return ignore('The event does not say which pull request is queued.');
  return { kind: 'queue', queue: { owner, repo, commit, pull } };
}

/** Only what was submitted just now; the branch says whose pull request it is, and is asked for later. */
function decideReview(event: Fields, action: string): Intent {
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

/** `gump`, `gump:<workflow>` and `gump:<setting>=<value>`; a name that cannot be a workflow's is not our label. */
export function isOurLabel(name: string): boolean {
  if (name.toLowerCase() === 'gump' || isSettingLabel(name)) return true;
  return isWorkflowName(/^gump:(.+)$/i.exec(name)?.[1]?.trim() ?? '');
}

function issueOf(event: Fields): IssueFacts | null {
  const issue = record(event.issue);
  const repository = record(event.repository);
  const owner = text(record(repository.owner).login);
  const repo = text(repository.name);
  if (!owner || !repo || !Number.isSafeInteger(issue.number)) return null;
  return {
    owner,
    repo,
    defaultBranch: text(repository.default_branch) || 'main',
    number: Number(issue.number),
    title: text(issue.title),
    body: text(issue.body),
    author: text(record(issue.user).login),
    createdAt: text(issue.created_at),
    url: text(issue.html_url),
    isPullRequest: 'pull_request' in issue,
    labels: ourLabels(issue.labels),
  };
}

/** The names of ours among an issue's labels, in their order. */
export function ourLabels(labels: unknown): readonly string[] {
  const names = (Array.isArray(labels) ? labels : []).map((label) => text(record(label).name));
  return names.filter(isOurLabel);
}

/** A bot by its account's type, never by its name; its App by id alone. */
function actorOf(user: Fields, appId: unknown): Actor {
  const isBot = user.type !== 'User';
  return {
    login: text(user.login),
    id: typeof user.id === 'number' ? user.id : 0,
    appId: isBot && typeof appId === 'number' ? appId : null,
    isBot,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function ignore(reason: string): Intent {
  return { kind: 'ignore', reason };
}
