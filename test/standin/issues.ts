import { appJson } from './apps.ts';
import { demandRole, may } from './auth.ts';
import { ensureLabel, labelJson } from './labels.ts';
import { pullJson } from './pulls-json.ts';
import { reactionSummary } from './reactions.ts';
import type { Issue, Label, Repository, User } from './records.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { nextId, nodeId, now } from './state.ts';
import { findUser, userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

/** GitHub's `issue`; a pull request is one too and carries a `pull_request` part. */
export function issueJson(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/issues/${issue.number}`;
  const app = issue.app_id === null ? undefined : world.state.apps.get(issue.app_id);
  const comments = [...repository.comments.values()].filter(
    (comment) => comment.issue_number === issue.number,
  );
  return {
    id: issue.id,
    node_id: issue.node_id,
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: issueHtmlUrl(world, repository, issue),
    number: issue.number,
    state: issue.state,
    state_reason: issue.state_reason,
    title: issue.title,
    body: issue.body,
    user: userJson(world, issue.user),
    labels: issue.labels.map((label) => labelJson(world, repository, label)),
    assignee: issue.assignees[0] ? userJson(world, issue.assignees[0]) : null,
    assignees: issue.assignees.map((user) => userJson(world, user)),
    milestone: null,
    locked: issue.locked,
    active_lock_reason: null,
    comments: comments.length,
    closed_at: issue.closed_at,
    closed_by: issue.closed_by ? userJson(world, issue.closed_by) : null,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    author_association: association(repository, issue.user),
    performed_via_github_app: app ? appJson(world, app) : null,
    reactions: reactionSummary(repository, { kind: 'issue', id: issue.id }, `${url}/reactions`),
    ...(issue.is_pull_request
      ? {
          pull_request: pullRequestLinks(world, repository, issue),
          draft: repository.pulls.get(issue.number)?.draft ?? false,
        }
      : {}),
  };
}

function pullRequestLinks(world: World, repository: Repository, issue: Issue): Record<string, unknown> {
  const html = issueHtmlUrl(world, repository, issue);
  return {
    url: `${repositoryApiUrl(world, repository)}/pulls/${issue.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: repository.pulls.get(issue.number)?.merged_at ?? null,
  };
}

export function issueHtmlUrl(world: World, repository: Repository, issue: Issue): string {
  return `${repositoryHtmlUrl(world, repository)}/${issue.is_pull_request ? 'pull' : 'issues'}/${issue.number}`;
}

/** How the person stands to the repository, as far as the stand-in knows. */
export function association(repository: Repository, user: User): string {
  if (repository.owner.login === user.login) return 'OWNER';
  return repository.roles.has(user.login.toLowerCase()) && user.type === 'User' ? 'COLLABORATOR' : 'NONE';
}

export interface NewIssue {
  readonly title: string;
  readonly body: string | null;
  readonly user: User;
  readonly appId: number | null;
  readonly isPullRequest: boolean;
}

/** Issues and pull requests share one row of numbers. */
export function addIssue(world: World, repository: Repository, from: NewIssue): Issue {
  const id = nextId(world.state, 'issue');
  const at = now();
  const issue: Issue = {
    id,
    node_id: nodeId(from.isPullRequest ? 'PR' : 'I', id),
    number: repository.issues.size + 1,
    title: from.title,
    body: from.body,
    user: from.user,
    app_id: from.appId,
    is_pull_request: from.isPullRequest,
    state: 'open',
    state_reason: null,
    labels: [],
    assignees: [],
    locked: false,
    created_at: at,
    updated_at: at,
    closed_at: null,
    closed_by: null,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

/** The issue that the call names. @throws Refusal 404; 403 for a pull request that the token may not write. */
export function issueOf(call: RepositoryCall, level: 'read' | 'write' = 'read'): Issue {
  const { repository, actor, values } = call;
  const issue = repository.issues.get(Number(values.issue_number));
  if (!issue) throw notFound();
  demandIssueRight(call, issue, level);
  if (level === 'write' && issue.locked && actor.kind === 'anonymous')
    throw new Refusal(403, 'Issue is locked');
  return issue;
}

/** Comments and labels of a pull request need `issues` or `pull_requests`, those of an issue `issues`. */
export function demandIssueRight(
  { actor, repository }: RepositoryCall,
  issue: Issue,
  level: 'read' | 'write',
): void {
  const names = issue.is_pull_request ? ['issues', 'pull_requests'] : ['issues'];
  if (!names.some((name) => may(actor, repository, name, level))) {
    throw new Refusal(
      403,
      `Resource not accessible by ${actor.kind === 'user' ? 'personal access token' : 'integration'}`,
    );
  }
}

export type IssueContext = Pick<RepositoryCall, 'world' | 'repository' | 'actor'>;

/** Tells the world that something happened to an issue (or to the pull request that it is). */
export function emitIssue(
  call: IssueContext,
  issue: Issue,
  action: string,
  more: Record<string, unknown> = {},
): void {
  const { world, repository, actor } = call;
  const pull = repository.pulls.get(issue.number);
  const payload = pull
    ? { number: issue.number, pull_request: pullJson(world, repository, pull), ...more }
    : { issue: issueJson(world, repository, issue), ...more };
  emit(world, { repository, actor, event: pull ? 'pull_request' : 'issues', action, payload });
}

/** What may be changed on issues and pull requests alike; labels and assignees included. */
export function changeIssue(call: RepositoryCall, issue: Issue): void {
  const { body, actor, repository } = call;
  if (actor.kind === 'user' && issue.user.login !== actor.user.login) demandRole(actor, repository, 'triage');
  const changes: Record<string, unknown> = {};
  if (typeof body.title === 'string' && body.title !== issue.title) {
    changes.title = { from: issue.title };
    issue.title = body.title;
  }
  if (body.body !== undefined && body.body !== issue.body) {
    changes.body = { from: issue.body };
    issue.body = body.body as string | null;
  }
  issue.updated_at = now();
  if (Object.keys(changes).length > 0) emitIssue(call, issue, 'edited', { changes });
  if (body.labels !== undefined) setLabels(call, issue, labelNames(body.labels));
  if (body.state !== undefined && body.state !== issue.state) changeState(call, issue);
}

function changeState(call: RepositoryCall, issue: Issue): void {
  const { body, actor } = call;
  const isClosed = body.state === 'closed';
  issue.state = isClosed ? 'closed' : 'open';
  const reason = text(body.state_reason) || (isClosed ? 'completed' : 'reopened');
  issue.state_reason = issue.is_pull_request ? null : (reason as Issue['state_reason']);
  issue.closed_at = isClosed ? now() : null;
  issue.closed_by = isClosed ? actor.user : null;
  emitIssue(call, issue, isClosed ? 'closed' : 'reopened');
}

export function labelNames(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((entry) => {
    const name = typeof entry === 'string' ? entry : text((entry as { name?: unknown } | null)?.name);
    return name === '' ? [] : [name];
  });
}

/** Makes the labels exactly these and tells of every one that came or went. */
export function setLabels(call: RepositoryCall, issue: Issue, names: readonly string[]): void {
  demandRole(call.actor, call.repository, 'triage');
  const wanted = [
    ...new Map(
      names.map((name) => [name.toLowerCase(), ensureLabel(call.world, call.repository, name)]),
    ).values(),
  ];
  const had = issue.labels;
  const same = (label: Label) => (other: Label) => other.id === label.id;
  issue.labels = wanted;
  issue.updated_at = now();
  const tell = (label: Label, action: string): void =>
    emitIssue(call, issue, action, { label: labelJson(call.world, call.repository, label) });
  for (const label of wanted.filter((entry) => !had.some(same(entry)))) tell(label, 'labeled');
  for (const label of had.filter((entry) => !wanted.some(same(entry)))) tell(label, 'unlabeled');
}

function listIssues(call: RepositoryCall): Answer {
  const { world, repository, values } = call;
  const state = text(values.state) || 'open';
  const labels = text(values.labels)
    .split(',')
    .filter((name) => name !== '');
  const since = Date.parse(text(values.since)) || 0;
  const found = [...repository.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) =>
      labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
    )
    .filter((issue) => Date.parse(issue.updated_at) >= since)
    .filter((issue) => !values.creator || issue.user.login === values.creator)
    .sort((left, right) => right.number - left.number);
  const ordered = values.direction === 'asc' ? found.toReversed() : found;
  return page(
    call,
    ordered.map((issue) => issueJson(world, repository, issue)),
  );
}

function createIssue(call: RepositoryCall): Answer {
  const { world, repository, actor, body } = call;
  const title = String(body.title ?? '').trim();
  if (title === '') throw invalid([{ resource: 'Issue', field: 'title', code: 'missing_field' }]);
  const issue = addIssue(world, repository, {
    title,
    body: (body.body as string | null | undefined) ?? null,
    user: actor.user,
    appId: actor.app?.id ?? null,
    isPullRequest: false,
  });
  const names = (body.assignees as readonly string[] | undefined) ?? [];
  issue.assignees = names.flatMap((name) => findUser(world.state, name) ?? []);
  emitIssue(call, issue, 'opened');
  // GitHub drops labels silently when the author may not set them.
  if (body.labels !== undefined && may(actor, repository, 'contents', 'write'))
    setLabels(call, issue, labelNames(body.labels));
  return ok(issueJson(world, repository, issue), 201);
}

const READ = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;
const WRITE = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;

export const issueRoutes: readonly Route[] = [
  route('GET', `${R}/issues`, [['issues', 'read']], listIssues),
  route('POST', `${R}/issues`, [['issues', 'write']], createIssue),
  route('GET', `${R}/issues/{issue_number}`, READ, (call) =>
    ok(issueJson(call.world, call.repository, issueOf(call))),
  ),
  route('PATCH', `${R}/issues/{issue_number}`, WRITE, (call) => {
    const issue = issueOf(call, 'write');
    changeIssue(call, issue);
    return ok(issueJson(call.world, call.repository, issue));
  }),
];
