/** What a webhook's payload says, read as data of unknown shape: whatever is missing or of another kind is empty. Pure. */
import type { RepoName } from './api/rest.ts';
import { isSettingLabel } from './commands/choices.ts';
import { isWorkflowName } from './commands/names.ts';
import { type Json, record, text } from './json-value.ts';

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
  /** When the event happened; ISO 8601, UTC, whole seconds. */
  readonly updatedAt: string;
  readonly url: string;
  readonly isPullRequest: boolean;
  /** Its labels that are ours: `gump`, `gump:<workflow>`, `gump:<setting>=<value>`. */
  readonly labels: readonly string[];
}

/** `gump`, `gump:<workflow>` and `gump:<setting>=<value>`; a name that cannot be a workflow's is not our label. */
export function isOurLabel(name: string): boolean {
  if (name.toLowerCase() === 'gump' || isSettingLabel(name)) return true;
  return isWorkflowName(/^gump:(.+)$/i.exec(name)?.[1]?.trim() ?? '');
}

/** Both empty where the event does not say where it happened. */
export function repositoryOf(event: Json): RepoName {
  const repository = record(event.repository);
  return { owner: text(record(repository.owner).login), repo: text(repository.name) };
}

/** Null where the event does not say which issue of which repository it is about. */
export function issueOf(event: Json): IssueFacts | null {
  const issue = record(event.issue);
  const { owner, repo } = repositoryOf(event);
  if (!owner || !repo || !Number.isSafeInteger(issue.number)) return null;
  return {
    owner,
    repo,
    defaultBranch: text(record(event.repository).default_branch) || 'main',
    number: Number(issue.number),
    title: text(issue.title),
    body: text(issue.body),
    author: text(record(issue.user).login),
    createdAt: text(issue.created_at),
    updatedAt: text(issue.updated_at),
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
export function actorOf(user: Json, appId: unknown): Actor {
  const isBot = user.type !== 'User';
  return {
    login: text(user.login),
    id: typeof user.id === 'number' ? user.id : 0,
    appId: isBot && typeof appId === 'number' ? appId : null,
    isBot,
  };
}
