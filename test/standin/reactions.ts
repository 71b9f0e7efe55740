import { forbidden } from './auth.ts';
import { commentOf } from './comments.ts';
import { issueOf } from './issues.ts';
import type { Reaction, Repository } from './records.ts';
import { notFound } from './refusal.ts';
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

const CONTENTS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;
type Subject = Reaction['subject'];

/** GitHub's `reaction-rollup`. */
export function reactionSummary(
  repository: Repository,
  subject: Subject,
  url: string,
): Record<string, unknown> {
  const all = reactionsOn(repository, subject);
  const counts = CONTENTS.map((content) => [
    content,
    all.filter((reaction) => reaction.content === content).length,
  ]);
  return { url, total_count: all.length, ...Object.fromEntries(counts) };
}

function reactionsOn(repository: Repository, subject: Subject): Reaction[] {
  return [...repository.reactions.values()].filter(
    (reaction) => reaction.subject.kind === subject.kind && reaction.subject.id === subject.id,
  );
}

function reactionJson(call: RepositoryCall, reaction: Reaction): Record<string, unknown> {
  const { subject: _, ...rest } = reaction;
  return { ...rest, user: userJson(call.world, reaction.user) };
}

function list(call: RepositoryCall, subject: Subject): Answer {
  const wanted = text(call.values.content);
  const found = reactionsOn(call.repository, subject).filter(
    ({ content }) => wanted === '' || content === wanted,
  );
  return page(
    call,
    found.map((reaction) => reactionJson(call, reaction)),
  );
}

/** 201 for a new reaction, 200 when this account had given the same before. */
function create(call: RepositoryCall, subject: Subject): Answer {
  const { reaction, isNew } = react(call, subject, text(call.body.content));
  return ok(reactionJson(call, reaction), isNew ? 201 : 200);
}

/** One of a kind for each account. */
export function react(
  { world, repository, actor }: Pick<RepositoryCall, 'world' | 'repository' | 'actor'>,
  subject: Subject,
  content: string,
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const before = reactionsOn(repository, subject).find(
    (reaction) => reaction.content === content && reaction.user.login === actor.user.login,
  );
  if (before) return { reaction: before, isNew: false };
  const id = nextId(world.state, 'reaction');
  const at = { node_id: nodeId('REA', id), created_at: now() };
  const reaction: Reaction = { id, ...at, user: actor.user, content, subject };
  repository.reactions.set(id, reaction);
  return { reaction, isNew: true };
}

function remove(call: RepositoryCall, subject: Subject): Answer {
  const found = reactionsOn(call.repository, subject).find(({ id }) => id === call.values.reaction_id);
  if (!found) throw notFound();
  if (found.user.login !== call.actor.user.login) throw forbidden(call.actor);
  call.repository.reactions.delete(found.id);
  return NO_CONTENT;
}

const READ = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;
const WRITE = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;
const issueSubject = (call: RepositoryCall, level: 'read' | 'write'): Subject => ({
  kind: 'issue',
  id: issueOf(call, level).id,
});
const commentSubject = (call: RepositoryCall, level: 'read' | 'write'): Subject => ({
  kind: 'comment',
  id: commentOf(call, level).id,
});

export const reactionRoutes: readonly Route[] = [
  [`${R}/issues/{issue_number}/reactions`, issueSubject] as const,
  [`${R}/issues/comments/{comment_id}/reactions`, commentSubject] as const,
].flatMap(([path, subject]) => [
  route('GET', path, READ, (call) => list(call, subject(call, 'read'))),
  route('POST', path, WRITE, (call) => create(call, subject(call, 'write'))),
  route('DELETE', `${path}/{reaction_id}`, WRITE, (call) => remove(call, subject(call, 'write'))),
]);
