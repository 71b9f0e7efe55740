/** What a verb is given, and the ends that most of them have: an answer, or a job that was started. */
import { limits } from '../../limits.ts';
import type { permissionReader } from '../access.ts';
import { ensureComment, type IssueComment } from '../api/own-comment.ts';
import { addReaction } from '../api/reactions.ts';
import { cutMiddle } from '../cut.ts';
import type { EventOrder, Outcome } from '../incoming.ts';
import type { Intent } from '../intent.ts';
import type { IssueFacts } from '../payload.ts';
import type { DispatchOrder } from '../runs/dispatch.ts';

export type CommandIntent = Extract<Intent, { kind: 'command' }>;

export interface Work extends EventOrder {
  readonly intent: CommandIntent;
  /** Whose run it is: where the comment stands, or the issue behind a pull request of ours. */
  readonly issue: IssueFacts;
  /** Our own account. */
  readonly selfId: number;
  readonly permissions: ReturnType<typeof permissionReader>;
  /** Those of `issue`, asked for once. */
  readonly comments: () => Promise<readonly IssueComment[]>;
}

/** Carries one verb out. Doing it again must change nothing. @throws what a request threw */
export type Obey = (work: Work) => Promise<Outcome>;

/** Answers where the command stands: once per command and purpose. */
export async function reply(work: Work, body: string, purpose = 'reply'): Promise<Outcome> {
  const { issue, commentId } = work.intent;
  const marker = replyMarker(purpose, commentId);
  const cut = cutMiddle(body, { charactersMax: limits.commentCharactersMax - marker.length - 1 });
  await ensureComment(work.client, { issue, marker, body: cut }, work.config.self);
  return { done: 'replied', detail: cut.split('\n', 1)[0] ?? '' };
}

export function replyMarker(purpose: string, commentId: number): string {
  return `<!-- gump:${purpose} ${commentId} -->`;
}

/** The fields of an order that are the same for every verb. */
type Said = Omit<DispatchOrder, 'owner' | 'repo' | 'ref' | 'issue' | 'since'>;

/** Starts the Action; its 🚀 stands when a job is known to have been started. */
export async function start(work: Work, said: Said): Promise<Outcome> {
  const { owner, repo, number, defaultBranch } = work.issue;
  const since = work.intent.commentedAt;
  const result = await work.dispatch({ ...said, owner, repo, ref: defaultBranch, issue: number, since });
  if (!result.started) return await reply(work, `Nothing was started. ${result.problem}`);
  if (result.behind !== null) await reply(work, `It waits: \`${result.behind}\` goes first.`, 'waits');
  await addReaction(work.client, work.intent, 'rocket');
  return { done: 'dispatched', detail: `${said.command} ${said.runId} of #${number}` };
}

/** The run that this command starts: the same comment always means the same run. */
export function runIdOf({ issue, intent }: Pick<Work, 'issue' | 'intent'>): string {
  return `issue-${issue.number}-${intent.commentId}`;
}
