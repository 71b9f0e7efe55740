import { appJson } from './apps.ts';
import { forbidden, roleAtLeast, roleOf } from './auth.ts';
import { association, demandIssueRight, issueHtmlUrl, issueJson, issueOf } from './issues.ts';
import { reactionSummary } from './reactions.ts';
import type { IssueComment, Repository } from './records.ts';
import { invalid, notFound } from './refusal.ts';
import { repositoryApiUrl } from './repos.ts';
import {
  type Answer,
  NO_CONTENT,
  ok,
  page,
  R,
  type RepositoryCall,
  type Route,
  route,
  text,
} from './router.ts';
import { nextId, nodeId, now } from './state.ts';
import { userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

/** Characters; more is refused. @source GitHub's own message (2026-11) */
export const BODY_CHARACTERS_MAX = 65_536;

/** GitHub's `issue-comment`. */
export function commentJson(
  world: World,
  repository: Repository,
  comment: IssueComment,
): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const issue = repository.issues.get(comment.issue_number);
  const app = comment.app_id === null ? undefined : world.state.apps.get(comment.app_id);
  return {
    id: comment.id,
    node_id: comment.node_id,
    url,
    html_url: `${issue ? issueHtmlUrl(world, repository, issue) : ''}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issue_number}`,
    body: comment.body,
    user: userJson(world, comment.user),
    created_at: comment.created_at,
    updated_at: comment.updated_at,
    author_association: association(repository, comment.user),
    performed_via_github_app: app ? appJson(world, app) : null,
    reactions: reactionSummary(repository, { kind: 'comment', id: comment.id }, `${url}/reactions`),
  };
}

/** @throws Refusal 422 for an empty or too long text. */
export function checkedBody(value: unknown, resource: string): string {
  const body = text(value);
  if (body.trim() === '') throw invalid([{ resource, field: 'body', code: 'missing_field' }]);
  if (body.length > BODY_CHARACTERS_MAX) {
    const message = `body is too long (maximum is ${BODY_CHARACTERS_MAX} characters)`;
    throw invalid([{ resource, field: 'body', code: 'custom', message }]);
  }
  return body;
}

function createComment(call: RepositoryCall): Answer {
  const { world, repository, actor } = call;
  const issue = issueOf(call, 'write');
  const body = checkedBody(call.body.body, 'IssueComment');
  const id = nextId(world.state, 'comment');
  const at = now();
  const comment: IssueComment = {
    id,
    node_id: nodeId('IC', id),
    issue_number: issue.number,
    user: actor.user,
    app_id: actor.app?.id ?? null,
    body,
    created_at: at,
    updated_at: at,
  };
  repository.comments.set(id, comment);
  issue.updated_at = at;
  emitComment(call, comment, 'created');
  return ok(commentJson(world, repository, comment), 201);
}

/** The comment that the call names; writing needs the right on its issue and to be its author or a maintainer. */
export function commentOf(call: RepositoryCall, level: 'read' | 'write' = 'read'): IssueComment {
  const comment = call.repository.comments.get(Number(call.values.comment_id));
  const issue = comment && call.repository.issues.get(comment.issue_number);
  if (!comment || !issue) throw notFound();
  demandIssueRight(call, issue, level);
  return comment;
}

function demandAuthor({ actor, repository }: RepositoryCall, comment: IssueComment): void {
  if (comment.user.login === actor.user.login || actor.kind !== 'user') return;
  if (!roleAtLeast(roleOf(repository, actor.user.login), 'write')) throw forbidden(actor);
}

function changeComment(call: RepositoryCall): Answer {
  const comment = commentOf(call, 'write');
  demandAuthor(call, comment);
  const body = checkedBody(call.body.body, 'IssueComment');
  const changes = { body: { from: comment.body } };
  const isChanged = body !== comment.body;
  comment.body = body;
  comment.updated_at = now();
  if (isChanged) emitComment(call, comment, 'edited', { changes });
  return ok(commentJson(call.world, call.repository, comment));
}

function deleteComment(call: RepositoryCall): Answer {
  const comment = commentOf(call, 'write');
  demandAuthor(call, comment);
  call.repository.comments.delete(comment.id);
  emitComment(call, comment, 'deleted');
  return NO_CONTENT;
}

function emitComment(
  call: RepositoryCall,
  comment: IssueComment,
  action: string,
  more: Record<string, unknown> = {},
): void {
  const { world, repository, actor } = call;
  const issue = repository.issues.get(comment.issue_number);
  if (!issue) return;
  const shown = {
    issue: issueJson(world, repository, issue),
    comment: commentJson(world, repository, comment),
  };
  emit(world, { repository, actor, event: 'issue_comment', action, payload: { ...shown, ...more } });
}

function listComments(call: RepositoryCall, comments: readonly IssueComment[]): Answer {
  const since = Date.parse(text(call.values.since)) || 0;
  const found = comments.filter((comment) => Date.parse(comment.updated_at) >= since);
  const ordered = call.values.direction === 'desc' ? found.toReversed() : found;
  return page(
    call,
    ordered.map((comment) => commentJson(call.world, call.repository, comment)),
  );
}

const READ = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;
const WRITE = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;

export const commentRoutes: readonly Route[] = [
  route('GET', `${R}/issues/{issue_number}/comments`, READ, (call) => {
    const { number } = issueOf(call);
    return listComments(
      call,
      [...call.repository.comments.values()].filter((comment) => comment.issue_number === number),
    );
  }),
  route('POST', `${R}/issues/{issue_number}/comments`, WRITE, createComment),
  route('GET', `${R}/issues/comments`, READ, (call) =>
    listComments(call, [...call.repository.comments.values()]),
  ),
  route('GET', `${R}/issues/comments/{comment_id}`, READ, (call) =>
    ok(commentJson(call.world, call.repository, commentOf(call))),
  ),
  route('PATCH', `${R}/issues/comments/{comment_id}`, WRITE, changeComment),
  route('DELETE', `${R}/issues/comments/{comment_id}`, WRITE, deleteComment),
];
